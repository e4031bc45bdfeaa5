import type { TrainingSet } from '../baskets/training-rows.ts';
import { type Address, offset } from '../wasm/memory.ts';
import { blocksOf, type RowRange } from '../wasm/pool.ts';

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
