import { exp, log1p, type RowRange, required } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';
import type { ScoredLists } from './lists.ts';
import type { ProductRate } from './purchase-rates.ts';
import { ScorePlacer, type ScorePlaces, scorePlaces } from './score-places.ts';

/** Terms of the probability of a recommendation, in the order of the slopes. */
export const calibrationTerms = [
  'fill',
  'rank',
  'place',
  'place squared',
  'share',
  'trend',
  'holds nothing',
  'holdings',
  'age of the newest',
] as const;

/** Map from a list entry to the probability of a purchase within the window: a logistic function of the entry's terms. */
export interface Calibration {
  intercept: number;
  /** Slope of each term. */
  slopes: readonly number[];
  /** Sales rates of products on the date of the lists, by group key. */
  products: Readonly<Record<string, ProductRate>>;
}

/**
 * Visits the entries of a campaign's lists, row by row, with the terms of each entry:
 * - whether it is backfill
 * - the log of its rank
 * - the log odds of the quantile of its score among those of the cluster's customers, and their square
 * - the product's sales rates
 * - whether the basket is empty
 * - the log of 1 + the number of products in the basket
 * - the log of 1 + the recency band of the newest holding
 * @param visit `terms` is valid until the next call
 * @param places score quantiles by cluster; absent: those of the lists themselves
 */
export function forEachEntry(
  campaign: CampaignTable,
  lists: ScoredLists,
  products: Calibration['products'],
  visit: (terms: Float64Array, at: number, row: number) => void,
  places: ReadonlyMap<number, ScorePlaces> = scorePlaces(campaign, lists),
): void {
  const rows = visitedRows(campaign, lists, products);
  forEachRange(campaign, places, (range, placer) => visitRows(rows, range, placer, visit));
}

/** Visits the rows of each group with the score quantiles of its cluster. */
function forEachRange(
  { groups }: CampaignTable,
  places: ReadonlyMap<number, ScorePlaces>,
  visit: (range: RowRange, placer: ScorePlacer) => void,
): void {
  const ofCluster = new Map<number, ScorePlacer>();
  for (const { cluster, range } of groups) {
    const placer = ofCluster.get(cluster) ?? new ScorePlacer(required(places, cluster));
    ofCluster.set(cluster, placer);
    visit(range, placer);
  }
}

/** Rows and all inputs of their terms. All callers use this form, so that V8 compiles the visit once. */
interface VisitedRows {
  baskets: { start: Uint32Array; entry: Uint32Array; products: number };
  lists: ScoredLists;
  rates: ProductRates;
}

function visitedRows({ table, columns }: CampaignTable, lists: ScoredLists, products: Calibration['products']): VisitedRows {
  const { start, source, score, product } = lists;
  const baskets = {
    start: table.memory.u32(table.start, table.rows + 1),
    entry: table.memory.u32(table.entry, table.entries),
    products: table.columns.length - table.pseudoColumns,
  };
  return { baskets, rates: ratesOf(columns.recommended, products), lists: { start, source, score, product } };
}

function visitRows(
  { baskets, lists, rates }: VisitedRows,
  range: RowRange,
  placer: ScorePlacer,
  visit: (terms: Float64Array, at: number, row: number) => void,
): void {
  const terms = new Float64Array(calibrationTerms.length);
  for (let row = range.from; row < range.to; row++) {
    const [from, to] = [lists.start[row]!, lists.start[row + 1]!];
    if (from === to) continue;
    writeBasketTerms(terms, baskets, row);
    for (let at = from; at < to; at++) {
      const isFill = lists.source[at] !== 0;
      const place = isFill ? 0 : placer.placeOf(lists.score[at]!);
      const product = lists.product[at]!;
      terms[0] = isFill ? 1 : 0;
      terms[1] = logAfter(at - from);
      terms[2] = place;
      terms[3] = place * place;
      terms[4] = rates.share[product] ?? 0;
      terms[5] = rates.trend[product] ?? 0;
      visit(terms, at, row);
    }
  }
}

/** Writes the terms shared by all entries of a row. */
function writeBasketTerms(terms: Float64Array, { start, entry, products }: VisitedRows['baskets'], row: number): void {
  let [count, newest] = [0, 255];
  for (let i = start[row]!; i < start[row + 1]!; i++) {
    const packed = entry[i]!;
    if (packed >>> 8 >= products) continue;
    count++;
    newest = Math.min(newest, packed & 0xff);
  }
  terms[6] = count === 0 ? 1 : 0;
  terms[7] = logAfter(count);
  terms[8] = count === 0 ? 0 : logAfter(newest);
}

/** log(1 + n) for whole numbers n below 256: recency bands, most ranks and most counts. */
const logs = Float64Array.from({ length: 256 }, (_, whole) => log1p(whole));

function logAfter(whole: number): number {
  return whole < logs.length ? logs[whole]! : log1p(whole);
}

/** Sales rates of products, by product number. 0 for products without data. */
type ProductRates = Record<'share' | 'trend', Float64Array>;

function ratesOf(recommended: CampaignTable['columns']['recommended'], products: Calibration['products']): ProductRates {
  const length = 1 + [...recommended.values()].reduce((most, product) => Math.max(most, product), 0);
  const [share, trend] = [new Float64Array(length), new Float64Array(length)];
  for (const [key, product] of recommended) {
    share[product] = products[key]?.share ?? 0;
    trend[product] = products[key]?.trend ?? 0;
  }
  return { share, trend };
}

/**
 * Probabilities of all entries of a campaign's lists. Within a list they do not rise with the rank, except from the model's last entry to the
 * first one of backfill.
 * @param places as in `forEachEntry`
 */
export function probabilities(
  campaign: CampaignTable,
  lists: ScoredLists,
  { intercept, slopes, products }: Calibration,
  places: ReadonlyMap<number, ScorePlaces> = scorePlaces(campaign, lists),
): Float32Array {
  const found = new Float32Array(lists.product.length);
  const slope = Float64Array.from(slopes);
  const visit = (terms: Float64Array, at: number) => {
    let sum = intercept;
    for (let term = 0; term < slope.length; term++) sum += slope[term]! * terms[term]!;
    found[at] = logistic(sum);
  };
  forEachEntry(campaign, lists, products, visit, places);
  poolRising(found, lists);
  return found;
}

/**
 * Replaces probabilities that rise within a list by their mean (pool adjacent violators: Ayer et al., 1955), the model's entries and backfill
 * apart: the order is the score's, and the sum of a list's probabilities stays.
 */
export function poolRising(found: Float32Array, { start, source }: ScoredLists): void {
  for (let row = 0; row + 1 < start.length; row++) {
    const to = start[row + 1]!;
    for (let at = start[row]! + 1; at < to; at++) {
      if (source[at] !== source[at - 1] || found[at]! <= found[at - 1]!) continue;
      let [from, sum] = [at, found[at]!];
      do sum += found[--from]!;
      while (from > start[row]! && source[from - 1] === source[at] && sum / (at - from + 1) > found[from - 1]!);
      found.fill(sum / (at - from + 1), from, at + 1);
    }
  }
}

/** Logistic function 1 / (1 + exp(-x)). */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}
