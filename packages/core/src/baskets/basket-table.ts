import type { Address, KernelMemory } from '../wasm/memory.ts';

/** One holding in a basket: its column and recency band. */
export interface BasketEntry {
  /** Column of the basket table, 0 to 2^24 - 1. */
  column: number;
  /** Recency band: 0 (most recent) to 255. Bands of pseudo-products follow those of holdings. */
  band: number;
}

/** Entry in the format of the kernels: column in the upper 24 bits, band in the lower 8. Packed entries sort by column. */
export function packEntry({ column, band }: BasketEntry): number {
  return ((column << 8) | band) >>> 0;
}

/** Reverse of `packEntry`. */
export function unpackEntry(packed: number): BasketEntry {
  return { column: packed >>> 8, band: packed & 0xff };
}

/**
 * Distinct baskets in kernel memory: rows in compressed sparse form, sorted by group, then lexicographically by entry.
 * A column stands for a product or for an equivalence group of products. Columns are sorted by falling popularity (ties: product
 * code).
 * Baskets with a popular product are therefore adjacent.
 * Pseudo-products, such as the constant, are the last columns. They are held like products and never recommended.
 */
export interface BasketTable {
  readonly memory: KernelMemory;
  /** Product code of each column. The last `pseudoColumns` are names of pseudo-products. */
  readonly columns: readonly string[];
  /** Number of pseudo-products. */
  readonly pseudoColumns: number;
  /** Number of distinct (group, basket) pairs. */
  readonly rows: number;
  /** Number of entries of all rows. */
  readonly entries: number;
  /** Start of each row's entries, u32[rows + 1]. */
  readonly start: Address;
  /** Packed entries, u32[entries]: ascending within a row, each column at most once. */
  readonly entry: Address;
  /** Customers with this basket, u32[rows]. */
  readonly multiplicity: Address;
  /** Group of the customers, u32[rows], ascending. Only customers of one group share a row. */
  readonly group: Address;
}

/** One row to pack with `tableFromRows`: a distinct basket with its group and multiplicity. */
export interface BasketRow {
  entries: readonly BasketEntry[];
  multiplicity?: number;
  group?: number;
}

/**
 * Packs rows unchanged into kernel memory: for tests, single baskets and small inputs. The rows must be distinct and in table
 * order.
 */
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

/**
 * For each column of the table, its position among a model's columns, matched by product code; -1 for a column that the model
 * does not have.
 */
export function columnMap(modelColumns: readonly string[], table: BasketTable): Int32Array {
  const place = new Map(modelColumns.map((code, column) => [code, column]));
  return Int32Array.from(table.columns, (code) => place.get(code) ?? -1);
}
