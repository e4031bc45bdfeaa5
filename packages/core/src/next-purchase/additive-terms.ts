import type { AlsModel } from '../als/als-model.ts';
import type { Feature } from '../baskets/row-contexts.ts';
import type { CountsPart } from './additive-part.ts';

/** The terms of the scores, each less its mean over the candidates: what kernels and explanations add up. */
export interface AdditiveTerms {
  columns: readonly string[];
  pseudoColumns: number;
  /** f64[lineCount x columns]: what the recency of the newest holding alone gives. */
  lines: Float64Array;
  /** f64[columns x columns] and f64[256]: what a holding adds; null without linear members. */
  linear: { matrix: Float64Array; value: Float64Array } | null;
  /** ALS, its weight applied to `hat` f64[columns x columns]; null without. */
  als: { model: AlsModel; weight: number; hat: Float64Array } | null;
  /** The part of exact baskets. */
  counts: readonly { part: CountsPart; weight: number }[];
  features: readonly Feature[];
  /** f64[levels x columns]. */
  effects: Float64Array;
}
