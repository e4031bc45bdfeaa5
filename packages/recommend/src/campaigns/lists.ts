import type { ListsOfRange, Model, PreparedRequest } from '@basketwise/core';

/** Lists of the rows of a basket table. Row r has the entries `start[r]` to `start[r + 1] - 1`. */
export interface Lists {
  start: Uint32Array;
  /** Product number of each entry. */
  product: Int32Array;
  score: Float32Array;
  /** Source of each entry: its position in the names of `sourcesOf`. */
  source: Uint8Array;
  /** Reason of each entry, the largest contribution to its score: its position in the reasons' texts. */
  reason: Int32Array;
}

/** Lists without reasons. */
export type ScoredLists = Pick<Lists, 'start' | 'product' | 'score' | 'source'>;

/**
 * Returns a function that makes a model's lists for a range of rows. Terms shared by all ranges stay in kernel memory until the caller releases them.
 */
export function preparedLists(model: Model, request: PreparedRequest): ListsOfRange {
  return model.prepare?.(request) ?? ((range) => model.topN({ ...request, range }));
}

/** Statistics of the first entries of a campaign's lists. */
export interface FirstEntries {
  /** Number of customers whose list starts with each product, ascending by product number. Products that start no list are omitted. */
  products: readonly { product: number; customers: number }[];
  /** Histogram of customers by the score of their first entry. Null if no first entry comes from the model. */
  scores: ScoreSpread | null;
}

/** Histogram of customers by score: `firstScoreBins` bins of equal width from `low` to `high`. The last bin includes `high`. */
interface ScoreSpread {
  low: number;
  high: number;
  customers: readonly number[];
}

const firstScoreBins = 20;

/** Lists, and the number of customers of each row. All loops take this object shape, so that V8 compiles them once. */
type CountedLists = ScoredLists & { multiplicity: Uint32Array };

/**
 * Counts the first entries of lists.
 * @param sources names of the sources. If the first is `popularity`, scores are shares of customers, and no histogram is made
 * @param products number larger than all product numbers in the lists
 */
export function countFirstEntries(lists: CountedLists, sources: readonly string[], products: number): FirstEntries {
  const customers = new Float64Array(products);
  addLeaders(customers, lists);
  return {
    products: [...customers].flatMap((led, product) => (led > 0 ? [{ product, customers: led }] : [])),
    scores: sources[0] === 'popularity' ? null : spreadScores(lists),
  };
}

/** Adds each row's number of customers to the count of the first product in its list. */
function addLeaders(customers: Float64Array, { start, product, multiplicity }: CountedLists): void {
  for (let row = 0; row < multiplicity.length; row++) {
    const at = start[row]!;
    if (at < start[row + 1]!) customers[product[at]!]! += multiplicity[row]!;
  }
}

/** Histogram of customers by the score of their first entry, over entries of the model. Null if the model made no first entry. */
function spreadScores({ start, score, source, multiplicity }: CountedLists): ScoreSpread | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < multiplicity.length; row++) {
    const at = start[row]!;
    if (at === start[row + 1]! || source[at] !== 0) continue;
    if (score[at]! < low) low = score[at]!;
    if (score[at]! > high) high = score[at]!;
  }
  if (low > high) return null;
  const customers = new Array<number>(firstScoreBins).fill(0);
  for (let row = 0; row < multiplicity.length; row++) {
    const at = start[row]!;
    if (at === start[row + 1]! || source[at] !== 0) continue;
    const part = high > low ? Math.floor(((score[at]! - low) / (high - low)) * firstScoreBins) : 0;
    customers[part < firstScoreBins ? part : firstScoreBins - 1]! += multiplicity[row]!;
  }
  return { low, high, customers };
}
