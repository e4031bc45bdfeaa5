import { type BasketEntry, packEntry } from '../baskets/basket-table.ts';
import { AppError } from '../error.ts';
import { CachedLines, type ItemLines } from '../models/linear-model.ts';
import type { Explanation } from '../models/model.ts';
import { choleskyOf, factorize, solveFactorized, solveLower } from '../numbers/cholesky.ts';
import { blocksOf, type KernelPool } from '../wasm/pool.ts';
import { singular } from './als-half-steps.ts';

/**
 * Matrices for fold-in, which computes the scores of any basket from the item factors Y. They are derived from Y once.
 * A = Y'Y + lambda E = L L', with identity matrix E and Cholesky factor L. V = Y L'^-1. The hat matrix is K = V V' = Y A^-1 Y'.
 */
export interface FoldIn {
  factors: number;
  regularization: number;
  confidence: Float64Array;
  /** Item factors Y, f64[columns x factors]. */
  itemFactors: Float64Array;
  /** A = Y'Y + lambda E, f64[factors x factors], lower triangle only. */
  square: Float64Array;
  /** V = Y L'^-1, f64[columns x factors]. */
  hatRoot: Float64Array;
  /** Scratch for the linear system of one basket, f64[factors x factors]. Every basket reuses it. */
  system: Float64Array;
  /** Scratch for one basket's factors, f64[factors]. */
  x: Float64Array;
}

/**
 * Derives the matrices of fold-in from the item factors, f64[columns x factors], and lambda = `regularization`.
 * @param confidence confidence of each recency band, f64[256]
 * @throws AppError bad-data if A is not positive definite
 */
export function prepareFoldIn(
  itemFactors: Float64Array,
  factors: number,
  regularization: number,
  confidence: Float64Array,
): FoldIn {
  const columns = itemFactors.length / factors;
  const square = new Float64Array(factors * factors);
  for (let i = 0; i < columns; i++) addOuter(square, itemFactors, i * factors, factors, 1);
  for (let k = 0; k < factors; k++) square[k * factors + k]! += regularization;
  const lower = choleskyOf(square, factors);
  if (!lower) throw singular('the item factors', regularization);
  const hatRoot = new Float64Array(itemFactors.length);
  for (let i = 0; i < columns; i++) hatRoot.set(solveLower(lower, factors, rowOf(itemFactors, factors, i)), i * factors);
  const room = { system: new Float64Array(factors * factors), x: new Float64Array(factors) };
  return { factors, regularization, confidence, itemFactors, square, hatRoot, ...room };
}

/**
 * Customer factors x of a basket, f64[factors]: x = (A + sum_j d_j y_j y_j')^-1 sum_j c_j y_j, summed over the entries j.
 * y_j are the item factors of the entry's product, c_j is the confidence of its band, and d_j = c_j - 1.
 * The next call overwrites the returned array.
 */
function customerFactors(prepared: FoldIn, basket: readonly BasketEntry[]) {
  const { factors, regularization, confidence, itemFactors, square, system, x } = prepared;
  system.set(square);
  x.fill(0);
  for (let e = 0; e < basket.length; e++) {
    const { column, band } = basket[e]!;
    const y = column * factors;
    const c = confidenceOf(confidence, band);
    addOuter(system, itemFactors, y, factors, c - 1);
    for (let k = 0; k < factors; k++) x[k]! += c * itemFactors[y + k]!;
  }
  if (!factorize(system, factors)) throw singular('a basket', regularization);
  solveFactorized(system, factors, x);
  return x;
}

/** Scores of all columns for a basket with customer factors x: s = Y x, f64[columns]. */
export function foldInScores(prepared: FoldIn, basket: readonly BasketEntry[]): Float64Array {
  const { factors, itemFactors } = prepared;
  const x = customerFactors(prepared, basket);
  const scores = new Float64Array(itemFactors.length / factors);
  for (let i = 0; i < scores.length; i++) scores[i] = lineProduct(itemFactors, i * factors, x);
  return scores;
}

/**
 * Explanation of the score of `column`. Held product j contributes w_j K[column, j], with its entry weight w_j (`entryWeights`).
 * The first `products` columns are products, the others are pseudo-products. The baseline is the contribution of pseudo-products.
 * The baseline and the contributions sum to the score.
 */
export function explainScore(prepared: FoldIn, basket: readonly BasketEntry[], column: number, products: number): Explanation {
  const { factors, confidence, itemFactors, hatRoot } = prepared;
  const x = customerFactors(prepared, basket);
  const target = rowOf(hatRoot, factors, column);
  let baseline = 0;
  const contributions: { column: number; value: number }[] = [];
  for (const entry of basket) {
    const c = confidenceOf(confidence, entry.band);
    const weight = c - (c - 1) * lineProduct(itemFactors, entry.column * factors, x);
    const value = weight * lineProduct(hatRoot, entry.column * factors, target);
    if (entry.column < products) contributions.push({ column: entry.column, value });
    else baseline += value;
  }
  contributions.sort((a, b) => b.value - a.value || a.column - b.column);
  return { score: lineProduct(itemFactors, column * factors, x), baseline, contributions };
}

/**
 * Weight of each entry j of a basket, f64[entries]: w_j = c_j - (c_j - 1) s_j, with confidence c_j and score s_j of its product.
 * The scores of the basket are sum_j w_j K[j, :].
 */
export function entryWeights(prepared: FoldIn, basket: readonly BasketEntry[]): Float64Array {
  const { factors, confidence, itemFactors } = prepared;
  const x = customerFactors(prepared, basket);
  const weights = new Float64Array(basket.length);
  for (let e = 0; e < basket.length; e++) {
    const { column, band } = basket[e]!;
    const c = confidenceOf(confidence, band);
    weights[e] = c - (c - 1) * lineProduct(itemFactors, column * factors, x);
  }
  return weights;
}

/** Number of baskets in one kernel call. It is even, because the kernel solves two baskets at a time. */
const blockBaskets = 128;

/** Computes the `entryWeights` of many baskets by a kernel (assembly/als/fold-in.ts), with equal bits. */
export async function entryWeightsOf(
  prepared: FoldIn,
  pool: KernelPool,
  baskets: readonly (readonly BasketEntry[])[],
): Promise<Float64Array[]> {
  const { factors, regularization, confidence, itemFactors, square } = prepared;
  const start = new Uint32Array(baskets.length + 1);
  for (const [i, basket] of baskets.entries()) start[i + 1] = start[i]! + basket.length;
  const entries = baskets.flat();
  for (const { band } of entries) confidenceOf(confidence, band);
  const { memory } = pool;
  const mark = memory.mark();
  try {
    const weights = memory.allocate(entries.length * 8);
    const common = {
      ...{ start: memory.store(start), entry: memory.store(Uint32Array.from(entries, packEntry)), weights, factors },
      ...{ square: memory.store(square), itemFactors: memory.store(itemFactors), confidence: memory.store(confidence) },
    };
    const calls = blocksOf({ from: 0, to: baskets.length }, blockBaskets).map(({ from, to }) => ({ ...common, from, to }));
    const solved = await pool.run('foldInWeights', calls, (factors + 5) * factors * 16);
    if (solved.some((ok) => ok !== 1)) throw singular('a basket', regularization);
    const entryWeights = memory.f64(weights, entries.length).slice();
    return baskets.map((_, i) => entryWeights.subarray(start[i]!, start[i + 1]!));
  } finally {
    memory.release(mark);
  }
}

/** Hat matrix K = V V', columns x columns. Its rows are computed on demand. */
export function hatOf({ factors, hatRoot }: FoldIn): ItemLines {
  const cell = (row: number, column: number) => lineProduct(hatRoot, column * factors, rowOf(hatRoot, factors, row));
  return new CachedLines(hatRoot.length / factors, {
    write(row, line) {
      const root = rowOf(hatRoot, factors, row);
      for (let i = 0; i < line.length; i++) line[i] = lineProduct(hatRoot, i * factors, root);
    },
    cell,
  });
}

function confidenceOf(confidence: Float64Array, band: number): number {
  const c = confidence[band];
  if (c !== undefined && !Number.isNaN(c)) return c;
  throw new AppError('bad-data', `ALS: a basket has recency band ${band}, which has no weight`, 'Give every band a weight.');
}

function rowOf(matrix: Float64Array, width: number, row: number): Float64Array {
  return matrix.subarray(row * width, (row + 1) * width);
}

/** Dot product of `vector` and the matrix row that begins at `at`. */
function lineProduct(matrix: Float64Array, at: number, vector: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += matrix[at + k]! * vector[k]!;
  return sum;
}

/** Adds `factor` v v' to the lower triangle of `matrix`, f64[width x width]. v is the row of `lines` that begins at `at`. */
function addOuter(matrix: Float64Array, lines: Float64Array, at: number, width: number, factor: number): void {
  for (let i = 0; i < width; i++) {
    const scaled = factor * lines[at + i]!;
    for (let j = 0; j <= i; j++) matrix[i * width + j]! += scaled * lines[at + j]!;
  }
}
