import { AppError } from '../error.ts';
import { nowhere, offset } from '../wasm/memory.ts';
import { blocksOf } from '../wasm/pool.ts';
import { type AlsTraining, gramBytes } from './als-training.ts';

/** Number of bytes of the sums of every block that one kernel call adds up. */
const sumBytes = 2 ** 16;
/** Largest number of kernel calls of one item half-step. */
const mostItemCalls = 1024;

/**
 * Sum of the parts of the ALS objective, one part per kernel call, in order. A kernel returns NaN if it could not solve a system.
 * @throws AppError bad-data if the sum is not finite
 */
function sumParts(parts: Float64Array, regularization: number, system: string): number {
  const sum = parts.reduce((total, part) => total + part, 0);
  if (!Number.isFinite(sum)) throw singular(system, regularization);
  return sum;
}

/** Error bad-data for a linear system that is not positive definite. `system` names it. */
export function singular(system: string, regularization: number): AppError {
  return new AppError(
    'bad-data',
    `ALS: the system of ${system} is not positive definite at regularization ${regularization}`,
    'Raise regularization, or take fewer factors.',
  );
}

/**
 * Customer half-step: computes entry weights and customer factors x of all rows from the item matrices.
 * @returns the objective without its term lambda |Y|^2: the sum over customers of sum_j c_j (p_j - x·y_j)^2 + lambda |x|^2, at the
 * minimising x. Over all products j: p_j is 1 if j is held and 0 otherwise, c_j is its confidence, and y_j are its factors.
 * @throws AppError bad-data if a row's system is not positive definite
 */
export async function solveCustomers(training: AlsTraining, regularization: number): Promise<number> {
  const { pool, items, confidence, shortBlocks } = training;
  const short = await pool.run(
    'alsShortRows',
    shortBlocks.slice(0, -1).map((from, i) => ({
      from,
      to: shortBlocks[i + 1]!,
      hat: items.hat,
      products: items.products,
      confidence,
      gram: offset(training.gram, i * gramBytes(items.products)),
    })),
    Math.max(training.shortScratch, 8),
  );
  const long = await pool.run(
    'alsLongRows',
    blocksOf({ from: 0, to: training.longRows }, training.longBlockRows).map(({ from, to }, i) => ({
      ...{ rows: training.record, matrices: items.record, from, to },
      square: offset(training.longSquare, i * items.width ** 2 * 8),
    })),
    longScratch(items.width),
  );
  return sumParts(short, regularization, 'a basket') + sumParts(long, regularization, 'a long basket');
}

/** Bytes of scratch memory of the kernel alsLongRows, for `width` factors: one system and two batches of 32 rows. */
export function longScratch(width: number): number {
  return (width * width + 4 * 32 * width + width) * 8;
}

/**
 * Item half-step: computes new item factors Y from the customer factors X of all rows.
 * @returns the objective after the half-step, and |X|^2, the sum of the squared customer factors of all customers
 * @throws AppError bad-data if a product's system is not positive definite
 */
export async function solveItems(
  training: AlsTraining,
  regularization: number,
): Promise<{ objective: number; customerNorm: number }> {
  await sumGrams(training);
  const customerNorm = await squareOfCustomers(training);
  const { pool, table, items, record } = training;
  const common = { rows: record, matrices: items.record, lambda: regularization };
  const columns = table.columns.length;
  const parts = await pool.run(
    'alsItems',
    blocksOf({ from: 0, to: columns }, Math.ceil(columns / mostItemCalls)).map(({ from, to }) => ({ ...common, from, to })),
    itemScratch(training),
  );
  return { objective: sumParts(parts, regularization, 'a product') + regularization * customerNorm, customerNorm };
}

/** Adds up the sums over short rows (see gramBytes) of all blocks. The total replaces the sums of the first block. */
async function sumGrams({ pool, items: { products }, shortBlocks, gram }: AlsTraining): Promise<void> {
  const number = shortBlocks.length - 1;
  if (number <= 1) return;
  const bytes = gramBytes(products);
  await pool.run(
    'sumBlocks',
    blocksOf({ from: 0, to: bytes }, sumBytes).map(({ from, to }) => ({ blocks: gram, number, bytes, from, to })),
  );
}

/** Computes X'X, f64[width x width], from the customer factors X of all rows. Returns |X|^2, the sum of their squares. */
async function squareOfCustomers(training: AlsTraining): Promise<number> {
  const { pool, items, square, short } = training;
  const { products, width, z } = items;
  const gram = training.shortBlocks.length > 1 ? training.gram : nowhere;
  const longBlocks = Math.ceil(training.longRows / training.longBlockRows);
  const [customerNorm] = await pool.run(
    'alsCustomerSquare',
    [{ gram, products, z, long: training.longSquare, longBlocks, width, square, short }],
    (width * width + products * width) * 8 + products * 20,
  );
  return customerNorm!;
}

/** Bytes of scratch memory of the kernel alsItems: one linear system, and the larger of the two methods that sum it. */
function itemScratch({ items: { width, products }, mostNeighbours }: AlsTraining): number {
  const size = Math.ceil(mostNeighbours / 8) * 8;
  const bySets = width * width + 2 * size * width + size * 2.5 + 2 + size + size * size + products / 2;
  const byFactors = 2 * 32 * width;
  return (width + width * width) * 8 + Math.max(bySets, byFactors) * 8;
}
