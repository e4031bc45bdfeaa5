import type { BasketEntry } from '../baskets/basket-table.ts';
import type { Context, Feature } from '../baskets/row-contexts.ts';
import type { ListsOfRange, PreparedRequest, ScoreRequest, TopN } from '../baskets/topn-lists.ts';
import { reasonShare, smallestShare } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';

/** Scale of scores in a sum. `raw`: unchanged. `log`: the logarithm of a share, which is at least one in a million. */
export type ScoreScale = 'raw' | 'log';

/** A score on a scale. */
export function scaled(score: number, scale: ScoreScale): number {
  return scale === 'raw' ? score : log(Math.max(score, smallestShare));
}

/** Explanation of a product's score. */
export interface Explanation {
  score: number;
  /** Contribution of the constant pseudo-product (the item bias); 0 without one. */
  baseline: number;
  /** Contribution of each held entry, largest first. All terms sum to the score within 1e-5 relative. */
  contributions: readonly { column: number; value: number }[];
  /**
   * Contribution of purchases by customers with exactly the same products, or also without products. Absent: the model counts
   * none.
   * For a single held product it is part of the product's contribution.
   */
  exact?: number;
  /** Mean over the candidates of the contributions of exact baskets, as other terms are centred. Absent: 0. */
  mean?: number;
  /** Contribution of each feature of the customer, by position among the model's features. Absent: the model has no features. */
  features?: readonly { feature: number; value: number }[];
}

/**
 * Position of the reason among the terms of a score beyond its baseline: the largest term, the first of equal ones.
 * -1, `popular`, if no term exceeds a tenth of the distance between score and mean.
 */
export function reasonAmong({ score, mean = 0 }: Pick<Explanation, 'score' | 'mean'>, terms: readonly number[]): number {
  const least = reasonShare * Math.abs(score - mean);
  const most = Math.max(least, ...terms);
  return most > least ? terms.indexOf(most) : -1;
}

/** Holding by product code, for callers without a table. */
export interface HeldProduct {
  product: string;
  /** Recency band. Default 0, the most recent. */
  band?: number;
}

/**
 * Fitted model of any kind. It scores distinct baskets, folds in any basket, explains scores, and can be saved.
 * A model has its own columns, by product code. It scores tables with other columns, too; an unknown product scores 0.
 */
export interface Model {
  readonly kind: string;
  /** Product code of each of the model's columns. The last `pseudoColumns` are pseudo-products. */
  readonly columns: readonly string[];
  readonly pseudoColumns: number;
  /** Customer features that it ranks by. Absent: it ranks by baskets only. */
  readonly features?: readonly Feature[];
  /** Lists for every row of the request's range, allocated in the request's memory. */
  topN(request: ScoreRequest): Promise<TopN>;
  /**
   * Stores in the request's memory what lists of all rows share, and returns `topN` for ranges of them. The caller releases the memory.
   * Absent: the ranges share nothing.
   */
  prepare?(request: PreparedRequest): ListsOfRange;
  /**
   * Adds the steps in which kernels score rows of a table with the model's own columns. Absent: the model has no such steps.
   * @param space positions requested
   * @param scale `log` requests logarithms of shares. A model that would compute them row by row can ignore it
   */
  addSteps?(plan: ScorePlan, space: ScoreSpace, scale: ScoreScale): Promise<ScoredLine> | ScoredLine;
  /**
   * Scores of all the model's columns for one basket, f64[columns]; held columns included. The basket is in the model's columns.
   */
  foldIn(basket: readonly BasketEntry[], context?: Context): Float64Array;
  /** Explanation of the score of `column`; null if this kind of model has no contributions. */
  explain(basket: readonly BasketEntry[], column: number, context?: Context): Explanation | null;
  /** Similarity of every column to one, f64[columns]. Absent: the model does not compare products. */
  similarities?(column: number): Float64Array;
  /** Content of the model file: named matrices and the parameters. */
  state(): ModelState;
}

/** Content of a model file, written by `saveModel` and restored by `loadModel`. */
export interface ModelState {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  /** Parameters and seed, as plain JSON values. */
  parameters: Readonly<Record<string, unknown>>;
  /** Row-major matrices by name. */
  matrices: Readonly<Record<string, { rows: number; columns: number; values: Float32Array | Float64Array }>>;
}
