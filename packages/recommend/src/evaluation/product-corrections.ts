import { log, required, sum } from '@basketwise/core/parts';
import { type Calibration, logistic } from '../campaigns/calibration.ts';
import { type CalibrationRows, expectedOf, levelFor, logOddsOf } from './fit-calibration.ts';
import { logGamma } from './gamma.ts';

/** Number of recommendations of a product that were followed by a purchase, and the number that the probabilities expect. */
interface ProductSales {
  bought: number;
  expected: number;
}

/** Calibration rows of a campaign with the logistic model that was fitted to them. */
interface FittedRows {
  rows: CalibrationRows;
  fit: Pick<Calibration, 'intercept' | 'slopes'>;
}

/**
 * Corrects the log odds of each product by its purchases in the calibration window. The sum of a campaign's probabilities does not change. All
 * campaigns share one prior, because a campaign has few products.
 * @returns for each campaign, the new intercept, and the corrections by product number
 */
export function correctProducts(list: readonly FittedRows[]): { intercept: number; corrections: Map<number, number> }[] {
  const odds = list.map(({ rows, fit }) => logOddsOf(rows, fit.slopes));
  const sales = list.map((one, i) => salesByProduct(one, odds[i]!));
  const prior = ratioPrior(sales.flatMap((ofProduct) => [...ofProduct.values()]));
  return list.map(({ rows, fit }, i) => {
    const corrections = new Map([...sales[i]!].map(([product, of]) => [product, correctionOf(of, prior)]));
    const z = odds[i]!;
    const wanted = expectedOf(rows.pairs, z, fit.intercept);
    const corrected = z.map((value, row) => value + required(corrections, rows.product[row]!));
    const intercept = wanted === 0 ? fit.intercept : levelFor(rows.pairs, corrected, fit.intercept, wanted);
    return { intercept, corrections };
  });
}

/**
 * Purchases and expected purchases of each product, by product number. Expected purchases are scaled to the sum of the purchases: the level of a
 * campaign is not a matter of its products.
 * @param z log odds of each row without the intercept, f64[rows]
 */
function salesByProduct({ rows, fit }: FittedRows, z: Float64Array): Map<number, ProductSales> {
  const found = new Map<number, ProductSales>();
  for (const [row, product] of rows.product.entries()) {
    const of = found.get(product) ?? { bought: 0, expected: 0 };
    of.bought += rows.bought[row]!;
    of.expected += rows.pairs[row]! * logistic(fit.intercept + z[row]!);
    found.set(product, of);
  }
  const total = (of: keyof ProductSales) => sum([...found.values()].map((one) => one[of]));
  const scale = total('bought') / total('expected');
  if (scale > 0) for (const of of found.values()) of.expected *= scale;
  return found;
}

/** Weights of a prior to choose from, in expected purchases: 1 to 1,024. (Fractional powers depend on the version of Node.) */
const priorWeights = Array.from({ length: 21 }, (_, i) => (i % 2 === 0 ? 1 : Math.SQRT2) * (1 << (i >> 1)));

/**
 * Most likely weight of the prior of a product's ratio of purchases to expected purchases. The ratio has a gamma distribution with mean 1, and the
 * purchases a Poisson distribution (gamma-Poisson shrinkage: DuMouchel, 1999). The log likelihood of a weight k is
 *   sum over products of ln G(b + k) - ln G(k) + k ln(k / (k + e)) - b ln(k + e)
 * b: purchases; e: expected purchases; G: gamma function.
 */
export function ratioPrior(list: readonly ProductSales[]): number {
  const ofProduct = ({ bought: b, expected: e }: ProductSales, k: number) =>
    logGamma(b + k) - logGamma(k) + k * log(k / (k + e)) - b * log(k + e);
  const likelihoods = priorWeights.map((k) => sum(list.map((one) => ofProduct(one, k))));
  return priorWeights[likelihoods.lastIndexOf(Math.max(...likelihoods))]!;
}

/** Log of the ratio of purchases to expected purchases, shrunk towards 0 by the prior. */
function correctionOf({ bought, expected }: ProductSales, prior: number): number {
  return log((bought + prior) / (expected + prior));
}
