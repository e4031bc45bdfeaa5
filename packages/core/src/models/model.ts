import type { BasketEntry, BasketTable } from '../baskets/basket-table.ts';
import type { Address } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** Rows of a table, first included, last not. */
export interface RowRange {
  from: number;
  to: number;
}

/** What a model is fitted on. */
export interface TrainingSet {
  pool: KernelPool;
  table: BasketTable;
  /** Rows that train: one cluster's, or all. */
  range: RowRange;
  /**
   * f32[rows] of kernel memory, in place of the table's multiplicities: 0 leaves a row out (it is scored, but does not train).
   */
  weight?: Address;
}

/** What to score. */
export interface ScoreRequest {
  pool: KernelPool;
  table: BasketTable;
  range: RowRange;
  /** Length of the lists: 1 .. 64. */
  n: number;
  /** One byte per column of the table: 1 where it may be recommended. Pseudo-products never are. */
  allowed: Uint8Array;
}

/**
 * The best columns of each row of the range, in kernel memory. Held columns and those not allowed are left out; where fewer remain,
 * lists are shorter. Order: higher score, then lower product code.
 */
export interface TopN {
  rows: number;
  n: number;
  /** u32[rows]: length of each list. */
  count: Address;
  /** u32[rows x n]: columns of the table. */
  column: Address;
  /** f32[rows x n]. */
  score: Address;
}

/** Why a product has its score. */
export interface Explanation {
  score: number;
  /** What the constant pseudo-product (the item bias) contributes; 0 without one. */
  baseline: number;
  /** One per held entry, largest first; they and the baseline sum to the score within 1e-5 relative. */
  contributions: readonly { column: number; value: number }[];
}

/** A holding by product code, for callers that have no table. */
export interface HeldProduct {
  product: string;
  band: number;
}

/**
 * What every model can do once it is fitted, whatever its kind: score distinct baskets, fold in any basket, explain, be saved.
 * A model keeps its own columns (by product code) and scores tables with other columns; a product it never saw scores 0.
 */
export interface Model {
  readonly kind: string;
  /** Product code of each of the model's columns; the last `pseudoColumns` are pseudo-products. */
  readonly columns: readonly string[];
  readonly pseudoColumns: number;
  /** Lists for every row of the request's range; allocates the result on the request's memory. */
  topN(request: ScoreRequest): Promise<TopN>;
  /** Scores of all the model's columns (held ones too) for one basket in the model's columns: f64[columns]. */
  foldIn(basket: readonly BasketEntry[]): Float64Array;
  /** Why `column` scores what it does; null where this kind of model cannot tell. */
  explain(basket: readonly BasketEntry[], column: number): Explanation | null;
  /** What the model file holds: named matrices and the parameters. */
  state(): ModelState;
}

/** A model as data: everything that `saveModel` writes and `loadModel` gives back. */
export interface ModelState {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  /** Parameters and seed, as plain JSON values. */
  parameters: Readonly<Record<string, unknown>>;
  /** Row-major matrices by name. */
  matrices: Readonly<Record<string, { rows: number; columns: number; values: Float32Array | Float64Array }>>;
}
