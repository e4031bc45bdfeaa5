import type { Feature } from '../baskets/row-contexts.ts';
import type { Model } from '../models/model.ts';

/** A member: a model, what a unit of its (log-)score counts for, and its level (see `memberLevel`), which is taken off its scores. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Its weights for the customers of each tier (see `tierOf`); absent: `weight` for all. */
  byTier?: readonly number[] | undefined;
  /** f64[columns]; null: nothing. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model; all members have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** f64[levels x columns]: the effect of each level of each feature on the utility of each column. */
  effects: Float64Array;
  /** One byte per column: 1 where it may be recommended. Every term but those of exact baskets is its difference from the mean over these. */
  candidates: Uint8Array;
}
