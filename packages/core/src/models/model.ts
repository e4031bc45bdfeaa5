import type { BasketEntry, Context, Feature } from '../baskets/basket-table.ts';
import type { ListsOfRange, PreparedRequest, ScoreRequest, TopN } from '../baskets/topn.ts';
import { reasonShare, smallestShare } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';

/**
 * Scale on which scores are added. `raw`: the scores themselves. `log`: for scores that are shares, their logarithms. Smaller shares
 * are first raised to one in a million.
 */
export type ScoreScale = 'raw' | 'log';

/** Converts a score to a scale. */
export function scaled(score: number, scale: ScoreScale): number {
  return scale === 'raw' ? score : log(Math.max(score, smallestShare));
}

/** Explanation of a product's score. */
export interface Explanation {
  score: number;
  /**
   * Part of the score that comes from no holding, feature or exact basket, for example the constant's (the item bias). 0 if there
   * is none.
   */
  baseline: number;
  /**
   * Contribution of each entry of the basket, largest first. Baseline and contributions of all kinds sum to the score, within
   * 1e-5 relative.
   */
  contributions: readonly { column: number; value: number }[];
  /**
   * Contribution of exact baskets: of purchases by customers with exactly the same products, or, for an empty basket, by
   * customers without products. Absent: the model does not count exact baskets.
   * For a single held product it is part of the product's contribution.
   */
  exact?: number;
  /**
   * Mean of the contributions of exact baskets over the candidates. It is the mean of the whole score, because all other terms
   * have mean 0. Absent: 0.
   */
  mean?: number;
  /** Contribution of each feature of the customer, by position among the model's features. Absent: the model has no features. */
  features?: readonly { feature: number; value: number }[];
}

/**
 * Position of the reason in the list of a score's terms without its baseline: the largest term (the first of equal ones). -1 for
 * `popular`: no term exceeds a tenth of the distance between score and mean.
 */
export function reasonAmong({ score, mean = 0 }: Pick<Explanation, 'score' | 'mean'>, terms: readonly number[]): number {
  const least = reasonShare * Math.abs(score - mean);
  const most = Math.max(least, ...terms);
  return most > least ? terms.indexOf(most) : -1;
}

/** A holding by its product code, for callers who have no basket table. */
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
  /** Customer features by which the model ranks. Absent: it ranks by baskets only. */
  readonly features?: readonly Feature[];
  /** Lists for every row of the request's range, allocated in the request's memory. */
  topN(request: ScoreRequest): Promise<TopN>;
  /**
   * Stores in the request's memory the data that all ranges share, and returns the function that makes the lists of a range. The
   * caller releases the memory.
   * Absent: ranges share no data.
   */
  prepare?(request: PreparedRequest): ListsOfRange;
  /**
   * Adds the steps in which kernels score rows of a table with the model's own columns. Absent: kernels cannot score this model
   * in steps.
   * @param space columns to score, in their order
   * @param scale `log` requests logarithms of shares. A model may return `raw` scores instead (see `ScoredLine.isLog`)
   */
  addSteps?(plan: ScorePlan, space: ScoreSpace, scale: ScoreScale): Promise<ScoredLine> | ScoredLine;
  /**
   * Scores of all columns of the model for one basket, f64[columns], including held columns. The entries of the basket are
   * numbered by the model's columns.
   */
  foldIn(basket: readonly BasketEntry[], context?: Context): Float64Array;
  /** Explanation of the score of `column`; null if this kind of model has no contributions. */
  explain(basket: readonly BasketEntry[], column: number, context?: Context): Explanation | null;
  /** Similarity of every column to one column, f64[columns]. Absent: the model has no similarity of its own. */
  similarities?(column: number): Float64Array;
  /** Content for the model file: named matrices and the parameters. */
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

/** State of component `i` in the state of a model, whose matrices have this number before the names of the component's own. */
export function memberState(
  { columns, pseudoColumns, matrices }: ModelState,
  i: number,
  { kind, parameters }: Pick<ModelState, 'kind' | 'parameters'>,
): ModelState {
  const prefix = `${i}.`;
  const own = Object.entries(matrices).filter(([name]) => name.startsWith(prefix));
  return {
    kind,
    columns,
    pseudoColumns,
    parameters,
    matrices: Object.fromEntries(own.map(([name, matrix]) => [name.slice(prefix.length), matrix])),
  };
}
