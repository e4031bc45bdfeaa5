import type { Feature } from '../baskets/row-contexts.ts';
import type { Model } from '../models/model.ts';

/** Component of a next-purchase model: a model, and the weight of its scores, or of their logarithms if they are shares. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Weight for the customers of each tier (see `tierOf`). Absent: `weight` for all customers. */
  byTier?: readonly number[] | undefined;
  /** Level, f64[columns], which is subtracted from the model's scores (see `memberLevel`). Null: nothing is subtracted. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model. All components have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** Effect of each feature level on the utility of each column, f64[levels x columns]. */
  effects: Float64Array;
  /** Weights of pairs, f64[columns x columns]: holders of product j get row j added to their scores. Null without pairs. */
  pairs?: Float64Array | null;
  /** One byte per column: 1 if it can be recommended (a candidate). Most terms are centred on their mean over the candidates. */
  candidates: Uint8Array;
}
