import { exp, log, log1p, minimise } from '@basketwise/core/parts';
import { type Calibration, calibrationTerms, logistic } from '../campaigns/calibration.ts';

/** Recommendations made on a date, and their purchases: a sample that stands for all. */
export interface CalibrationRows {
  /** Terms, f64[rows x terms], row-major. */
  terms: Float64Array;
  /** Customers with the recommendation. The next field counts those of them who purchased. */
  pairs: Float64Array;
  bought: Float64Array;
}

/** Prior mean of the slopes, by term, and the standard deviation of campaigns around it. */
const slopePrior = { slopes: [0, -0.3, 0.4, 0, 0.4, 0.3, 0, 0.2, -0.2], spread: 0.4 };
/** Strength of the prior of the level, in purchases at the rate of all campaigns. */
const levelPrior = 1;

/**
 * Logistic regression of purchases on the terms of recommendations.
 * The prior of the slopes comes from other banks, that of the level from the rate of all campaigns. So the fit is defined for any
 * number of purchases.
 * @param rate purchases per recommendation, over all campaigns
 */
export function fitCalibration(
  { terms, pairs, bought }: CalibrationRows,
  rate: number,
): Pick<Calibration, 'intercept' | 'slopes'> {
  const width = calibrationTerms.length;
  const customers = pairs.reduce((sum, n) => sum + n, 0);
  const centre = new Float64Array(width);
  for (let row = 0; row < pairs.length; row++) {
    for (let i = 0; i < width; i++) centre[i]! += (pairs[row]! * terms[row * width + i]!) / customers;
  }
  const purchases = bought.reduce((sum, n) => sum + n, 0) + levelPrior;
  const first = log(purchases / (customers + levelPrior / rate - purchases));
  const start = Float64Array.of(first, ...slopePrior.slopes);
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    const add = (z: number, all: number, some: number): number => {
      value += all * (Math.max(z, 0) + log1p(exp(-Math.abs(z)))) - some * z;
      return all * logistic(z) - some;
    };
    gradient[0]! += add(x[0]!, levelPrior / rate, levelPrior);
    for (let row = 0; row < pairs.length; row++) {
      let z = x[0]!;
      for (let i = 0; i < width; i++) z += x[i + 1]! * (terms[row * width + i]! - centre[i]!);
      const slope = add(z, pairs[row]!, bought[row]!);
      gradient[0]! += slope;
      for (let i = 0; i < width; i++) gradient[i + 1]! += slope * (terms[row * width + i]! - centre[i]!);
    }
    for (let i = 0; i < width; i++) {
      const off = (x[i + 1]! - slopePrior.slopes[i]!) / slopePrior.spread ** 2;
      value += (off * off * slopePrior.spread ** 2) / 2;
      gradient[i + 1]! += off;
    }
    return value;
  };
  const { x } = minimise(objective, start, { nonNegative: 0, tolerance: 1e-8 });
  const slopes = Array.from(x.subarray(1));
  const intercept = x[0]! - slopes.reduce((sum, slope, i) => sum + slope * centre[i]!, 0);
  return { intercept, slopes };
}

/**
 * Sampling probability of recommendations, in proportion to their customers. Those of many customers are always included.
 * Each sampled one is weighted by the inverse of its probability.
 * @param all recommendations of all customers
 * @param wanted approximate number of rows to sample
 */
export function chanceOf(all: number, wanted: number): (pairs: number) => number {
  return (pairs) => Math.min(1, (pairs * wanted) / all);
}
