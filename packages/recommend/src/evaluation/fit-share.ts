import { exp, log1p, minimise } from '@basketwise/core';
import { logistic } from '../campaigns/calibration.ts';
import type { CampaignColumns, CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CampaignShare } from '../campaigns/next-product.ts';
import type { BankOfWindow } from './bank-at.ts';

/** Products of customers with equal baskets. Each product in turn is held out, as if the customer had purchased it last. */
interface HeldProducts {
  /** Weight of each held-out product: number of customers / number of products. */
  weight: number;
  /** Column of each product in the campaign's baskets, -1 for products without a column. */
  columns: number[];
  /**
   * Result for each held-out product: 1 if it is a candidate of the campaign, otherwise 0. Null if the customer would be no target customer without
   * the product, or would have no candidate left.
   */
  taken: (0 | 1 | null)[];
}

/** Standard deviation of the normal prior of product effects, whose mean is 0. */
const effectSpread = 1;
/**
 * Number of pseudo-customers whose held-out product is a candidate, and of those whose product is not. They keep the level finite if real customers
 * are all of one kind.
 */
const priorCustomers = 0.5;

/**
 * Fits the probability that a customer's next product is a candidate of the campaign. The fit is a logistic regression with a normal prior. Each
 * product of each customer is held out in turn, with equal weights, so that no random draw is needed. Customers of an outer test are left out.
 */
export function fitShare(
  bank: BankOfWindow,
  plan: Pick<CampaignPlan, 'kind'>,
  columns: Pick<CampaignColumns, 'keys' | 'ofClass' | 'recommended'>,
): CampaignShare {
  const all = heldProducts(bank, plan, columns);
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let value = 0;
    for (let i = 1; i < x.length; i++) {
      gradient[i] = x[i]! / effectSpread ** 2;
      value += (x[i]! * gradient[i]!) / 2;
    }
    for (const taken of [0, 1] as const) {
      value += priorCustomers * lossOf(x[0]!, taken);
      gradient[0]! += priorCustomers * (logistic(x[0]!) - taken);
    }
    for (const one of all) value += addShareLoss(one, x, gradient);
    return value;
  };
  const [level, ...effects] = minimise(objective, new Float64Array(columns.keys.length + 1), { nonNegative: 0 }).x;
  return { level: level!, effects: Object.fromEntries(columns.keys.map((key, column) => [key, effects[column]!])) };
}

/** Negative log-likelihood of a result (0 or 1) under log odds z: log(1 + exp(z)) - result × z. */
function lossOf(z: number, taken: 0 | 1): number {
  return Math.max(z, 0) + log1p(exp(-Math.abs(z))) - taken * z;
}

/**
 * Returns the negative log-likelihood of all held-out products of a basket, and adds its derivatives to `gradient`.
 * @param x level, then the effects of columns
 */
function addShareLoss({ weight, columns, taken }: HeldProducts, x: Float64Array, gradient: Float64Array): number {
  const effectOf = (column: number) => (column < 0 ? 0 : x[column + 1]!);
  const whole = columns.reduce((sum, column) => sum + effectOf(column), x[0]!);
  let [value, slopes] = [0, 0];
  for (const [i, isTaken] of taken.entries()) {
    if (isTaken === null) continue;
    const column = columns[i]!;
    const z = whole - effectOf(column);
    value += weight * lossOf(z, isTaken);
    const slope = weight * (logistic(z) - isTaken);
    slopes += slope;
    // The held-out product itself has no effect.
    if (column >= 0) gradient[column + 1]! -= slope;
  }
  gradient[0]! += slopes;
  for (const column of columns) if (column >= 0) gradient[column + 1]! += slopes;
  return value;
}

/** Distinct baskets of two or more products, each with the weight of the customers who hold it. */
function heldProducts(
  { csr, products, added, absent, elsewhere, weight }: BankOfWindow,
  { kind }: Pick<CampaignPlan, 'kind'>,
  { keys, ofClass, recommended }: Pick<CampaignColumns, 'keys' | 'ofClass' | 'recommended'>,
): HeldProducts[] {
  const start = csr.memory.u32(csr.start, csr.customers + 1);
  const entry = csr.memory.u32(csr.entry, csr.entries);
  const columnOf = new Map(keys.map((key, column) => [key, column]));
  const found = new Map<string, HeldProducts>();
  for (let customer = 0; customer < csr.customers; customer++) {
    if (absent?.[customer] || elsewhere?.has(customer)) continue;
    const groups = new Set((added.get(customer) ?? []).map((product) => products[product]!.groupKey));
    for (let at = start[customer]!; at < start[customer + 1]!; at++) groups.add(products[entry[at]! >>> 8]!.groupKey);
    if (groups.size < 2) continue;
    const held = [...groups].sort();
    const set = JSON.stringify(held);
    const one = found.get(set) ?? { weight: 0, columns: held.map((key) => columnOf.get(key) ?? -1), taken: takenOf(held) };
    one.weight += (weight?.[customer] ?? 1) / held.length;
    found.set(set, one);
  }
  return [...found.values()].filter(({ taken }) => taken.some((isTaken) => isTaken !== null));

  function takenOf(held: readonly string[]): HeldProducts['taken'] {
    const own = held.filter((key) => ofClass.has(key)).length;
    const candidates = held.filter((key) => recommended.has(key)).length;
    return held.map((key) => {
      const isTaken = recommended.has(key) ? 1 : 0;
      const isTarget = own - Number(ofClass.has(key)) > 0 === (kind === 'upsell');
      return isTarget && candidates - isTaken < recommended.size ? isTaken : null;
    });
  }
}
