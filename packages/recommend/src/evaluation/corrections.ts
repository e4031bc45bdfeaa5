import { exp, log, required, sum } from '@basketwise/core';
import { type Calibration, calibrationTerms, logistic } from '../campaigns/calibration.ts';
import type { ProductRate } from '../campaigns/purchase-rates.ts';
import { type CalibrationRows, expectedOf, type GroupSales, levelFor, logOddsOf, ratioPrior } from './fit-calibration.ts';

/** Name of the grouping of recommendations by product. */
export const byProduct = 'product';
/** Positions of the sales rates of products among the terms. */
const [shareTerm, trendTerm] = [calibrationTerms.indexOf('share'), calibrationTerms.indexOf('trend')];

/** Calibration rows of a campaign with the logistic model that was fitted to them. */
interface FittedRows {
  rows: CalibrationRows;
  fit: Pick<Calibration, 'intercept' | 'slopes'>;
  /** Sales rates after the window, of the products by number. */
  rates: ReadonlyMap<number, ProductRate>;
}

/** Corrections of the log odds of a campaign's recommendations, by name of the grouping and number of the group, and the new intercept. */
interface Corrections {
  intercept: number;
  groups: Map<string, Map<number, number>>;
}

/**
 * Corrects the log odds of each group by the purchases in the calibration window: of each cluster, then of each level of a feature, then of each product.
 * The recommendations of the window have the sales rates after it, which contain its purchases: with them, the sum of a campaign's probabilities is
 * that of the fit. Thus a month of exceptional sales does not count twice. The purchases of a product are compared with all of its trend, so that how
 * much of the trend lasts is a matter of the trend's slope alone. Campaigns share the priors of a grouping, because a campaign has few groups.
 */
export function correctOdds(list: readonly FittedRows[]): Corrections[] {
  const plain = list.map(({ rows, fit }) => logOddsOf(rows, fit.slopes));
  const odds = list.map((campaign, i) => plain[i]!.map((value, row) => value + changeOfRates(campaign, row)));
  const groups = list.map(() => new Map<string, Map<number, number>>());
  for (const name of new Set(list.flatMap(({ rows }) => [...rows.groups.keys()]))) {
    const compared = name === byProduct ? odds.map((z, i) => z.map((value, row) => value + restOfTrend(list[i]!, row))) : odds;
    const corrections = shrunk(list.map((campaign, i) => salesBy(campaign.rows.groups.get(name), campaign, compared[i]!)));
    for (const [i, { rows }] of list.entries()) {
      const numbers = rows.groups.get(name);
      if (numbers === undefined) continue;
      groups[i]!.set(name, corrections[i]!);
      for (const [row, group] of numbers.entries()) odds[i]![row]! += required(corrections[i]!, group);
    }
  }
  return list.map(({ rows, fit }, i) => {
    const wanted = expectedOf(rows.pairs, plain[i]!, fit.intercept);
    const intercept = wanted === 0 ? fit.intercept : levelFor(rows.pairs, odds[i]!, fit.intercept, wanted);
    return { intercept, groups: groups[i]! };
  });
}

/** Change of a row's log odds when the sales rates of its product become those after the window. */
function changeOfRates({ rows, fit, rates }: FittedRows, row: number): number {
  const rate = rates.get(required(rows.groups, byProduct)[row]!);
  if (rate === undefined) return 0;
  const change = (term: number, now: number) => fit.slopes[term]! * (now - rows.terms[row * fit.slopes.length + term]!);
  return change(shareTerm, rate.share) + change(trendTerm, rate.trend);
}

/** Part of the trend of a row's product that the trend's slope does not count. */
function restOfTrend({ rows, fit, rates }: FittedRows, row: number): number {
  return (1 - fit.slopes[trendTerm]!) * (rates.get(required(rows.groups, byProduct)[row]!)?.trend ?? 0);
}

/**
 * Corrections of a grouping in each campaign: the correction that all campaigns share, and the deviation of a campaign from it. Both are shrunk. A group
 * of a single campaign has only the deviation.
 * @param sales sales of each group, by campaign
 */
function shrunk(sales: readonly ReadonlyMap<number, GroupSales>[]): Map<number, number>[] {
  const all = new Map<number, GroupSales[]>();
  for (const [group, counts] of sales.flatMap((ofGroup) => [...ofGroup])) all.set(group, [...(all.get(group) ?? []), counts]);
  const shared = [...all].filter(([, { length }]) => length > 1).map(([group, counts]) => [group, sumOf(counts)] as const);
  const sharedPrior = ratioPrior(shared.map(([, counts]) => counts));
  const sharedOf = new Map(shared.map(([group, counts]) => [group, correctionOf(counts, sharedPrior)]));
  const rest = sales.map((ofGroup) =>
    [...ofGroup].map(([group, { bought, expected }]) => {
      const common = sharedOf.get(group) ?? 0;
      return { group, common, bought, expected: expected * exp(common) };
    }),
  );
  const prior = ratioPrior(rest.flat());
  return rest.map((groups) => new Map(groups.map((group) => [group.group, group.common + correctionOf(group, prior)])));
}

function sumOf(list: readonly GroupSales[]): GroupSales {
  return { bought: sum(list.map(({ bought }) => bought)), expected: sum(list.map(({ expected }) => expected)) };
}

/**
 * Purchases and expected purchases of each group, by its number. Expected purchases are scaled to the sum of the purchases: the level of a campaign is
 * not a matter of its groups.
 * @param groups number of each row's group, i32[rows]; undefined for no groups
 * @param z log odds of each row without the intercept, f64[rows]
 */
function salesBy(groups: Int32Array | undefined, { rows, fit }: FittedRows, z: Float64Array): Map<number, GroupSales> {
  const sales = new Map<number, GroupSales>();
  for (const [row, group] of (groups ?? []).entries()) {
    const counts = sales.get(group) ?? { bought: 0, expected: 0 };
    counts.bought += rows.bought[row]!;
    counts.expected += rows.pairs[row]! * logistic(fit.intercept + z[row]!);
    sales.set(group, counts);
  }
  const total = sumOf([...sales.values()]);
  const scale = total.bought / total.expected;
  if (scale > 0) for (const counts of sales.values()) counts.expected *= scale;
  return sales;
}

/** Log of the ratio of purchases to expected purchases, shrunk towards 0 by the prior. */
function correctionOf({ bought, expected }: GroupSales, prior: number): number {
  return log((bought + prior) / (expected + prior));
}
