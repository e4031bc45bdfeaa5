import { exp, log, log1p, minimise, sum } from '@basketwise/core';
import { type Calibration, calibrationTerms, logistic } from '../campaigns/calibration.ts';
import { logGamma } from './gamma.ts';

/** Calibration data of a campaign: a weighted sample of recommendations as of a date, with the later purchases. */
export interface CalibrationRows {
  /** Terms of each recommendation, f64[rows x terms], row-major. */
  terms: Float64Array;
  /** Weighted number of customers with the recommendation, f64[rows]. */
  pairs: Float64Array;
  /** Number of these customers who purchased the product, f64[rows]. */
  bought: Float64Array;
  /** Groupings whose log odds are corrected, in this order: number of each recommendation's group, i32[rows], by name. */
  groups: ReadonlyMap<string, Int32Array>;
}

/** Normal prior of the slopes: mean of each slope, in the order of `calibrationTerms`, and standard deviation of campaigns around it. */
const slopePrior = { slopes: [0, -0.3, 0.4, 0, 0.4, 0.3, 0, 0.2, -0.2], spread: 0.4 };
/** Largest slope of the trend: at most, sales go on as in the newest window. */
const mostTrend = 1;
/** Number of pseudo-purchases in a fit. They keep the level finite if no customer purchased. */
const leastPurchases = 1;

/** Prior of a campaign's level: a number of pseudo-purchases, and the purchases per recommendation at which they occur. */
export interface LevelPrior {
  purchases: number;
  rate: number;
}

/**
 * Counts of a campaign in a window: recommendations, recommendations followed by a purchase (`bought`), and the purchases that lists by popularity
 * would name (`covered`, see `coveredPurchases`).
 */
export interface CampaignSales {
  pairs: number;
  bought: number;
  covered: number;
}

/** Largest weight of a prior, in pseudo-purchases. Campaigns always differ somewhat, which few campaigns cannot prove. */
const mostPrior = 6;

/**
 * Priors of the levels of campaigns. They assume a similar ratio of purchases to `covered` in all campaigns. A campaign with long lists of few
 * products names nearly all sales, another a small share; `covered` has this difference. The prior's weight is the most likely one.
 */
export function levelPriors(list: readonly CampaignSales[]): LevelPrior[] {
  const totalOf = (count: keyof CampaignSales) => sum(list.map((campaign) => campaign[count]));
  const [pairs, bought, covered] = [totalOf('pairs'), totalOf('bought'), totalOf('covered')];
  if (bought === 0 || covered === 0) return list.map(() => ({ purchases: 1, rate: (bought + 0.5) / (pairs + 100) }));
  const expected = list.map((campaign) => (campaign.covered * bought) / covered);
  const purchases = Math.min(
    mostPrior,
    ratioPrior(list.map((campaign, i) => ({ bought: campaign.bought, expected: expected[i]! }))),
  );
  return list.map((campaign, i) => ({ purchases, rate: Math.min(0.5, (expected[i]! + 0.001) / (campaign.pairs + 0.1)) }));
}

/** Number of recommendations of a group that were followed by a purchase, and the number that the probabilities expect. */
export interface GroupSales {
  bought: number;
  expected: number;
}

/** Weights of a prior to choose from, in expected purchases: 1 to 1,024. (Fractional powers depend on the version of Node.) */
const priorWeights = Array.from({ length: 21 }, (_, i) => (i % 2 === 0 ? 1 : Math.SQRT2) * (1 << (i >> 1)));

/**
 * Most likely weight of the prior of a group's ratio of purchases to expected purchases. The ratio has a gamma distribution with mean 1, and the
 * purchases a Poisson distribution (gamma-Poisson shrinkage: DuMouchel, 1999). The log likelihood of a weight k is
 *   sum over groups of ln G(b + k) - ln G(k) + k ln(k / (k + e)) - b ln(k + e)
 * b: purchases; e: expected purchases; G: gamma function.
 */
export function ratioPrior(list: readonly GroupSales[]): number {
  const ofGroup = ({ bought: b, expected: e }: GroupSales, k: number) =>
    logGamma(b + k) - logGamma(k) + k * log(k / (k + e)) - b * log(k + e);
  const likelihoods = priorWeights.map((k) => sum(list.map((sales) => ofGroup(sales, k))));
  return priorWeights[likelihoods.lastIndexOf(Math.max(...likelihoods))]!;
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
  const slopes = Array.from(x.subarray(1), (slope, i) => (calibrationTerms[i] === 'trend' ? Math.min(mostTrend, slope) : slope));
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
