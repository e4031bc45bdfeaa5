import { sum } from '@basketwise/core';
import type { Demand, OfferDemand } from './demand.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Shadow prices of the capacities, and the upper bound of the total value that they prove. */
export interface OfferPrices {
  /** Price of each capacity. Above 0: value of one more offer. Below 0: cost of the last offer of a minimum. */
  prices: Float64Array;
  /** Upper bound of the total value of any choice within the capacities. */
  bound: number;
}

/** Effort of the price search. */
export interface PriceLimits {
  rounds: number;
  /** Initial distance of the target level below the best bound, as a share of the bound. */
  ahead: number;
  /** Number of rounds without progress after which this distance shrinks. */
  patience: number;
  signal?: AbortSignal | undefined;
}

/** Dual of a problem: its bound at given prices, and its subgradient. */
export interface Dual {
  bound: number;
  /** Subgradient by capacity: excess demand in offers. Above 0, demand exceeds the limit. */
  pull: Float64Array;
}

/** Demand at given prices, as used by the price search. */
export interface PricedDemand {
  /** Mean value of the entries that each capacity can count. */
  scales: Float64Array;
  /** Demand of the first `classes` classes. */
  at(prices: Float64Array, classes: number): Promise<Demand>;
}

/** Factor by which the distance between target level and best bound shrinks. */
const nearer = 0.7;
/** Distance between target level and best bound at which the search stops, as a share of the bound. */
const nearestBound = 1e-5;

/**
 * Finds shadow prices that minimise the upper bound of a problem: subgradient steps on its Lagrangian dual.
 * With a price l_g of each capacity g, the bound is (Geoffrion 1974)
 *   bound(l) = sum over customers of max over allowed sets of (value - prices) + sum over g of l_g (most_g if l_g > 0, least_g if l_g < 0)
 * No choice within the capacities has a greater value. The bound is smallest where each capacity with a price is used up.
 * Steps aim at a target level below the best bound (Polyak 1969). After several steps without progress, the level moves closer to the bound.
 * Step of a price: excess demand / size of the capacity x mean value of its entries.
 * (Prices differ by orders of magnitude, because a few offers have high values and most have very low values.)
 * Demand is counted in whole offers, so prices depend only on the problem.
 * @param from initial prices; absent: 0
 * @param classes number of classes from the beginning that are used, as a sample of all classes
 */
export async function findPrices(
  problem: OfferProblem,
  demand: PricedDemand,
  limits: PriceLimits,
  from?: Float64Array,
  classes: number = problem.offered.length,
): Promise<OfferPrices> {
  const share = shareOf(problem, classes);
  const sizes = problem.capacities.map((capacity) => Math.max(1, capacitySize(capacity) * share));
  const { scales } = demand;
  let prices = from?.slice() ?? new Float64Array(sizes.length);
  let best: OfferPrices = { prices, bound: Number.POSITIVE_INFINITY };
  let [ahead, reached, since] = [Number.NaN, Number.POSITIVE_INFINITY, 0];
  for (let round = 0; round < limits.rounds; round++) {
    limits.signal?.throwIfAborted();
    const { bound, pull } = dualAt(problem, prices, await demand.at(prices, classes), share);
    if (round === 0) ahead = bound * limits.ahead;
    if (bound < best.bound) best = { prices: prices.slice(), bound };
    if (best.bound < reached - ahead / 4) [reached, since] = [best.bound, 0];
    const steps = pull.map((one, g) => (one * (Math.abs(prices[g]!) + scales[g]!)) / sizes[g]!);
    const length = pull.reduce((total, one, g) => total + one * steps[g]!, 0);
    if (length === 0 || ahead < best.bound * nearestBound) break;
    if (++since > limits.patience) {
      [reached, since, ahead] = [best.bound, 0, ahead * nearer];
      prices = best.prices.slice();
      continue;
    }
    const step = (bound - best.bound + ahead) / length;
    for (let g = 0; g < prices.length; g++) prices[g]! += step * steps[g]!;
    withinLimits(problem, prices);
  }
  return best;
}

/** Upper bound of the total value at given shadow prices. */
export async function boundAt(problem: OfferProblem, demand: OfferDemand, prices: Float64Array): Promise<number> {
  return dualAt(problem, prices, await demand.at(prices), 1).bound;
}

export function dualAt({ capacities }: OfferProblem, prices: Float64Array, { offers, surplus }: Demand, share: number): Dual {
  let bound = surplus;
  const pull = new Float64Array(prices.length);
  for (const [g, { least, most }] of capacities.entries()) {
    const price = prices[g]!;
    const asked = offers[g]!;
    if (price > 0) bound += price * most * share;
    else if (price < 0) bound += price * least * share;
    if (price > 0 || asked > most * share) pull[g] = asked - most * share;
    else if (price < 0 || asked < least * share) pull[g] = asked - least * share;
  }
  return { bound, pull };
}

/** Size of a capacity in offers, to which its excess demand is relative. */
export function capacitySize({ least: minimum, most }: OfferProblem['capacities'][number]): number {
  return most < Number.POSITIVE_INFINITY ? most : minimum;
}

/** Limits prices in place to the sign that they can have: at least 0 without a minimum of the capacity, at most 0 without a maximum. */
function withinLimits({ capacities }: OfferProblem, prices: Float64Array): void {
  for (const [g, capacity] of capacities.entries()) {
    const lowest = capacity.least > 0 ? Number.NEGATIVE_INFINITY : 0;
    const highest = capacity.most < Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
    prices[g] = Math.min(highest, Math.max(lowest, prices[g]!));
  }
}

/** Share of all contacted customers that are in the first `classes` classes, 0 to 1. */
export function shareOf({ offered }: OfferProblem, classes: number): number {
  return sum(offered.subarray(0, classes)) / Math.max(1, sum(offered));
}
