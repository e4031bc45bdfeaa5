import { exp, log, log1p, minimise } from '@basketwise/core/parts';
import { type Calibration, calibrationTerms, logistic } from '../campaigns/calibration.ts';

/** Calibration data of a campaign: a weighted sample of recommendations as of a date, with the later purchases. */
export interface CalibrationRows {
  /** Terms of each recommendation, f64[rows x terms], row-major. */
  terms: Float64Array;
  /** Weighted number of customers with the recommendation, f64[rows]. */
  pairs: Float64Array;
  /** Number of these customers who purchased the product, f64[rows]. */
  bought: Float64Array;
  /** Product number of each recommendation, i32[rows]. */
  product: Int32Array;
  /** Cluster of the customers of each recommendation, i32[rows]; -1: none. Absent: the campaign has no clusters as of the window. */
  cluster?: Int32Array | undefined;
}

/** Normal prior of the slopes: mean of each slope, in the order of `calibrationTerms`, and standard deviation of campaigns around it. */
const slopePrior = { slopes: [0, -0.3, 0.4, 0, 0.4, 0.3, 0, 0.2, -0.2], spread: 0.4 };
/** Number of pseudo-purchases in a fit. They keep the level finite if no customer purchased. */
const leastPurchases = 1;

/** Prior of a campaign's level: a number of pseudo-purchases, and the purchases per recommendation at which they occur. */
export interface LevelPrior {
  purchases: number;
  rate: number;
}

/**
 * Counts of a campaign in a window: recommendations, recommendations followed by a purchase (`bought`), and all purchases of its products by target
 * customers (`sold`).
 */
export interface CampaignSales {
  pairs: number;
  bought: number;
  sold: number;
}

/**
 * Bounds of a prior's weight, in pseudo-purchases. The upper bound is finite because campaigns always differ somewhat. The lower bound is positive
 * because few campaigns cannot prove large differences.
 */
const [leastPrior, mostPrior] = [1, 20];

/**
 * Priors of the levels of campaigns. They assume that lists name a similar share h of the sales in all campaigns. The prior's weight follows from the
 * variance v of h between campaigns, beyond chance. A gamma prior weighs as much as h / v sales (credibility of Buhlmann and Straub, 1970).
 */
export function levelPriors(list: readonly CampaignSales[]): LevelPrior[] {
  const sum = (value: (one: CampaignSales) => number) => list.reduce((total, one) => total + value(one), 0);
  const [pairs, bought, sold] = [sum((one) => one.pairs), sum((one) => one.bought), sum((one) => one.sold)];
  if (bought === 0 || sold === 0) return list.map(() => ({ purchases: leastPrior, rate: (bought + 0.5) / (pairs + 100) }));
  const share = bought / sold;
  const spread = sum((one) => (one.sold === 0 ? 0 : one.sold * (one.bought / one.sold - share) ** 2));
  const size = sold - sum((one) => one.sold ** 2) / sold;
  const selling = list.filter((one) => one.sold > 0).length;
  const variance = size === 0 ? 0 : (spread - (selling - 1) * share) / size;
  const weight = variance > 0 ? share ** 2 / variance : mostPrior;
  const purchases = Math.min(mostPrior, Math.max(leastPrior, weight));
  return list.map((one) => ({ purchases, rate: Math.min(0.5, (share * (one.sold + 0.5)) / (one.pairs + 100)) }));
}

/**
 * Fits a logistic regression of purchases on the terms of recommendations. The prior of the slopes comes from other banks. Finally the intercept is
 * moved until the probabilities of all recommendations sum to n (b + m) / (n + m / r). n is the number of recommendations and b that of purchases. m
 * is the prior's number of purchases, r its rate.
 */
export function fitCalibration(
  { terms, pairs, bought }: Pick<CalibrationRows, 'terms' | 'pairs' | 'bought'>,
  prior: LevelPrior,
): Pick<Calibration, 'intercept' | 'slopes'> {
  const width = calibrationTerms.length;
  const customers = pairs.reduce((sum, n) => sum + n, 0);
  const centre = new Float64Array(width);
  for (let row = 0; row < pairs.length; row++) {
    for (let i = 0; i < width; i++) centre[i]! += (pairs[row]! * terms[row * width + i]!) / customers;
  }
  const purchases = bought.reduce((sum, n) => sum + n, 0);
  const recommended = leastPurchases / prior.rate;
  const first = log((purchases + leastPurchases) / (customers + recommended - purchases - leastPurchases));
  const start = Float64Array.of(first, ...slopePrior.slopes);
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    const add = (z: number, all: number, some: number): number => {
      value += all * (Math.max(z, 0) + log1p(exp(-Math.abs(z)))) - some * z;
      return all * logistic(z) - some;
    };
    gradient[0]! += add(x[0]!, recommended, leastPurchases);
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
  const fitted = x[0]! - slopes.reduce((sum, slope, i) => sum + slope * centre[i]!, 0);
  const wanted = (customers * (purchases + prior.purchases)) / (customers + prior.purchases / prior.rate);
  return { intercept: customers === 0 ? fitted : levelFor(pairs, logOddsOf({ terms, pairs }, slopes), fitted, wanted), slopes };
}

/** Log odds of each row without the intercept, f64[rows]. */
export function logOddsOf({ terms, pairs }: Pick<CalibrationRows, 'terms' | 'pairs'>, slopes: readonly number[]): Float64Array {
  const width = slopes.length;
  return Float64Array.from(pairs, (_, row) => slopes.reduce((sum, slope, i) => sum + slope * terms[row * width + i]!, 0));
}

/** Expected purchases of all rows. @param z log odds of each row without the intercept, f64[rows] */
export function expectedOf(pairs: Float64Array, z: Float64Array, intercept: number): number {
  return z.reduce((sum, value, row) => sum + pairs[row]! * logistic(value + intercept), 0);
}

/** Number of fixed-point iterations. Each multiplies the error by about the mean probability. */
const levelRounds = 6;

/**
 * Intercept at which the rows have `wanted` expected purchases.
 * @param z log odds of each row without the intercept, f64[rows]
 * @param first intercept of the first iteration
 */
export function levelFor(pairs: Float64Array, z: Float64Array, first: number, wanted: number): number {
  let level = first;
  for (let round = 0; round < levelRounds; round++) level += log(wanted / expectedOf(pairs, z, level));
  return level;
}

/**
 * Returns the sampling probability of a recommendation, proportional to its number of customers, at most 1. A sampled recommendation is weighted by
 * the inverse of its probability.
 * @param all number of recommendations, summed over all customers
 * @param wanted approximate number of rows to sample
 */
export function chanceOf(all: number, wanted: number): (pairs: number) => number {
  return (pairs) => Math.min(1, (pairs * wanted) / all);
}
