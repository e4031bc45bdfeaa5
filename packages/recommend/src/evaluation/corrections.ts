import { log, required, sum } from '@basketwise/core/parts';
import { type Calibration, logistic } from '../campaigns/calibration.ts';
import { type CalibrationRows, expectedOf, levelFor, logOddsOf } from './fit-calibration.ts';
import { logGamma } from './gamma.ts';

/** Number of recommendations of a group that were followed by a purchase, and the number that the probabilities expect. */
interface GroupSales {
  bought: number;
  expected: number;
}

/** Calibration rows of a campaign with the logistic model that was fitted to them. */
interface FittedRows {
  rows: CalibrationRows;
  fit: Pick<Calibration, 'intercept' | 'slopes'>;
}

/** Corrections of the log odds of a campaign's recommendations, by number of the product and of the cluster, and the new intercept. */
interface Corrections {
  intercept: number;
  products: Map<number, number>;
  clusters: Map<number, number>;
}

/**
 * Corrects the log odds of each cluster, then of each product, by the purchases in the calibration window. The sum of a campaign's probabilities does
 * not change. All campaigns share one prior for clusters and one for products, because a campaign has few of both.
 */
export function correctOdds(list: readonly FittedRows[]): Corrections[] {
  const odds = list.map(({ rows, fit }) => logOddsOf(rows, fit.slopes));
  const clusters = correctionsBy('cluster', list, odds);
  const ofClusters = list.map(({ rows }, i) => corrected(odds[i]!, rows.cluster, clusters[i]!));
  const products = correctionsBy('product', list, ofClusters);
  return list.map(({ rows, fit }, i) => {
    const wanted = expectedOf(rows.pairs, odds[i]!, fit.intercept);
    const z = corrected(ofClusters[i]!, rows.product, products[i]!);
    const intercept = wanted === 0 ? fit.intercept : levelFor(rows.pairs, z, fit.intercept, wanted);
    return { intercept, products: products[i]!, clusters: clusters[i]! };
  });
}

/** Corrections of each campaign's groups, by number of the group. Empty where the rows have no groups. */
function correctionsBy(
  by: 'product' | 'cluster',
  list: readonly FittedRows[],
  odds: readonly Float64Array[],
): Map<number, number>[] {
  const sales = list.map((one, i) => salesBy(one.rows[by], one, odds[i]!));
  const prior = ratioPrior(sales.flatMap((ofGroup) => [...ofGroup.values()]));
  return sales.map((ofGroup) => new Map([...ofGroup].map(([group, of]) => [group, correctionOf(of, prior)])));
}

function corrected(z: Float64Array, groups: Int32Array | undefined, corrections: ReadonlyMap<number, number>): Float64Array {
  return groups === undefined ? z : z.map((value, row) => value + required(corrections, groups[row]!));
}

/**
 * Purchases and expected purchases of each group, by its number. Expected purchases are scaled to the sum of the purchases: the level of a campaign is
 * not a matter of its groups.
 * @param groups number of each row's group, i32[rows]; undefined for no groups
 * @param z log odds of each row without the intercept, f64[rows]
 */
function salesBy(groups: Int32Array | undefined, { rows, fit }: FittedRows, z: Float64Array): Map<number, GroupSales> {
  const found = new Map<number, GroupSales>();
  for (const [row, group] of (groups ?? []).entries()) {
    const of = found.get(group) ?? { bought: 0, expected: 0 };
    of.bought += rows.bought[row]!;
    of.expected += rows.pairs[row]! * logistic(fit.intercept + z[row]!);
    found.set(group, of);
  }
  const total = (of: keyof GroupSales) => sum([...found.values()].map((one) => one[of]));
  const scale = total('bought') / total('expected');
  if (scale > 0) for (const of of found.values()) of.expected *= scale;
  return found;
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
  const likelihoods = priorWeights.map((k) => sum(list.map((one) => ofGroup(one, k))));
  return priorWeights[likelihoods.lastIndexOf(Math.max(...likelihoods))]!;
}

/** Log of the ratio of purchases to expected purchases, shrunk towards 0 by the prior. */
function correctionOf({ bought, expected }: GroupSales, prior: number): number {
  return log((bought + prior) / (expected + prior));
}
