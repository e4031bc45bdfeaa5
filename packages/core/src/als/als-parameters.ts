import { AppError } from '../error.ts';

/** Parameters of an ALS model; given `start` factors are an option of the fit. */
export interface AlsParameters {
  /** f: 1 .. 256; clamped to the number of columns, with a warning. */
  factors: number;
  /** lambda >= 0, as given (never scaled by counts). */
  regularization: number;
  /** A held product counts alpha x weight of its band, an unheld one counts 1. */
  alpha: number;
  /** Weight of each recency band of the holdings, >= 0. */
  weights: readonly number[];
  /** Weights of the bands that follow: those of the pseudo-products (the constant's is .5 to 1). */
  pseudoWeights?: readonly number[];
  /** Most sweeps (customers, then items); 0 returns the start. */
  iterations: number;
  /** Stops after a sweep that lowers the objective by less than this share; 0 (the default) never stops early. */
  tolerance?: number;
  /** Seed of the random start: 0 .. 2^32 - 1; 0 by default. */
  seed?: number;
  /** `seeded` (the default): small random factors; `svd`: the leading eigenvectors of the baskets, deterministic. */
  start?: 'seeded' | 'svd';
  /**
   * After each sweep, Y is scaled so that |X| = |Y|. Scores stay the same and the penalty falls, so that far fewer sweeps are needed, above
   * all from a small random start. True by default; false gives the textbook's sequence of sweeps from a given start.
   */
  balance?: boolean;
}

const mostFactors = 256;

function refuseParameter(name: string, value: unknown, hint: string): never {
  throw new AppError('config', `model: ${name} is ${String(value)}`, hint);
}

/** @throws AppError config naming the parameter out of range */
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

/** Confidence by band, f64[256]: c = alpha x weight. Bands that have no weight are NaN. */
export function confidenceByBand({ alpha, weights, pseudoWeights = [] }: AlsParameters): Float64Array {
  const confidence = new Float64Array(256).fill(NaN);
  for (const [band, weight] of [...weights, ...pseudoWeights].entries()) confidence[band] = alpha * weight;
  return confidence;
}

/** Warnings of values that are allowed but rarely intended: more factors than columns, held products that count less than unheld ones. */
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
