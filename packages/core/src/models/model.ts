import type { BasketEntry } from '../baskets/basket-table.ts';
import type { Context, Feature } from '../baskets/row-contexts.ts';
import type { ScoreRequest, TopN } from '../baskets/topn-lists.ts';
import { reasonShare, smallestShare } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';

/** Scale of scores in a sum. `raw`: unchanged. `log`: the logarithm of a share, cut below at one in a million. */
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
  /** One per held entry, largest first; all terms sum to the score within 1e-5 relative. */
  contributions: readonly { column: number; value: number }[];
  /**
   * Contribution of purchases by customers with exactly the same products, or with none either; absent if the model counts none. That of a
   * single held product is part of its contribution.
   */
  exact?: number;
  /** Mean of the contributions of exact baskets over the candidates, as other terms are centred; absent: 0. */
  mean?: number;
  /** Contribution of each feature of the customer, by position among the model's features; absent if the model ranks by none. */
  features?: readonly { feature: number; value: number }[];
}

/**
 * Position of the reason among the terms of a score beyond its baseline: the largest, the first of equal ones; -1, `popular`, if none is more
 * than a tenth of the score's distance from the mean.
 */
export function reasonAmong({ score, mean = 0 }: Pick<Explanation, 'score' | 'mean'>, terms: readonly number[]): number {
  const least = reasonShare * Math.abs(score - mean);
  const most = Math.max(least, ...terms);
  return most > least ? terms.indexOf(most) : -1;
}

/** A holding by product code, for callers without a table. */
export interface HeldProduct {
  product: string;
  /** Recency band; 0, the most recent, by default. */
  band?: number;
}

/**
 * A fitted model of any kind: it scores distinct baskets, folds in any basket, explains, and is saved. A model has its own columns (by
 * product code) and scores tables with other columns; an unknown product scores 0.
 */
export interface Model {
  readonly kind: string;
  /** Product code of each of the model's columns; the last `pseudoColumns` are pseudo-products. */
  readonly columns: readonly string[];
  readonly pseudoColumns: number;
  /** Features of customers that it ranks by; absent: it ranks by baskets alone. */
  readonly features?: readonly Feature[];
  /** Lists for every row of the request's range; allocates the result on the request's memory. */
  topN(request: ScoreRequest): Promise<TopN>;
  /**
   * Adds the steps by which kernels score rows of a table with the model's own columns; absent if there are none.
   * @param space positions requested
   * @param scale scale requested: `log`, the logarithms of shares, if the model has them without computing them row by row
   */
  addSteps?(plan: ScorePlan, space: ScoreSpace, scale: ScoreScale): Promise<ScoredLine> | ScoredLine;
  /** Scores of all the model's columns (held ones too) for one basket in the model's columns: f64[columns]. */
  foldIn(basket: readonly BasketEntry[], context?: Context): Float64Array;
  /** Explanation of the score of `column`; null if this kind of model has no contributions. */
  explain(basket: readonly BasketEntry[], column: number, context?: Context): Explanation | null;
  /** Similarity of every column to one: f64[columns]; absent for models that do not compare products. */
  similarities?(column: number): Float64Array;
  /** Content of the model file: named matrices and the parameters. */
  state(): ModelState;
}

/** A model as data: the content that `saveModel` writes and `loadModel` restores. */
export interface ModelState {
  kind: string;
  columns: readonly string[];
  pseudoColumns: number;
  /** Parameters and seed, as plain JSON values. */
  parameters: Readonly<Record<string, unknown>>;
  /** Row-major matrices by name. */
  matrices: Readonly<Record<string, { rows: number; columns: number; values: Float32Array | Float64Array }>>;
}
