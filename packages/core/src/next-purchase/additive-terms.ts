import type { AlsModel } from '../als/als-model.ts';
import type { Feature } from '../baskets/row-contexts.ts';
import type { CountsPart } from './additive-part.ts';

/** The terms of the scores, each less its mean over the candidates: what kernels and explanations add up. */
export interface AdditiveTerms {
  columns: readonly string[];
  pseudoColumns: number;
  /** One byte per column: 1 where it may be recommended. */
  candidates: Uint8Array;
  /** Tiers of customers that have weights of their own; 1: all have the same. */
  tiers: number;
  /** f64[tiers x lineCount x columns]: what the recency of the newest holding alone gives. */
  lines: Float64Array;
  /** f64[columns x columns] and f64[256]: what a holding adds, for the customers of each tier times `share` f64[tiers]; null without linear members. */
  linear: { matrix: Float64Array; value: Float64Array; share: Float64Array } | null;
  /** ALS, its weight applied to `hat` f64[columns x columns], of which each tier takes `share` f64[tiers]; null without. */
  als: { model: AlsModel; hat: Float64Array; share: Float64Array } | null;
  /** The parts of exact baskets, `weights` f64[tiers]. */
  counts: readonly { part: CountsPart; weights: Float64Array }[];
  features: readonly Feature[];
  /** f64[levels x columns]. */
  effects: Float64Array;
}
