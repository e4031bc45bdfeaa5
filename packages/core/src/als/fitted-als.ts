import type { AlsParameters } from './als-parameters.ts';

/** Result of a sweep. */
export interface AlsIteration {
  /** Index of the sweep, from 1. */
  iteration: number;
  /**
   * Exact objective after the customer half-step: sum of c (p - x'y)^2 over all pairs of customer and column,
   * + lambda (|X|^2 + |Y|^2). x and y are the factors of the customer and of the column, and c is the confidence.
   * p is 1 if the customer holds the column and 0 otherwise.
   */
  afterCustomers: number;
  /** Exact objective after the item half-step. Other libraries report this value. */
  objective: number;
}

/** Result of an ALS fit. */
export interface FittedAls {
  readonly columns: readonly string[];
  readonly pseudoColumns: number;
  /** Number of factors in the parameters, clamped to the number of columns. */
  readonly factors: number;
  readonly parameters: AlsParameters;
  /** Item factors Y, f64[columns x factors]. */
  readonly itemFactors: Float64Array;
  readonly history: readonly AlsIteration[];
}
