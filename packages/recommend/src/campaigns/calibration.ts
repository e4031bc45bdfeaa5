import { exp, log1p, type RowRange, required } from '@basketwise/core';
import { type CampaignTable, clusterOfRows } from './baskets.ts';
import { clusterFeature } from './customer-contexts.ts';
import type { ScoredLists } from './lists.ts';
import type { ProductRate, ProductRates } from './purchase-rates.ts';
import { ScorePlacer, type ScorePlaces, scorePlaces } from './score-places.ts';

/** Names of the terms of a list entry's probability. `Calibration.slopes` has the same order. */
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

/** Sales rates of a product, and the correction of its probabilities. */
interface CalibratedProduct extends ProductRate {
  /** Log of purchases / expected purchases of the product's recommendations in the calibration window, shrunk towards 0. Added to the log odds. */
  correction: number;
}

/** Logistic model of the probability that a customer purchases a list entry's product within the window. */
export interface Calibration {
  intercept: number;
  /** Slope of each term, in the order of `calibrationTerms`. */
  slopes: readonly number[];
  /** Sales rates of the products as of the reference date, and corrections, by group key. */
  products: Readonly<Record<string, CalibratedProduct>>;
  /** Corrections of the probabilities of customer groups (see `customerGroups`), by name and number; as `correction` of products. */
  groups: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Name of the grouping by a scheme's clusters in `Calibration.groups`. */
export const byCluster = (scheme: string): string => `cluster ${scheme}`;

/** Number of the group of a basket row's customers; negative: none. */
type GroupOfRow = (row: number) => number;

/** Groupings of a campaign's customers: by cluster, and by each other feature. */
export function customerGroups(campaign: CampaignTable): [name: string, groupOf: GroupOfRow][] {
  const { scheme } = campaign.plan;
  const clusters = clusterOfRows(campaign);
  const groupings: [string, GroupOfRow][] = scheme === null ? [] : [[byCluster(scheme), (row) => clusters[row]!]];
  const { features = [], codes = new Int16Array(), ofRow = new Uint32Array() } = campaign.contexts ?? {};
  for (const [f, { name }] of features.entries()) {
    if (scheme !== null && name === clusterFeature(scheme, 0).name) continue;
    groupings.push([`feature ${name}`, (row) => codes[ofRow[row]! * features.length + f]!]);
  }
  return groupings;
}

/**
 * Visits the entries of a campaign's lists, row by row, with the terms of each entry:
 * - `fill`: whether the entry is backfill, 0 or 1
 * - `rank`: log of its rank, from 1
 * - `place`, `place squared`: log odds of its score's quantile in its cluster, among customers who also have holdings or also have none, and their
 * square
 * - `share`, `trend`: sales rates of its product
 * - `holds nothing`: whether the basket is empty, 0 or 1
 * - `holdings`: log(1 + number of products in the basket)
 * - `age of the newest`: log(1 + recency band of the newest holding)
 * @param visit function called for each entry; `terms` is valid until the next call
 * @param places score quantiles by cluster. Absent: the quantiles of the lists themselves
 */
export function forEachEntry(
  campaign: CampaignTable,
  lists: ScoredLists,
  products: ProductRates,
  visit: (terms: Float64Array, at: number, row: number) => void,
  places: ReadonlyMap<number, ScorePlaces> = scorePlaces(campaign, lists),
): void {
  const rows = visitedRows(campaign, lists, products);
  forEachRange(campaign, places, (range, placers) => visitRows(rows, range, placers, visit));
}

/** Score quantiles of a cluster: see `ScorePlaces`. */
type Placers = Readonly<Record<keyof ScorePlaces, ScorePlacer>>;

/** Calls `visit` for each group's rows with the score quantiles of the group's cluster. */
function forEachRange(
  { groups }: CampaignTable,
  places: ReadonlyMap<number, ScorePlaces>,
  visit: (range: RowRange, placers: Placers) => void,
): void {
  const ofCluster = new Map<number, Placers>();
  for (const { cluster, range } of groups) {
    let placers = ofCluster.get(cluster);
    if (placers === undefined) {
      const { holding, empty } = required(places, cluster);
      placers = { holding: new ScorePlacer(holding), empty: new ScorePlacer(empty) };
      ofCluster.set(cluster, placers);
    }
    visit(range, placers);
  }
}

/** Rows and all inputs of their terms. All callers pass this object shape, so that V8 compiles `visitRows` only once. */
interface VisitedRows {
  baskets: { start: Uint32Array; entry: Uint32Array; products: number };
  lists: ScoredLists;
  rates: RatesByNumber;
}

function visitedRows({ table, columns }: CampaignTable, lists: ScoredLists, products: ProductRates): VisitedRows {
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
  { holding, empty }: Placers,
  visit: (terms: Float64Array, at: number, row: number) => void,
): void {
  const terms = new Float64Array(calibrationTerms.length);
  for (let row = range.from; row < range.to; row++) {
    const [from, to] = [lists.start[row]!, lists.start[row + 1]!];
    if (from === to) continue;
    writeBasketTerms(terms, baskets, row);
    const placer = terms[6] === 1 ? empty : holding;
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

/** Writes the terms that all entries of a row share. */
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

/** Table of log(1 + n) for n from 0 to 255. It covers recency bands, and most ranks and counts. */
const logs = Float64Array.from({ length: 256 }, (_, whole) => log1p(whole));

function logAfter(whole: number): number {
  return whole < logs.length ? logs[whole]! : log1p(whole);
}

/** Sales rates by product number, f64[products]. Products without data have rate 0. */
type RatesByNumber = Record<'share' | 'trend', Float64Array>;

function ratesOf(recommended: CampaignTable['columns']['recommended'], products: ProductRates): RatesByNumber {
  const of = (name: keyof ProductRate) => valuesByNumber(recommended, (key) => products[key]?.[name] ?? 0);
  return { share: of('share'), trend: of('trend') };
}

/** A value of each recommendable product, by product number. */
function valuesByNumber(recommended: ReadonlyMap<string, number>, rateOf: (key: string) => number): Float64Array {
  const values = new Float64Array(1 + [...recommended.values()].reduce((most, product) => Math.max(most, product), 0));
  for (const [key, product] of recommended) values[product] = rateOf(key);
  return values;
}

/**
 * Probability of each entry of a campaign's lists. Probabilities do not rise from one entry to the next. Exception: the first backfill entry can have
 * a higher probability than the model's last entry.
 * @param places score quantiles by cluster, as in `forEachEntry`
 */
export function probabilities(
  campaign: CampaignTable,
  lists: ScoredLists,
  { intercept, slopes, products, groups }: Calibration,
  places: ReadonlyMap<number, ScorePlaces> = scorePlaces(campaign, lists),
): Float32Array {
  const found = new Float32Array(lists.product.length);
  const slope = Float64Array.from(slopes);
  const correction = valuesByNumber(campaign.columns.recommended, (key) => products[key]?.correction ?? 0);
  const ofGroups = new Float64Array(campaign.table.rows);
  for (const [name, groupOf] of customerGroups(campaign)) {
    const correctionOf = new Map(Object.entries(groups[name] ?? {}).map(([group, value]) => [Number(group), value]));
    for (let row = 0; row < ofGroups.length; row++) ofGroups[row]! += correctionOf.get(groupOf(row)) ?? 0;
  }
  const visit = (terms: Float64Array, at: number, row: number) => {
    let sum = intercept + correction[lists.product[at]!]! + ofGroups[row]!;
    for (let term = 0; term < slope.length; term++) sum += slope[term]! * terms[term]!;
    found[at] = logistic(sum);
  };
  forEachEntry(campaign, lists, products, visit, places);
  poolRising(found, lists);
  return found;
}

/**
 * Replaces probabilities that rise along a list by their mean (pool adjacent violators: Ayer et al., 1955). The model's entries and the backfill are
 * pooled separately. The order of entries and the sum of a list's probabilities do not change.
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
