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

/** Level of each feature for one customer, as text, in the order of the features. */
export type Context = readonly string[];

/** Customer feature by which models can rank, with its levels. */
export interface Feature {
  name: string;
  /** Names of the levels: categories, or bands of a number. */
  levels: readonly string[];
}

/** Distinct combinations of feature levels that occur among some customers. */
export interface Combinations {
  features: readonly Feature[];
  /** Position of the level of each feature, i16[combinations x features], row-major. Negative: the value has no level. */
  codes: Int16Array;
}

/** Feature combinations of the rows of a table. Several rows can have the same combination. */
export interface RowContexts extends Combinations {
  /** Position of each row's combination, u32[rows of the table]. */
  ofRow: Uint32Array;
}

/** Label of a value without a level. */
const unseenLabel = '(new)';

/** Names of the levels of one combination, in the order of the features. A value without a level is `(new)`. */
export function contextAt({ features, codes }: Combinations, combination: number): Context {
  return features.map(({ levels }, f) => levels[codes[combination * features.length + f]!] ?? unseenLabel);
}

/**
 * For each feature, the number of the customer's level. Levels are numbered consecutively over all features. -1: the model does
 * not have the level.
 */
export function levelsOf(features: readonly Feature[], context: Context): number[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const at = levels.indexOf(context[f]!);
    const level = at < 0 ? -1 : first + at;
    first += levels.length;
    return level;
  });
}

/** Result of `levelsOf` for all combinations at once: i32[combinations x features of the model]. */
export function levelsOfAll(features: readonly Feature[], { features: givenFeatures, codes }: Combinations): Int32Array {
  const numberOf = levelNumbers(features, givenFeatures);
  const [width, given] = [features.length, givenFeatures.length];
  const allLevels = new Int32Array(given === 0 ? 0 : (codes.length / given) * width).fill(-1);
  for (let f = 0; f < Math.min(width, given); f++) {
    const numbers = numberOf[f]!;
    for (let from = f, to = f; to < allLevels.length; from += given, to += width) {
      const code = codes[from]!;
      if (code >= 0) allLevels[to] = numbers[code]!;
    }
  }
  return allLevels;
}

/**
 * For each feature of the combinations and each of its levels, the number of this level in the model. -1: the model does not have
 * the level.
 */
function levelNumbers(features: readonly Feature[], givenFeatures: readonly Feature[]): Int32Array[] {
  let first = 0;
  return features.map(({ levels }, f) => {
    const from = first;
    first += levels.length;
    return Int32Array.from(givenFeatures[f]?.levels ?? [], (label) => {
      const at = levels.indexOf(label);
      return at < 0 ? -1 : from + at;
    });
  });
}
