import { exp, log, required, sum } from '@basketwise/core';
import { type Calibration, logistic } from '../campaigns/calibration.ts';
import { type CalibrationRows, expectedOf, type GroupSales, levelFor, logOddsOf, ratioPrior } from './fit-calibration.ts';

/** Calibration rows of a campaign with the logistic model that was fitted to them. */
interface FittedRows {
  rows: CalibrationRows;
  fit: Pick<Calibration, 'intercept' | 'slopes'>;
}

/** Corrections of the log odds of a campaign's recommendations, by name of the grouping and number of the group, and the new intercept. */
interface Corrections {
  intercept: number;
  groups: Map<string, Map<number, number>>;
}

/**
 * Corrects the log odds of each group by the purchases in the calibration window: of each cluster, then of each level of a feature, then of each product.
 * The sum of a campaign's probabilities does not change. Campaigns share the priors of a grouping, because a campaign has few groups.
 */
export function correctOdds(list: readonly FittedRows[]): Corrections[] {
  const plain = list.map(({ rows, fit }) => logOddsOf(rows, fit.slopes));
  const odds = plain.map((z) => z.slice());
  const groups = list.map(() => new Map<string, Map<number, number>>());
  for (const name of new Set(list.flatMap(({ rows }) => [...rows.groups.keys()]))) {
    const corrections = shrunk(list.map((campaign, i) => salesBy(campaign.rows.groups.get(name), campaign, odds[i]!)));
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
