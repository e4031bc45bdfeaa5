import { rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { type Address, offset } from '../wasm/memory.ts';
import { blocksOf, type RowRange } from '../wasm/pool.ts';
import { createLinearModel, linesOf, unitValues } from './linear-model.ts';
import type { Model } from './model.ts';

/** Parameters of EASE. */
export interface EaseParameters {
  /** Ridge, > 0. Usual: tens to thousands, growing with the number of customers. */
  regularization: number;
  /** Weight of a held pseudo-product by band, f64[256]; products count 1. Default: 1 for all. */
  value?: Float64Array;
}

/**
 * Fits EASE (H. Steck, Embarrassingly shallow autoencoders for sparse data, 2019): the item-item matrix B with zero diagonal that
 * minimises
 *   |X - XB|^2 + lambda |B|^2
 * in closed form: P = (X'X + lambda E)^-1, B[j, i] = -P[j, i] / P[i, i].
 * X has one row per customer. X'X is summed over distinct baskets with their multiplicities.
 * Pseudo-products are columns of X like products, but are never ranked.
 * @throws AppError config if regularization is not positive; bad-data if the system cannot be solved
 */
export async function fitEase(training: TrainingSet, { regularization, value = unitValues() }: EaseParameters): Promise<Model> {
  if (!(regularization > 0)) {
    throw new AppError('config', `ease: regularization is ${regularization}`, 'Give a number above 0; 10 to 1000 are usual.');
  }
  const { pool, table } = training;
  const { memory } = table;
  const width = table.columns.length;
  const padded = width + (width % 2);
  const mark = memory.mark();
  try {
    const gram = await coOccurrence(training, rowWeights(training), value);
    const system = memory.allocateZeroed(padded * padded * 8);
    const target = memory.f64(system, padded * padded);
    for (let i = 0; i < width; i++) {
      target.set(memory.f64(offset(gram, i * width * 8), width), i * padded);
      target[i * padded + i]! += regularization;
    }
    if (padded > width) target[padded * padded - 1] = 1;
    const [smallestPivot] = await pool.run('invertPositive', [{ matrix: system, n: padded }]);
    if (!(smallestPivot! > 0)) {
      throw new AppError('bad-data', 'ease: the system is not positive definite', 'Raise regularization.');
    }
    const matrix = itemMatrix(memory.f64(system, padded * padded), width, padded);
    const { columns, pseudoColumns } = table;
    return createLinearModel({
      kind: 'ease',
      columns,
      pseudoColumns,
      lines: linesOf(matrix, width),
      value,
      parameters: { regularization },
    });
  } finally {
    memory.release(mark);
  }
}

/** Item matrix B: B[j, i] = -P[j, i] / P[i, i], zero on the diagonal. */
function itemMatrix(inverse: Float64Array, width: number, stride: number): Float64Array {
  const matrix = new Float64Array(width * width);
  for (let j = 0; j < width; j++) {
    for (let i = 0; i < width; i++) {
      if (i !== j) matrix[j * width + i] = -inverse[j * stride + i]! / inverse[i * stride + i]!;
    }
  }
  return matrix;
}

/** Columns per kernel call. Fixed, so that results do not depend on the number of workers. */
const blockColumns = 32;

/**
 * Computes the co-occurrence matrix G in kernel memory, f64[lines x columns]. Its memory grows with the square of the number of
 * products, not with that of customers.
 *   G[i, j] = sum over rows that hold both of weight x value[band of i] x value[band of j]
 * @param weight f64 per row of the training range
 * @param value value of an entry of each band, f64[256]
 * @param lines range of the columns i; default: all columns
 */
export async function coOccurrence(
  training: TrainingSet,
  weight: Float64Array,
  value: Float64Array,
  lines: RowRange = { from: 0, to: training.table.columns.length },
): Promise<Address> {
  const { pool, table, range } = training;
  const columns = table.columns.length;
  const counts = table.memory.allocateZeroed((lines.to - lines.from) * columns * 8);
  const gram = offset(counts, -lines.from * columns * 8);
  const mark = table.memory.mark();
  try {
    const weights = offset(table.memory.store(weight), -range.from * 8);
    const values = table.memory.store(value);
    const { start, entry } = table;
    const rows = { start, entry, weight: weights, value: values, rowFrom: range.from, rowTo: range.to, columns, gram };
    const blocks = blocksOf(lines, blockColumns);
    const calls = blocks.map(({ from, to }) => ({ ...rows, columnFrom: from, columnTo: to }));
    await pool.run('coOccurrence', calls);
  } finally {
    table.memory.release(mark);
  }
  return counts;
}
