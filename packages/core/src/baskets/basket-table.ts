import type { Address } from '../wasm/address.ts';
import type { KernelMemory } from '../wasm/memory.ts';

/** One holding in a basket: its column and recency band. */
export interface BasketEntry {
  /** Column of the basket table: 0 .. 2^24 - 1. */
  column: number;
  /** Recency band: 0 (most recent) .. 255. Pseudo-products have bands of their own, after those of the holdings. */
  band: number;
}

/** An entry in the kernels' format: column in the upper 24 bits, band in the lower 8, so that entries sort by column. */
export function packEntry({ column, band }: BasketEntry): number {
  return ((column << 8) | band) >>> 0;
}

/** @see packEntry */
export function unpackEntry(packed: number): BasketEntry {
  return { column: packed >>> 8, band: packed & 0xff };
}

/**
 * Distinct baskets in kernel memory: rows in compressed sparse form, sorted by group, then lexicographically by entry.
 * Columns are sorted by falling popularity (ties: product code), so that the baskets of a popular product lie together; a column
 * stands for a product or for an equivalence group of products. Pseudo-products, such as the constant, are the last
 * columns: they are held like products, and never recommended.
 */
export interface BasketTable {
  readonly memory: KernelMemory;
  /** Product code of each column; the last `pseudoColumns` are names of pseudo-products. */
  readonly columns: readonly string[];
  /** How many of the last columns are pseudo-products. */
  readonly pseudoColumns: number;
  /** Distinct (group, basket) pairs. */
  readonly rows: number;
  /** Entries of all rows. */
  readonly entries: number;
  /** u32[rows + 1]: where each row's entries start. */
  readonly start: Address;
  /** u32[entries]: packed entries, ascending and with distinct columns inside a row. */
  readonly entry: Address;
  /** u32[rows]: customers with this basket. */
  readonly multiplicity: Address;
  /** u32[rows], ascending: the group of the customers, as one number; only customers of one group share a row. */
  readonly group: Address;
}

/** One row of a table made by hand. */
export interface BasketRow {
  entries: readonly BasketEntry[];
  multiplicity?: number;
  group?: number;
}

/** Packs rows into kernel memory unchanged: for tests, single baskets and small inputs. The rows must be distinct and in table order. */
export function tableFromRows(
  memory: KernelMemory,
  columns: readonly string[],
  rows: readonly BasketRow[],
  pseudoColumns = 0,
): BasketTable {
  const start = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) start[i + 1] = start[i]! + row.entries.length;
  const entry = Uint32Array.from(rows.flatMap((row) => row.entries.map(packEntry).sort((a, b) => a - b)));
  return {
    memory,
    columns,
    pseudoColumns,
    rows: rows.length,
    entries: entry.length,
    start: memory.store(start),
    entry: memory.store(entry),
    multiplicity: memory.store(Uint32Array.from(rows, (row) => row.multiplicity ?? 1)),
    group: memory.store(Uint32Array.from(rows, (row) => row.group ?? 0)),
  };
}

/** Position of each table column among a model's columns, by product code; -1 for columns that the model does not have. */
export function columnMap(modelColumns: readonly string[], table: BasketTable): Int32Array {
  const place = new Map(modelColumns.map((code, column) => [code, column]));
  return Int32Array.from(table.columns, (code) => place.get(code) ?? -1);
}
