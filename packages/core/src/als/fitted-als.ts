import type { AlsParameters } from './als-parameters.ts';

/** Result of a sweep. */
export interface AlsIteration {
  /** 1 for the first sweep. */
  iteration: number;
  /** sum of c (p - x'y)^2 over all cells + lambda (|X|^2 + |Y|^2), exact, after the customer half-step. */
  afterCustomers: number;
  /** The same after the item half-step, the value that other libraries report. */
  objective: number;
}

/** Parts of an ALS model. */
export interface FittedAls {
  readonly columns: readonly string[];
  readonly pseudoColumns: number;
  /** Factors in use: those of the parameters, clamped to the number of columns. */
  readonly factors: number;
  readonly parameters: AlsParameters;
  /** Y, f64[columns x factors]. */
  readonly itemFactors: Float64Array;
  readonly history: readonly AlsIteration[];
}
