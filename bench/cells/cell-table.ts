import { difference } from '@basketwise/core/parts';
import { bootstrap, type MeanInterval } from '@basketwise/recommend';
import { type CellResult, pooled } from './cell-result.ts';

const bestSellers = [
  'popularity',
  'popularity of 12 months',
  'popularity of 3 months',
  'popularity of 1 month',
  'up-sell popularity',
];
const resampling = { resamples: 2000, seed: 0 };
const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3).slice(1)}`;
const plain = (value: number) => value.toFixed(3).slice(1);
const interval = ({ mean, low, high }: MeanInterval) => `${signed(mean)} (${signed(low)} .. ${signed(high)})`;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The best of the lists that are the same for all, in hindsight. */
function bestOf({ values }: CellResult): string {
  return bestSellers.reduce((best, name) => (mean(values[name]!) > mean(values[best]!) ? name : best));
}

function pairedGap(results: readonly CellResult[], one: string, otherOf: (result: CellResult) => string): MeanInterval {
  const column = (of: (result: CellResult) => string) =>
    Float64Array.from(results.flatMap((result) => result.values[of(result)]!));
  const gap = difference(
    column(() => one),
    column(otherOf),
  );
  return bootstrap([gap], resampling)[0]!;
}

/** A row for each cell. */
export function cellRows(results: readonly CellResult[]): string[][] {
  return results.map((result) => {
    const { world, seed, date, campaign, values } = result;
    const best = bestOf(result);
    const score = (name: string) => (values[name] === undefined ? '' : plain(mean(values[name]!)));
    return [
      ...[world, String(seed), date, campaign, String(values.default!.length), score('default'), score(best), best],
      interval(pairedGap([result], 'default', bestOf)),
      score('before'),
      score('near-oracle'),
      values['near-oracle'] === undefined ? '' : `${Math.round(100 * way([result]))} %`,
    ];
  });
}

export const cellHeader = [
  ...['world', 'seed', 'date', 'campaign', 'customers', 'default', 'best list', 'which', 'difference (95 %)', 'before'],
  ...['near-oracle', 'way'],
];

/** The way from popularity to the near-oracle, over all customers of the cells. */
function way(results: readonly CellResult[]): number {
  const all = (name: string) => mean(results.flatMap(({ values }) => values[name]!));
  return (all('default') - all('popularity')) / (all('near-oracle') - all('popularity'));
}

export const summaryHeader = [
  ...['bank', 'cells', 'customers', 'default', 'minus best list (95 %)', 'cells surely behind', 'worst cell'],
  ...['minus before (95 %)', 'near-oracle minus before (95 %)', 'way to the near-oracle'],
];

/** A row for each bank, and one of all. */
export function summaryRows(results: readonly CellResult[]): string[][] {
  const nameOf = ({ world, seed }: CellResult) => `${world} ${seed}`;
  const banks = [...new Set(results.map(nameOf))];
  return [...banks, ...(banks.length > 1 ? [null] : [])].map((bank) => {
    const some = results.filter((result) => bank === null || nameOf(result) === bank);
    const gaps = some.map((result) => pairedGap([result], 'default', bestOf));
    const behind = gaps.filter(({ high }) => high < 0).length;
    const compared = some.filter(({ values }) => values.before !== undefined);
    const oracled = some.filter(({ values }) => values['near-oracle'] !== undefined);
    const bounded = oracled.filter((result) => compared.includes(result));
    const all = some.flatMap(({ values }) => values.default!);
    return [
      bank ?? 'all',
      String(some.length),
      String(all.length),
      plain(mean(all)),
      interval(pairedGap(some, 'default', bestOf)),
      String(behind),
      signed(Math.min(...gaps.map((gap) => gap.mean))),
      compared.length === 0 ? '' : interval(pairedGap(compared, 'default', () => 'before')),
      bounded.length === 0 ? '' : interval(pairedGap(bounded, 'near-oracle', () => 'before')),
      oracled.length === 0 ? '' : `${(100 * way(oracled)).toFixed(0)} %`,
    ];
  });
}

/** How published probabilities came true: a row for each date of a world, campaign by campaign where 100 or more were bought. */
export function probabilityRows(results: readonly CellResult[]): string[][] {
  const rows: string[][] = [];
  const keys = [...new Set(results.map(({ world, seed, date }) => `${world}|${seed}|${date}`))];
  for (const key of keys) {
    const some = results.filter(
      ({ world, seed, date, probabilities }) => `${world}|${seed}|${date}` === key && probabilities !== null,
    );
    if (some.length === 0) continue;
    const all = pooled(some.map(({ probabilities }) => probabilities!));
    const judged = some.filter(({ probabilities }) => probabilities!.bought >= 100);
    rows.push([
      ...key.split('|'),
      ...[String(all.rows), String(all.bought), all.ratio.toFixed(2), all.brier.toFixed(6), all.ofRate.toFixed(6)],
      judged
        .map(({ campaign, probabilities }) => `${campaign} ${(probabilities!.bought / probabilities!.expected).toFixed(2)}`)
        .join(', '),
    ]);
  }
  return rows;
}

export const probabilityHeader = [
  ...['world', 'seed', 'date', 'rows', 'bought', 'bought / expected', 'Brier score', 'of the rate', 'campaigns with 100 or more'],
];

/** Tenths of all rows by probability: what was expected and what was bought. */
export function tenthRows(results: readonly CellResult[]): string[][] {
  const bins = new Map<number, { rows: number; bought: number; expected: number }>();
  for (const { probabilities } of results) {
    for (const [name, bin] of Object.entries(probabilities?.bins ?? {})) {
      const known = bins.get(Number(name)) ?? { rows: 0, bought: 0, expected: 0 };
      bins.set(Number(name), known);
      for (const of of ['rows', 'bought', 'expected'] as const) known[of] += bin[of];
    }
  }
  const sorted = [...bins].sort(([a], [b]) => a - b).map(([, bin]) => bin);
  const rows = sorted.reduce((sum, bin) => sum + bin.rows, 0);
  const tenths = Array.from({ length: 10 }, () => ({ rows: 0, bought: 0, expected: 0 }));
  let seen = 0;
  for (const bin of sorted) {
    const tenth = tenths[Math.min(9, Math.floor((10 * (seen + bin.rows / 2)) / rows))]!;
    for (const of of ['rows', 'bought', 'expected'] as const) tenth[of] += bin[of];
    seen += bin.rows;
  }
  const share = (value: number, of: number) => (value / Math.max(1, of)).toFixed(5);
  return tenths.map((tenth, i) => [
    ...[`${i + 1}`, String(tenth.rows), share(tenth.expected, tenth.rows), share(tenth.bought, tenth.rows)],
    (tenth.bought / Math.max(1e-9, tenth.expected)).toFixed(2),
  ]);
}

export const tenthHeader = ['tenth', 'rows', 'expected', 'bought', 'bought / expected'];
