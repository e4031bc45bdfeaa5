import type { Feature } from '../baskets/row-contexts.ts';
import type { Model } from '../models/model.ts';

/** A component: a model, the weight of its (log-)score, and its level (see `memberLevel`), which is subtracted from its scores. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Its weights for the customers of each tier (see `tierOf`); absent: `weight` for all. */
  byTier?: readonly number[] | undefined;
  /** f64[columns]; null: no level. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model; all components have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** f64[levels x columns]: the effect of each level of each feature on the utility of each column. */
  effects: Float64Array;
  /** One byte per column: 1 if it may be recommended. Every term but those of exact baskets is its difference from the mean over these. */
  candidates: Uint8Array;
}
