import type { Feature } from '../baskets/row-contexts.ts';
import type { Model } from '../models/model.ts';

/** Component: a model, the weight of its (log-)score, and its level (see `memberLevel`), which is subtracted from its scores. */
export interface NextPurchaseMember {
  model: Model;
  weight: number;
  /** Weights for the customers of each tier (see `tierOf`). Absent: `weight` for all. */
  byTier?: readonly number[] | undefined;
  /** Level, f64[columns]; null for none. */
  level: Float64Array | null;
}

/** Parts of a next-purchase model. All components have the same columns. */
export interface NextPurchaseParts {
  members: readonly NextPurchaseMember[];
  features: readonly Feature[];
  /** Effect of each feature level on the utility of each column, f64[levels x columns]. */
  effects: Float64Array;
  /** Weight of each pair of a held and a recommended product, f64[columns x columns]: row j is added for holders of j. Null for none. */
  pairs?: Float64Array | null;
  /**
   * One byte per column: 1 if it can be recommended. Terms are centred on their mean over these, except those of exact baskets.
   */
  candidates: Uint8Array;
}
