import { type BasketEntry, unpackEntry } from '../baskets/basket-table.ts';
import { forEachRow, heldProducts, productCount, type TrainingSet } from '../baskets/training-rows.ts';
import type { ItemLines } from '../models/linear-model.ts';
import type { Model } from '../models/model.ts';
import { additivePart, holdingSums, isSummed } from './additive-part.ts';
import type { ChoiceProblem, ChoiceSet, ChoiceWindow } from './choice-store.ts';

/** Largest number of customers whose baskets are used. A larger set is sampled at even steps. */
const sampledCustomers = 2000;

/**
 * Level of a component, f64[columns]: the mean score of each column over the customers with holdings but without the column.
 * Subtracting the level leaves the differences between customers. Components that count purchases then determine the mean score of
 * each product. Null for a component whose scores are shares.
 */
export async function memberLevel(model: Model, training: TrainingSet): Promise<Float64Array | null> {
  const part = additivePart(model);
  if (!isSummed(part)) return null;
  const { lines, weightsOf } = holdingSums(part, training.pool);
  const { columns } = training.table;
  const width = columns.length;
  const sums: LevelSums = {
    weight: new Float64Array(width),
    ofHolders: new Float64Array(width),
    holders: new Float64Array(width),
  };
  const some = someCustomers(training);
  const weights = await weightsOf(some.map(({ basket }) => basket));
  for (const [at, drawn] of some.entries()) addCustomers(sums, drawn, weights[at]!, lines);
  const customers = some.reduce((sum, { times }) => sum + times, 0);
  const { ofHolders, holders } = sums;
  return sumOfLines(sums.weight, lines).map((sum, i) =>
    customers > holders[i]! ? (sum - ofHolders[i]!) / (customers - holders[i]!) : 0,
  );
}

/** Sums by column. They give the sum of the scores over all customers, and over the holders of the column. */
interface LevelSums {
  /** Total weight of all holdings of each column. A holding has the weight of its basket entry. */
  weight: Float64Array;
  /** Sum of the scores of each column over the customers who hold it. */
  ofHolders: Float64Array;
  holders: Float64Array;
}

/** Sampled customers with one basket. `times` is the number of these customers. */
interface SomeOfBasket {
  basket: readonly BasketEntry[];
  times: number;
}

function addCustomers(
  { weight, ofHolders, holders }: LevelSums,
  { basket, times }: SomeOfBasket,
  weights: Float64Array,
  lines: ItemLines,
): void {
  for (let i = 0; i < basket.length; i++) {
    const { column } = basket[i]!;
    weight[column]! += times * weights[i]!;
    holders[column]! += times;
    for (let j = 0; j < basket.length; j++) {
      ofHolders[column]! += times * weights[j]! * lines.cell(basket[j]!.column, column);
    }
  }
}

/** Weighted sum of the rows of a square matrix, f64[columns]. */
function sumOfLines(weight: Float64Array, lines: ItemLines): Float64Array {
  const width = weight.length;
  const sum = new Float64Array(width);
  for (let line = 0; line < width; line++) {
    if (weight[line] === 0) continue;
    const values = lines.line(line);
    for (let i = 0; i < width; i++) sum[i]! += weight[line]! * values[i]!;
  }
  return sum;
}

/** Baskets of customers with holdings, each with its number of customers. More than 2000 customers are sampled at even steps. */
function someCustomers({ table, range }: TrainingSet): SomeOfBasket[] {
  const products = productCount(table);
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  let customers = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) > 0) customers += multiplicity[row]!;
  });
  const step = Math.max(1, customers / sampledCustomers);
  let before = 0;
  const drawn: SomeOfBasket[] = [];
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) === 0) return;
    const first = Math.ceil(before / step);
    before += multiplicity[row]!;
    const times = Math.ceil(before / step) - first;
    if (times > 0) drawn.push({ basket: Array.from(entry.subarray(from, to), unpackEntry), times });
  });
  return drawn;
}

/** Relative difference up to which the scores of a component count as constant. Scores are sums in f32 and have rounding errors. */
const scoreRounding = 1e-5;

/**
 * Scale of each component, f64[components]: root mean square of its scores about their mean over the candidates of a choice.
 * 0 if the scores differ by no more than rounding errors. Without choices, each choice set counts once.
 */
export function scoreSpreads({ windows, members }: ChoiceProblem): Float64Array {
  const made = windows.map((window) => knownMoments(window, members));
  const isEmpty = made.every(({ choices }) => choices === 0);
  const looked = isEmpty ? windows.map(({ sets }) => momentsOf(sets, () => 1, members)) : made;
  const sum = (of: (one: Moments) => number) => looked.reduce((total, one) => total + of(one), 0);
  const total = sum(({ choices }) => choices);
  return Float64Array.from({ length: members }, (_, k) => {
    const [off, size] = [sum(({ squares }) => squares[k]!), sum(({ sizes }) => sizes[k]!)];
    return off > scoreRounding ** 2 * size ? Math.sqrt(off / total) : 0;
  });
}

/** Moments of the scores in the choices of a window. */
interface Moments {
  /** Number of choices from sets with candidates. */
  choices: number;
  /**
   * Sums over the choices, f64[components]. For `squares`, the summand is the mean over the candidates of (score - mean score)^2.
   * For `sizes`, it is the mean of score^2.
   */
  squares: Float64Array;
  sizes: Float64Array;
}

const momentsOfWindows = new WeakMap<ChoiceWindow, Moments>();

/** Moments of a window, computed once for all fits. */
function knownMoments(window: ChoiceWindow, members: number): Moments {
  const cached = momentsOfWindows.get(window);
  if (cached) return cached;
  const times = new Float64Array(window.sets.length);
  for (const { set, taken } of window.cells) times[set]! += taken.reduce((sum, count) => sum + count, 0);
  const made = momentsOf(window.sets, (set) => times[set]!, members);
  momentsOfWindows.set(window, made);
  return made;
}

function momentsOf(sets: readonly ChoiceSet[], timesOf: (set: number) => number, members: number): Moments {
  const moments: Moments = { choices: 0, squares: new Float64Array(members), sizes: new Float64Array(members) };
  const mean = new Float64Array(members);
  for (const [s, { products, scores }] of sets.entries()) {
    const times = timesOf(s);
    if (times === 0 || products.length === 0) continue;
    moments.choices += times;
    mean.fill(0);
    addMeans(scores, products.length, mean);
    addSquares(scores, times / products.length, mean, moments.squares, moments.sizes);
  }
  return moments;
}

/** Adds the mean score of each component to `mean`, f64[components]. `scores` is f64[candidates x components], row-major. */
function addMeans(scores: Float64Array, candidates: number, mean: Float64Array): void {
  for (let line = 0; line < scores.length; line += mean.length) {
    for (let k = 0; k < mean.length; k++) mean[k]! += scores[line + k]! / candidates;
  }
}

/** Adds `each` x (score - mean)^2 to `squares`, and `each` x score^2 to `sizes`, for each candidate and component. */
function addSquares(scores: Float64Array, each: number, mean: Float64Array, squares: Float64Array, sizes: Float64Array): void {
  for (let line = 0; line < scores.length; line += mean.length) {
    for (let k = 0; k < mean.length; k++) {
      const score = scores[line + k]!;
      const off = score - mean[k]!;
      squares[k]! += each * (off * off);
      sizes[k]! += each * (score * score);
    }
  }
}
