import { unpackEntry } from '../baskets/basket-table.ts';
import { exp, log, log1p } from '../numbers/elementary.ts';
import { required } from '../required.ts';
import type { CampaignTable } from './baskets.ts';
import type { Lists } from './campaign-counts.ts';
import type { ProductRate } from './purchase-rates.ts';

/** Terms that the probability of a recommendation depends on, in the order of the slopes. */
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

/** A map from a published row to a probability of purchase within the window: a logistic function of its terms. */
export interface Calibration {
  intercept: number;
  /** By term. */
  slopes: readonly number[];
  /** Facts about products, by group key, on the date that lists are made. */
  products: Readonly<Record<string, ProductRate>>;
}

/** Scores that the customers of a cluster were given, among which a score has its place. */
export interface ScorePlaces {
  /** f64[scores], ascending. */
  scores: Float64Array;
  /** f64[scores + 1]: recommendations before each; the last: all. */
  below: Float64Array;
}

/** Values that terms are made of. */
type ScoredLists = Pick<Lists, 'start' | 'product' | 'score' | 'source'>;

/** Recommendations whose scores tell the places of all. */
const placed = 20_000;

/**
 * Visits the entries of a campaign's lists, row by row, with the terms of each:
 * whether it only fills a list up; the log of its rank; the log odds of the place of its score among those of the cluster's customers, and their square;
 * how the product sold; whether the basket is empty, the log of 1 + the number of products in it, and that of 1 + the recency band of the newest.
 * @param visit `terms` is good until the next call
 * @param places by cluster; those of the lists themselves without it
 */
export function forEachEntry(
  campaign: CampaignTable,
  lists: ScoredLists,
  products: Calibration['products'],
  visit: (terms: Float64Array, at: number, row: number) => void,
  places: ReadonlyMap<number, ScorePlaces> = scorePlaces(campaign, lists),
): void {
  const { table, columns, groups } = campaign;
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const held = table.columns.length - table.pseudoColumns;
  const rates = new Map([...columns.recommended].map(([key, product]) => [product, products[key]]));
  const terms = new Float64Array(calibrationTerms.length);
  for (const { cluster, range } of groups) {
    const among = required(places, cluster);
    for (let row = range.from; row < range.to; row++) {
      const [from, to] = [lists.start[row]!, lists.start[row + 1]!];
      if (from === to) continue;
      let [count, newest] = [0, 255];
      for (let i = start[row]!; i < start[row + 1]!; i++) {
        const { column, band } = unpackEntry(entry[i]!);
        if (column >= held) continue;
        count++;
        newest = Math.min(newest, band);
      }
      terms[6] = count === 0 ? 1 : 0;
      terms[7] = log1p(count);
      terms[8] = count === 0 ? 0 : log1p(newest);
      for (let at = from; at < to; at++) {
        const isFill = lists.source[at] !== 0;
        const place = isFill ? 0 : placeAmong(among, lists.score[at]!);
        const rate = rates.get(lists.product[at]!);
        terms[0] = isFill ? 1 : 0;
        terms[1] = log(at - from + 1);
        terms[2] = place;
        terms[3] = place * place;
        terms[4] = rate?.share ?? 0;
        terms[5] = rate?.trend ?? 0;
        visit(terms, at, row);
      }
    }
  }
}

/** Places of the scores of a campaign's lists, by cluster. */
export function scorePlaces(campaign: CampaignTable, lists: ScoredLists): Map<number, ScorePlaces> {
  const clusters = new Set(campaign.groups.map(({ cluster }) => cluster));
  return new Map([...clusters].map((cluster) => [cluster, placesOf(campaign, lists, cluster)]));
}

function placesOf({ table, groups }: CampaignTable, lists: ScoredLists, cluster: number): ScorePlaces {
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const rows = groups.flatMap((group) => (group.cluster === cluster && group.target ? [group.range] : []));
  let all = 0;
  for (const { from, to } of rows) {
    for (let row = from; row < to; row++) all += multiplicity[row]! * (lists.start[row + 1]! - lists.start[row]!);
  }
  // every so many recommendations one: a basket of many customers is met as often as they are
  const step = Math.max(1, all / placed);
  const some: { score: number; met: number }[] = [];
  let since = step / 2;
  for (const { from, to } of rows) {
    for (let row = from; row < to; row++) {
      for (let at = lists.start[row]!; at < lists.start[row + 1]!; at++) {
        if (lists.source[at] !== 0) continue;
        since += multiplicity[row]!;
        const met = Math.floor(since / step);
        if (met > 0) some.push({ score: lists.score[at]!, met });
        since -= met * step;
      }
    }
  }
  some.sort((a, b) => a.score - b.score);
  const scores = new Float64Array(some.length);
  const below = new Float64Array(some.length + 1);
  for (const [i, { score, met }] of some.entries()) {
    scores[i] = score;
    below[i + 1] = below[i]! + met;
  }
  return { scores, below };
}

/** Share of a score by which sums of single precision in another order may differ. */
const rounding = 2e-6;

/** Log odds of the place of a score among others: 0 in the middle, about 4.6 at the top. Scores that differ by rounding alone have one place. */
function placeAmong({ scores, below }: ScorePlaces, score: number): number {
  const total = below[scores.length]!;
  if (total === 0) return 0;
  const off = rounding * Math.max(1, Math.abs(score));
  const share = (below[firstAbove(scores, score - off, false)]! + below[firstAbove(scores, score + off, true)]!) / 2 / total;
  return log((share + 0.01) / (1.01 - share));
}

/** Position of the first of the ascending scores that is at least, or above, a score. */
function firstAbove(scores: Float64Array, score: number, above: boolean): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! < score || (above && scores[middle] === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Probabilities of all entries of a campaign's lists. @param places as `forEachEntry` takes them */
export function probabilities(
  campaign: CampaignTable,
  lists: ScoredLists,
  { intercept, slopes, products }: Calibration,
  places?: ReadonlyMap<number, ScorePlaces>,
): Float32Array {
  const found = new Float32Array(lists.product.length);
  const add = (terms: Float64Array, at: number) => {
    let sum = intercept;
    for (let i = 0; i < terms.length; i++) sum += slopes[i]! * terms[i]!;
    found[at] = logistic(sum);
  };
  forEachEntry(campaign, lists, products, add, places);
  return found;
}

/** 1 / (1 + exp(-x)). */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}
