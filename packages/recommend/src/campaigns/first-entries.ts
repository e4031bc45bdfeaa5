import type { ScoredLists } from './lists.ts';

/** First entries of a campaign's lists, counted in customers. */
export interface FirstEntries {
  /** Customers with a product as first entry, by product number, ascending. Products that are never first are omitted. */
  products: readonly { product: number; customers: number }[];
  /** Customers by the model's score of their first entry. Null if no first entry comes from the model. */
  scores: ScoreSpread | null;
}

/** Customers by score, in `firstScoreBins` equal parts of the range low to high. The last part includes its end. */
interface ScoreSpread {
  low: number;
  high: number;
  customers: readonly number[];
}

const firstScoreBins = 20;

/** Lists, and the number of customers of each row. Flat arrays, so that V8 compiles the loops once. */
type CountedLists = ScoredLists & { multiplicity: Uint32Array };

/**
 * Counts the first entries of lists.
 * @param sources names of the sources: scores of `popularity` are shares of customers, not the model's
 * @param products more than every position of a product in lists
 */
export function countFirstEntries(lists: CountedLists, sources: readonly string[], products: number): FirstEntries {
  const customers = new Float64Array(products);
  addLeaders(customers, lists);
  return {
    products: [...customers].flatMap((led, product) => (led > 0 ? [{ product, customers: led }] : [])),
    scores: sources[0] === 'popularity' ? null : spreadScores(lists),
  };
}

/** Adds the customers of each row to the count of the first product of its list. */
function addLeaders(customers: Float64Array, { start, product, multiplicity }: CountedLists): void {
  for (let row = 0; row < multiplicity.length; row++) {
    const at = start[row]!;
    if (at < start[row + 1]!) customers[product[at]!]! += multiplicity[row]!;
  }
}

/** Counts customers by the score of their first entry, if the model made it. Null without such entries. */
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
