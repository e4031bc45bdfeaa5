import { type Address, offset } from '../wasm/memory.ts';
import type { KernelPool, RowRange } from '../wasm/pool.ts';
import type { BasketTable } from './basket-table.ts';

/** Baskets to fit a model to. */
export interface TrainingSet {
  pool: KernelPool;
  table: BasketTable;
  /** Rows to train on: those of one cluster, or all rows. */
  range: RowRange;
  /**
   * Weights that replace the table's multiplicities, f32[rows] in kernel memory. A row of weight 0 does not train, but can be
   * scored.
   */
  weight?: Address;
}

/** Number of products of a table: its columns without the pseudo-products. */
export function productCount(table: BasketTable): number {
  return table.columns.length - table.pseudoColumns;
}

/** Weight of each row of the range, f64, first row first: the training set's own weight, else the multiplicity. */
export function rowWeights({ table, range, weight }: TrainingSet): Float64Array {
  const rows = range.to - range.from;
  return weight === undefined
    ? new Float64Array(table.memory.u32(offset(table.multiplicity, range.from * 4), rows))
    : new Float64Array(table.memory.f32(offset(weight, range.from * 4), rows));
}

/** Callback for a row, with the array of all packed entries. Those of the row are `entry[from]` to `entry[to - 1]`. */
type VisitRow = (entry: Uint32Array, from: number, to: number, row: number) => void;

/** Calls `visit` for each row of the range. */
export function forEachRow(table: BasketTable, range: RowRange, visit: VisitRow): void {
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  for (let row = range.from; row < range.to; row++) visit(entry, start[row]!, start[row + 1]!, row);
}

/** Number of products among a row's entries. Pseudo-products do not count. */
export function heldProducts(entry: Uint32Array, from: number, to: number, products: number): number {
  let held = 0;
  for (let at = from; at < to; at++) if (entry[at]! >>> 8 < products) held++;
  return held;
}

/**
 * For each table column, the weighted number of training customers who hold it, f64[columns], including pseudo-products.
 * @param weight result of `rowWeights`
 */
export function holdersByColumn(training: TrainingSet, weight = rowWeights(training)): Float64Array {
  const { table, range } = training;
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const count = new Float64Array(table.columns.length);
  for (let row = range.from; row < range.to; row++) {
    const customers = weight[row - range.from]!;
    const end = start[row + 1]!;
    for (let at = start[row]!; at < end; at++) count[entry[at]! >>> 8]! += customers;
  }
  return count;
}
