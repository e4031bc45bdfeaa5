import { AppError } from '../error.ts';

/** Parameters of an ALS model. Start factors given by the caller are an option of the fit instead (`AlsOptions.start`). */
export interface AlsParameters {
  /** Number of factors, 1 to 256. A fit clamps it to the number of columns, with a warning. */
  factors: number;
  /** Regularization lambda of the objective, >= 0. It is never scaled by the number of holdings. */
  regularization: number;
  /** Factor alpha > 0. A held product has confidence alpha x weight of its band, and a product that is not held has 1. */
  alpha: number;
  /** Weight of each recency band of the holdings, >= 0. */
  weights: readonly number[];
  /** Weights of the bands of pseudo-products, which follow the recency bands. Usual for the constant: 0.5 to 1. */
  pseudoWeights?: readonly number[];
  /** Largest number of sweeps. A sweep solves the customer factors, then the item factors. With 0 the model has the start factors. */
  iterations: number;
  /** The fit ends after a sweep that decreases the objective by less than this share of it. Default 0: all sweeps run. */
  tolerance?: number;
  /** Seed of the random start, 0 to 2^32 - 1. Default 0. */
  seed?: number;
  /** Start factors. `seeded` (default): small random numbers. `svd`: leading singular vectors of the baskets, without random numbers. */
  start?: 'seeded' | 'svd';
  /**
   * Whether the item factors Y are scaled after each sweep so that their norm equals that of the customer factors. Default true.
   * Scaling leaves the scores unchanged and lowers the regularization term. It saves most sweeps, above all from a small random start.
   * False gives the textbook sequence of sweeps.
   */
  balance?: boolean;
}

const mostFactors = 256;

function refuseParameter(name: string, value: unknown, hint: string): never {
  throw new AppError('config', `model: ${name} is ${String(value)}`, hint);
}

/**
 * Checks all parameters.
 * @throws AppError config naming the parameter out of range
 */
export function checkAlsParameters(parameters: AlsParameters): void {
  const { factors, regularization, alpha, weights, pseudoWeights = [], iterations, tolerance = 0, seed = 0 } = parameters;
  if (!Number.isInteger(factors) || factors < 1 || factors > mostFactors) {
    refuseParameter('factors', factors, `Take a whole number from 1 to ${mostFactors}.`);
  }
  if (!(regularization >= 0 && regularization < Infinity))
    refuseParameter('regularization', regularization, 'Take a number from 0.');
  if (!(alpha > 0 && alpha < Infinity)) refuseParameter('alpha', alpha, 'Take a number above 0.');
  if (!Number.isInteger(iterations) || iterations < 0) refuseParameter('iterations', iterations, 'Take a whole number from 0.');
  if (!(tolerance >= 0 && tolerance < 1)) refuseParameter('tolerance', tolerance, 'Take a number from 0 to below 1.');
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    refuseParameter('seed', seed, 'Take a whole number from 0 to 4294967295.');
  for (const weight of [...weights, ...pseudoWeights]) {
    if (!(weight >= 0 && weight < Infinity)) refuseParameter('weights', weight, 'Take numbers from 0.');
  }
  if (weights.length + pseudoWeights.length > 256)
    refuseParameter('weights', weights.length + pseudoWeights.length, 'At most 256 bands.');
}

/** Confidence by band, f64[256]: c = alpha x weight. NaN for bands without a weight. */
export function confidenceByBand({ alpha, weights, pseudoWeights = [] }: AlsParameters): Float64Array {
  const confidence = new Float64Array(256).fill(NaN);
  for (const [band, weight] of [...weights, ...pseudoWeights].entries()) confidence[band] = alpha * weight;
  return confidence;
}

/** Warnings about unusual values: more factors than columns, or a confidence of held products below 1. */
export function alsWarnings(parameters: AlsParameters, columns: number): string[] {
  const warnings: string[] = [];
  if (parameters.factors > columns) {
    warnings.push(`factors: ${parameters.factors} is more than the ${columns} columns; ${columns} are used`);
  }
  for (const [band, weight] of parameters.weights.entries()) {
    const confidence = parameters.alpha * weight;
    if (confidence < 1) {
      warnings.push(
        `alpha x weight is ${confidence} in recency band ${band}: below 1, a held product counts less than an unheld one`,
      );
    }
  }
  return warnings;
}

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
