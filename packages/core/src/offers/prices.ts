import { Ascent, sizeOf, withinLimits } from './ascent.ts';
import type { OfferDemand } from './demand.ts';
import type { OfferProblem } from './offer-problem.ts';

/** Prices of the capacities, and what they prove. */
export interface OfferPrices {
  /** Of each capacity: what one more offer is worth; below 0, what the last offer of a minimum costs. */
  prices: Float64Array;
  /** No choice within the capacities is worth more. */
  bound: number;
}

/** How far prices are looked for. */
export interface PriceLimits {
  /** Rounds on all classes. */
  rounds: number;
  /** Rounds on the first classes before, and how many classes those are; where there are not many more, all are asked at once. */
  firstRounds: number;
  firstClasses: number;
  signal?: AbortSignal | undefined;
}

/** Steps on the first classes, on all classes from nothing, and on all classes where the first ones were asked. */
const courses = { first: { first: 1, next: 0.95 }, whole: { first: 1, next: 0.955 }, last: { first: 0.2, next: 0.93 } };

/** How far prices are refined. */
export interface RefineLimits {
  rounds: number;
  /** How far below the bound a better one is looked for, and after how many rounds without progress nearer. */
  ahead: number;
  patience: number;
  signal?: AbortSignal | undefined;
}

/** The dual of a problem: its bound at prices, and which way each price should go. */
interface Dual {
  bound: number;
  /** Above 0: asked for too much. */
  pull: Float64Array;
}

/**
 * Prices that make the bound of a problem small, by ascent of its Lagrangian dual. With prices l of the capacities,
 *   bound(l) = sum over customers of max over their allowed sets of (worth - prices) + sum of l x (most where l > 0, least where l < 0)
 * is never below the worth of any choice within the capacities (Geoffrion 1974), and smallest where each capacity with a price is used up.
 * Counts are whole numbers, so that prices depend on nothing but the problem.
 */
export async function findPrices(problem: OfferProblem, demand: OfferDemand, limits: PriceLimits): Promise<OfferPrices> {
  const classes = problem.offered.length;
  const ascent = new Ascent(problem);
  const hasFirst = classes > 2 * limits.firstClasses;
  if (hasFirst) {
    const share = sum(problem.offered.subarray(0, limits.firstClasses)) / Math.max(1, sum(problem.offered));
    ascent.begin(courses.first);
    for (let round = 0; round < limits.firstRounds; round++) {
      limits.signal?.throwIfAborted();
      const { pull } = dualAt(problem, ascent.prices, await demand.at(ascent.prices, limits.firstClasses), share);
      ascent.step(pull, share);
    }
  }
  let best: OfferPrices = { prices: ascent.prices.slice(), bound: Number.POSITIVE_INFINITY };
  ascent.begin(hasFirst ? courses.last : courses.whole);
  for (let round = 0; round < limits.rounds; round++) {
    limits.signal?.throwIfAborted();
    const { bound, pull } = dualAt(problem, ascent.prices, await demand.at(ascent.prices), 1);
    if (bound < best.bound) best = { prices: ascent.prices.slice(), bound };
    if (pull.every((one) => one === 0)) return best;
    ascent.step(pull, 1);
  }
  return best;
}

/**
 * Goes on where several prices must move together, which steps of their own cannot: subgradient steps towards a level below the best bound
 * (Polyak 1969), a price's step as its capacity is small, the level nearer each time that a few steps have not come closer.
 */
export async function refinePrices(
  problem: OfferProblem,
  demand: OfferDemand,
  start: OfferPrices,
  limits: RefineLimits,
): Promise<OfferPrices> {
  let best = start;
  let prices = start.prices.slice();
  const sizes = problem.capacities.map(sizeOf);
  let { ahead } = limits;
  for (let [round, since] = [0, 0]; round < limits.rounds; round++) {
    limits.signal?.throwIfAborted();
    const dual = dualAt(problem, prices, await demand.at(prices), 1);
    const length = dual.pull.reduce((sum, pull, g) => sum + (pull * pull) / sizes[g]!, 0);
    if (dual.bound < best.bound) {
      if (dual.bound < best.bound - ahead / 4) since = 0;
      best = { prices: prices.slice(), bound: dual.bound };
    }
    if (length === 0) break;
    if (++since > limits.patience) {
      [since, ahead] = [0, ahead / 2];
      prices = best.prices.slice();
      continue;
    }
    const step = (dual.bound - best.bound + ahead) / length;
    for (let g = 0; g < prices.length; g++) prices[g]! += (step * dual.pull[g]!) / sizes[g]!;
    withinLimits(problem, prices);
  }
  return best;
}

/** The bound without one of the capacities, a few rounds on from prices of all. */
export async function boundWithout(
  problem: OfferProblem,
  demand: OfferDemand,
  prices: Float64Array,
  without: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const capacities = problem.capacities.map((one, g) =>
    g === without ? { ...one, least: 0, most: Number.POSITIVE_INFINITY } : one,
  );
  const other = { ...problem, capacities };
  const ascent = new Ascent(other, prices);
  ascent.prices[without] = 0;
  ascent.begin(courses.last);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 16; round++) {
    signal?.throwIfAborted();
    const dual = dualAt(other, ascent.prices, await demand.at(ascent.prices), 1);
    best = Math.min(best, dual.bound);
    ascent.step(dual.pull, 1);
  }
  return best;
}

/** The bound at prices. */
export async function boundAt(problem: OfferProblem, demand: OfferDemand, prices: Float64Array): Promise<number> {
  return dualAt(problem, prices, await demand.at(prices), 1).bound;
}

function dualAt(
  { capacities }: OfferProblem,
  prices: Float64Array,
  { offers, surplus }: { offers: Float64Array; surplus: number },
  share: number,
): Dual {
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

function sum(values: Uint32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
