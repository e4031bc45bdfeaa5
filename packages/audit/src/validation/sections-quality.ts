import { required } from '@basketwise/core';
import { type Columns, html, type Part, type Table, tableOf, unknownFigure } from '@basketwise/page';
import { type Estimate, intervalChart } from '@basketwise/page/charts';
import type { RateInterval } from '@basketwise/recommend';
import { calibrationLimit, calibrationVerdict, groupsBeyond, isKnown } from './calibration-verdict.ts';
import type { ValidationFile } from './validation-file.ts';
import { gapWords, intervalWords, labelWords, testedWords } from './validation-text.ts';

/** Numbers of a ratio: the ratio with its interval or, if a number is suppressed, a bound of it. */
interface RatioFigures {
  ratio: RateInterval | null;
  least?: number | null;
  most?: number | null;
}

/** Cell with a ratio and its interval or, without one, the known bound of the ratio. */
export function ratioCell({ ratio, least = null, most = null }: RatioFigures): string {
  if (ratio !== null) return intervalWords(ratio.value, ratio);
  if (least !== null) return `at least ${least}`;
  return most === null ? unknownFigure : `at most ${most}`;
}

/** Cell with a difference and its interval. */
export const gapCell = (gap: Parameters<typeof gapWords>[0] | null): string => (gap === null ? unknownFigure : gapWords(gap));

/** Chart of ratios with their intervals, as parts; none for fewer than two ratios. */
export function ratioChart(
  title: string,
  unit: string,
  ratios: readonly { label: string; ratio: RateInterval | null }[],
): Part[] {
  const drawn = ratios.flatMap(({ label, ratio }): Estimate[] =>
    ratio ? [{ label, mean: ratio.value, low: ratio.low, high: ratio.high }] : [],
  );
  return drawn.length < 2 ? [] : [intervalChart(title, unit, drawn)];
}

/** Cell with the NDCG of lists and its interval. */
export function ndcgCell({ ndcg, interval }: { ndcg: number | null; interval: RateInterval | null }): string {
  if (ndcg === null) return unknownFigure;
  return interval === null ? String(ndcg) : ratioCell({ ratio: interval });
}

/** Quality of a campaign's lists, compared with its challengers. */
export function qualityParts(quality: ValidationFile['quality'][number], file: ValidationFile): Part[] {
  const metric = `NDCG@${file.length}`;
  const { campaign, tested, gain, recall, challengers, windows, newCustomers, notes } = quality;
  const drawn = challengers.flatMap(({ name, minus }): Estimate[] => (minus ? [{ label: name, ...minus }] : []));
  const fewest = 'fewer than 10';
  return [
    { heading: campaign },
    html`<p>${metric} of the lists: <b>${ndcgCell(quality)}</b>, of ${tested ?? fewest} customers ${testedWords(file).customers}.
Minus the best popularity list: <b>${gapCell(gain)}</b>. Recall@${file.length}: ${ratioCell({ ratio: recall })}.
Customers without any product before, who are not among them: ${ndcgCell(newCustomers)}, of ${newCustomers.tested ?? fewest}.</p>`,
    tableOf(`${campaign}: by window`, windows, {
      window: ({ from, to }) => `${from} to ${to}`,
      'test customers': (part) => part.tested,
      [metric]: ndcgCell,
      'minus the best popularity list': (part) => gapCell(part.gain),
    }),
    drawn.length === 0 ? null : intervalChart(`${campaign}: lists minus each challenger, with 95 % intervals`, metric, drawn),
    tableOf(`${campaign}: challengers on the same customers`, challengers, {
      model: 'name',
      [metric]: 'ndcg',
      'lists minus this model': ({ minus }) => gapCell(minus),
    }),
    { list: notes },
  ];
}

type Calibration = ValidationFile['calibration'][number];
type Group = Calibration['groups'][number];

/** Columns of a table of ratios. @param verdictOf verdict on the ratio of a group */
function ratioColumns(file: ValidationFile, verdictOf: (group: Group) => string): Columns<Group> {
  const words = testedWords(file);
  return {
    [words.bought]: 'bought',
    expected: 'expected',
    [words.ratio]: ratioCell,
    verdict: verdictOf,
  };
}

/** Calibration of a campaign by tenths or groups: a chart, a table, and the number of groups that are not shown. */
function groupParts({ campaign, by, groups, small }: Calibration, file: ValidationFile, columns: Columns<Group>): Part[] {
  const { ratio } = testedWords(file);
  const title = `${campaign}: ${ratio} by ${by}`;
  const customers = file.windows.length > 1 ? 'customers of all windows' : 'customers';
  const shown = groups.filter(isKnown);
  const hidden = [
    ...(shown.length < groups.length ? [`without a known ratio: ${groups.length - shown.length}`] : []),
    ...(small > 0 ? [`of too few customers: ${small}`] : []),
  ];
  return [
    ...(by === 'product' ? [] : ratioChart(title, ratio, groups)),
    tableOf(
      title,
      shown,
      {
        [by]: ({ label }) => labelWords(file, by, label),
        ...(by !== 'tenth' && { [customers]: 'customers' as const }),
        ...columns,
      },
      { none: `${title}: no ratio is known.` },
    ),
    hidden.length === 0 ? null : { note: `Groups not shown, ${hidden.join('; ')}.` },
  ];
}

/** Section on calibration: all campaigns, then each campaign by tenths of probability and by groups of customers. */
export function calibrationSection(file: ValidationFile): Part[] {
  const { calibration, brier, models } = file;
  if (calibration.length === 0) return [{ note: 'The lists have no probabilities.' }];
  const words = testedWords(file);
  const limit = calibrationLimit(file);
  const beyond = groupsBeyond(calibration, limit);
  const columns = ratioColumns(file, (group) => calibrationVerdict(group, limit, beyond.get(group)));
  const totals = new Map(
    calibration
      .filter(({ by }) => by === 'all')
      .flatMap(({ campaign, groups }) => groups.slice(0, 1).map((group) => [group, campaign] as const)),
  );
  const part = (name: 'score' | 'reliability' | 'resolution' | 'uncertainty') => (score: (typeof brier)[number]) => {
    const value = score[name];
    return value === null ? unknownFigure : value === 0 ? '0' : value.toExponential(2);
  };
  return [
    { note: words.calibration },
    {
      note: `Lists do not need calibrated probabilities; values of offers (offers.value) and limits on a probability do. ${file.inventory.offers ? 'This run makes offers, so it depends on calibration.' : 'This run makes no offers, and nothing in it depends on calibration.'}`,
    },
    {
      note: `Verdict: the whole interval, or its known end, against 1${limit === undefined ? '; the config has no bound' : ` and against the bound of the config, ${limit} upwards and 1 / ${limit} downwards`}. A ratio is beyond the bound only if neither chance nor rounding explains it: of all such ratios at most 5 % are false on average. Below 1, probabilities are too high. Level with 1: no error is shown; a wide interval shows little. Opposite errors of two windows cancel out over all windows: the tables by window show them, and the bound judges the newest.`,
    },
    ...ratioChart(
      `Campaigns: ${words.ratio}`,
      words.ratio,
      [...totals].map(([{ ratio }, label]) => ({ label, ratio })),
    ),
    tableOf('Campaigns', [...totals.keys()], { campaign: (group) => required(totals, group), ...columns }),
    tableOf(
      'Brier score, and its parts over tenths of probability, the lowest joined until each group has ten purchases',
      brier,
      {
        campaign: 'campaign',
        score: part('score'),
        reliability: part('reliability'),
        resolution: part('resolution'),
        uncertainty: part('uncertainty'),
      },
    ),
    {
      note: 'Customers of a group: all with a list, once for each window; of a product, all with this product on their list. A customer without a value, or in no cluster on the date of a window, is in no row.',
    },
    ...models.flatMap(({ campaign }): Part[] => {
      const tables = calibration.filter((table) => table.campaign === campaign && table.by !== 'all');
      if (tables.length === 0) return [];
      return [
        { fold: `${campaign}: by tenth and by groups`, parts: tables.flatMap((table) => groupParts(table, file, columns)) },
      ];
    }),
  ];
}

type Slice = ValidationFile['slices']['compared'][number];

/** Number of weakest groups that the page shows; validation.json has all. */
const shownSlices = 10;

/** Of slices with equal figures, which mostly have the same customers, only the one with the shortest name. */
function distinctSlices(slices: readonly Slice[]): Slice[] {
  const byFigures = new Map<string, Slice>();
  for (const slice of slices) {
    const key = JSON.stringify({ ...slice, slice: '' });
    const shortest = byFigures.get(key);
    if (shortest === undefined || slice.slice.length < shortest.slice.length) byFigures.set(key, slice);
  }
  return [...byFigures.values()];
}

function sliceTable(caption: string, slices: readonly Slice[], file: ValidationFile, note?: string): Table {
  const product = /^product: (.*)$/;
  return tableOf(
    caption,
    slices,
    {
      campaign: 'campaign',
      group: ({ slice }) => slice.replace(product, (_, code: string) => `product: ${labelWords(file, 'product', code)}`),
      measure: 'measure',
      customers: 'customers',
      value: 'value',
      'all others': 'others',
      'difference, or quotient': ({ low, high }) => [low, high].map((end) => Number(end.toPrecision(3))).join(' to '),
      'found in 80 %': ({ measure, seen }) =>
        `${Number(seen.toPrecision(3))} ${measure === 'NDCG' ? 'less' : 'times, or its inverse'}`,
      p: ({ p }) => String(p),
    },
    { note },
  );
}

/** Section on weak slices: groups of customers with worse quality or calibration than all others. */
export function sliceSection(file: ValidationFile): Part[] {
  const { tests, untested, weak, compared } = file.slices;
  const ofNdcg = compared.filter(({ measure }) => measure === 'NDCG').length;
  return [
    `${tests} tests compared a group, by one or by two properties, with all other customers of its campaign in the newest window: ${ofNdcg} its NDCG, the others its calibration. A slice is weak if it is more than a fifth worse (calibration: further from 1) and the difference is no chance: of all discoveries by a measure, at most 5 % are false on average. A weakness by NDCG can also mean that purchases of these customers are harder to predict.`,
    `NDCG is tested with at least 100 test customers in the group and in the others, calibration with at least 20 purchases or expected ones in both. ${untested} smaller groups, and protected columns, are not tested. A group can be beyond the bound for calibration without being weak: the bound compares its ratio with 1, the test with that of all others.`,
    weak.length === 0 ? { strong: 'No weak slice was found.' } : null,
    sliceTable('Weak slices, the surest first', weak, file),
    sliceTable(
      `The weakest groups of ${compared.length}; most differences are chance`,
      distinctSlices(compared).slice(0, shownSlices),
      file,
      'Of groups with equal figures, one is shown; validation.json has all. Difference of NDCG from all others, or quotient of both ratios, with a 95 % interval. Found in 80 %: the size of a weakness that this test finds four times of five. p of calibration is for the numbers within the tens whose ratios differ least.',
    ),
  ];
}
