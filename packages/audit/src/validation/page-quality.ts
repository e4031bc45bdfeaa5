import { type Cell, type Html, html, table, unknownFigure } from '@basketwise/page';
import type { RateInterval } from '@basketwise/recommend';
import { calibrationLimit, calibrationVerdict, groupsBeyond, isKnown } from './calibration-verdict.ts';
import { challengerChart, ratioChart } from './page-charts.ts';
import { roundingRange } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';
import { gapWords, intervalWords, labelWords, testedWords } from './validation-text.ts';

/** Table cell with a ratio and its interval or, if a number is suppressed, the bound of the ratio. */
export function ratioCell(
  ratio: RateInterval | null,
  { least = null, most = null }: { least?: number | null; most?: number | null } = {},
): Cell {
  if (ratio !== null) return intervalWords(ratio.value, ratio);
  if (least !== null) return `at least ${least}`;
  return most === null ? unknownFigure : `at most ${most}`;
}

/** Table cell with a difference and its interval. */
export const gapCell = (gap: { mean: number; low: number; high: number; level: boolean } | null): Cell =>
  gap === null ? unknownFigure : gapWords(gap);

function ndcgCell({ ndcg, interval }: { ndcg: number | null; interval: RateInterval | null }): Cell {
  return ndcg === null ? unknownFigure : interval === null ? String(ndcg) : ratioCell(interval);
}

/** Section on quality: a campaign's lists compared with its challengers. */
export function qualitySection(one: ValidationFile['quality'][number], file: ValidationFile): Html {
  const metric = `NDCG@${file.length}`;
  const { campaign, tested, ndcg, interval, recall, gain, challengers, windows, newCustomers, notes } = one;
  const rows = challengers.map(({ name, ndcg: mean, minus }): Cell[] => [name, mean, gapCell(minus)]);
  const parts = windows.map(({ from, to, ...part }): Cell[] => [
    `${from} to ${to}`,
    part.tested,
    ndcgCell(part),
    gapCell(part.gain),
  ]);
  return html`<h3>${campaign}</h3><p>${metric} of the lists: <b>${ndcgCell({ ndcg, interval })}</b>, of ${tested ?? 'fewer than 10'} customers ${testedWords(file).customers}.
Minus the best popularity list: <b>${gapCell(gain)}</b>. Recall@${file.length}: ${ratioCell(recall)}.
Customers without any product before, who are not among them: ${ndcgCell(newCustomers)}, of ${newCustomers.tested ?? 'fewer than 10'}.</p>
${parts.length === 0 ? null : table(`${campaign}: by window`, ['window', 'test customers', metric, 'minus the best popularity list'], parts)}${challengerChart(one, metric)}${rows.length === 0 ? null : table(`${campaign}: challengers on the same customers`, ['model', metric, 'lists minus this model'], rows)}
${notes.length === 0 ? null : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
}

/** Small number in scientific notation, so that the numbers of a column can be compared. */
const scientific = (value: number) => (value === 0 ? '0' : value.toExponential(2));

type Calibration = ValidationFile['calibration'][number];

/** Head of the column with the ratios that rounding allows. */
const allowed = 'rounding allows';

/** Table cell with the least and greatest ratio that the published tens allow. */
function roundingCell(bought: number | null, expected: number | null): Cell {
  const range = roundingRange(bought, expected);
  return range === null ? unknownFigure : `${Number(range[0].toPrecision(3))} to ${Number(range[1].toPrecision(3))}`;
}

/** Verdict on the ratio of each group of a pack. */
function verdictsOf(file: ValidationFile): (group: Calibration['groups'][number]) => string {
  const limit = calibrationLimit(file);
  const beyond = groupsBeyond(file.calibration, limit);
  return (group) => calibrationVerdict(group, limit, beyond.get(group));
}

function calibrationTable(
  { campaign, by, groups, small }: Calibration,
  file: ValidationFile,
  verdictOf: ReturnType<typeof verdictsOf>,
): Html {
  const words = testedWords(file);
  const title = `${campaign}: ${words.ratio} by ${by}`;
  const isOfCustomers = by !== 'tenth';
  const known = groups.filter(isKnown);
  const rows = known.map((group): Cell[] => {
    const { label, customers, bought, expected, ratio, ...bounds } = group;
    return [
      ...[labelWords(file, by, label), ...(isOfCustomers ? [customers] : []), bought, expected, ratioCell(ratio, bounds)],
      ...[roundingCell(bought, expected), verdictOf(group)],
    ];
  });
  const customersOf = file.windows.length > 1 ? 'customers of all windows' : 'customers';
  const head = [by, ...(isOfCustomers ? [customersOf] : []), words.bought, 'expected', words.ratio, allowed, 'verdict'];
  const chart = by === 'product' ? null : ratioChart(title, words.ratio, groups);
  return html`${chart}${table(title, head, rows)}
${known.length < groups.length ? html`<p class="note">Groups without a known ratio, in validation.json only: ${groups.length - known.length}.</p>` : null}
${small > 0 ? html`<p class="note">Groups of too few customers, not shown: ${small}.</p>` : null}`;
}

/** Tables of a campaign's calibration by tenths and by groups; null for a campaign without probabilities. */
function campaignCalibration(campaign: string, file: ValidationFile, verdictOf: ReturnType<typeof verdictsOf>): Html | null {
  const own = file.calibration.filter((one) => one.campaign === campaign && one.by !== 'all');
  if (own.length === 0) return null;
  const [known, unknown] = [true, false].map((isWanted) => own.filter(({ groups }) => groups.some(isKnown) === isWanted));
  const names = unknown!.map(({ by }) => by).join(', ');
  const missing = html`<p class="note">No ratio is known by ${names}: in each group, purchases or expected ones are below 10. validation.json has the numbers.</p>`;
  return html`<details open><summary>${campaign}: by tenth and by groups</summary>${known!.map((one) => calibrationTable(one, file, verdictOf))}${unknown!.length === 0 ? null : missing}</details>`;
}

/** Text on the bound of calibration; empty if the config has none. */
function limitText(file: ValidationFile): string {
  const limit = calibrationLimit(file);
  return limit === undefined
    ? '; the config has no bound'
    : ` and against the bound of the config, ${limit} upwards and 1 / ${limit} downwards`;
}

/** Section on calibration: one chart for all campaigns, then each campaign by tenths of probability and by groups of customers. */
export function calibrationSection(file: ValidationFile): Html {
  const { calibration, brier, models } = file;
  if (calibration.length === 0)
    return html`<h2 id="calibration">Calibration</h2><p class="note">The lists have no probabilities.</p>`;
  const words = testedWords(file);
  const all = calibration.filter(({ by }) => by === 'all');
  const totals = all.map(({ campaign, groups }) => ({ ...groups[0]!, label: campaign }));
  const verdictOf = verdictsOf(file);
  const rows = all.map(({ campaign, groups }): Cell[] => {
    const { bought, expected, ratio, ...bounds } = groups[0]!;
    return [campaign, bought, expected, ratioCell(ratio, bounds), roundingCell(bought, expected), verdictOf(groups[0]!)];
  });
  const scores = brier.map(({ campaign, score, reliability, resolution, uncertainty }): Cell[] => [
    campaign,
    ...[score, reliability, resolution, uncertainty].map((part) => (part === null ? unknownFigure : scientific(part))),
  ]);
  const groups = models.map(({ campaign }) => campaignCalibration(campaign, file, verdictOf));
  return html`<h2 id="calibration">Calibration</h2><p class="note">${words.calibration}</p>
<p class="note">The order of the entries of a list does not need calibrated probabilities. Values of offers (<code>offers.value</code>) and any limit on a probability do. ${file.inventory.offers ? 'This run makes offers, so it depends on calibration.' : 'This run makes no offers, and nothing in it depends on calibration.'}
Verdict: the whole interval, or its known end, against 1${limitText(file)}. Within the bound: the whole interval is. A ratio is beyond the bound only if neither chance nor rounding explains it: of all such ratios at most 5 % are false on average. Below 1, probabilities are too high. Level with 1: the interval contains 1, so no error is shown; a wide interval shows little. Ratios over all windows can hide opposite errors of two windows: the tables by window show them, and the bound judges the newest. A test customer who purchased only products that are not on the list counts in the section on quality, and adds no purchase here.</p>
${ratioChart(`Campaigns: ${words.ratio}`, words.ratio, totals)}${table('Campaigns', ['campaign', words.bought, 'expected', words.ratio, allowed, 'verdict'], rows)}
${scores.length === 0 ? null : table('Brier score, and its parts over tenths of probability, the lowest joined until each group has ten purchases', ['campaign', 'score', 'reliability', 'resolution', 'uncertainty'], scores)}
<p class="note">Customers of a group: all with a list, once for each window; of a product, all with this product on their list. A customer without a value, or in no cluster on the date of a window, is in no row of that table. "At least" and "at most" are the ends of an interval, where one number is a dash.</p>
${groups}`;
}

type Slice = ValidationFile['slices']['compared'][number];

function sliceRow(
  { campaign, slice, measure, customers, value, others, low, high, seen, p }: Slice,
  file: ValidationFile,
): Cell[] {
  const size = Number(seen.toPrecision(3));
  const name = slice.replace(/^product: (.*)$/, (_, code: string) => `product: ${labelWords(file, 'product', code)}`);
  return [
    ...[campaign, name, measure, customers, value, others, `${Number(low.toPrecision(3))} to ${Number(high.toPrecision(3))}`],
    ...[measure === 'NDCG' ? `${size} less` : `${size} times, or 1 / ${size}`, String(p)],
  ];
}

/** Number of weakest groups that the page shows; validation.json has all. */
const shownSlices = 10;

/** Of slices with equal figures, which mostly have the same customers, only the one with the shortest name. */
function distinctSlices(slices: readonly Slice[]): Slice[] {
  const found = new Map<string, Slice>();
  for (const one of slices) {
    const { slice, ...figures } = one;
    const key = JSON.stringify(figures);
    const known = found.get(key);
    if (known === undefined || slice.length < known.slice.length) found.set(key, one);
  }
  return [...found.values()];
}

/** Section on weak slices: groups of customers with worse quality or calibration than all others. */
export function sliceSection(file: ValidationFile): Html {
  const { tests, untested, weak, compared } = file.slices;
  const ofNdcg = compared.filter(({ measure }) => measure === 'NDCG').length;
  const head = [
    'campaign',
    'group',
    'measure',
    'customers',
    'value',
    'all others',
    'difference, or quotient',
    'found in 80 %',
    'p',
  ];
  return html`<h2 id="slices">Weak slices</h2><p>${tests} tests compared a group, by one or by two properties, with all other customers of its campaign in the newest window: ${ofNdcg} its NDCG, the others its calibration.
A slice is weak if it is more than a fifth worse (calibration: further from 1) and the difference is no chance: of all discoveries by a measure, at most 5 % are false on average. A weakness by NDCG can also mean that purchases of these customers are harder to predict.</p>
<p>NDCG is tested with at least 100 test customers in the group and in the others, calibration with at least 20 purchases or expected ones in both. ${untested} smaller groups are not tested, and weakness in them is not seen. Protected columns are not tested here.
A group can be beyond the bound for calibration without being weak: the bound compares its ratio with 1, the test with the ratio of all others.</p>
${
  weak.length === 0
    ? html`<p><b>No weak slice was found.</b></p>`
    : table(
        'Weak slices, the surest first',
        head,
        weak.map((one) => sliceRow(one, file)),
      )
}
${
  compared.length === 0
    ? null
    : html`${table(
        `The weakest groups of ${compared.length}; most differences are chance`,
        head,
        distinctSlices(compared)
          .slice(0, shownSlices)
          .map((one) => sliceRow(one, file)),
      )}
<p class="note">Of groups with equal figures, which are mostly the same customers, one is shown. Difference of NDCG from all others, or quotient of both ratios, with a 95 % interval. Found in 80 %: the size of a weakness that this test finds four times of five. p of calibration is for the numbers within the tens whose ratios differ least, so it can be large where the interval excludes 1. All groups are in validation.json.</p>`
}`;
}
