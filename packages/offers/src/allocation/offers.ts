import type { KernelPool } from '@basketwise/core';
import type { Allocation } from './allocation.ts';
import { capacityPrices } from './capacity-prices.ts';
import { OfferDemand } from './demand.ts';
import { Exchange } from './exchange.ts';
import { mostSampled, type OfferProblem } from './offer-problem.ts';
import { boundAt, findPrices, type OfferPrices } from './prices.ts';
import { allocateAtPrices, allocateShares, fillFast, shift } from './round.ts';
import { findSmoothPrices, findSmoothPricesNear } from './smooth-prices.ts';

/** Use and shadow price of a capacity in the decided offers. */
export interface CapacityUse {
  used: number;
  /**
   * Shadow price. Above 0: value of one more offer. Below 0: cost of the last offer of a minimum. Null: the minimum is not
   * reached.
   */
  price: number | null;
  /** Whether the minimum of the capacity is reached. */
  reached: boolean;
  /** Upper bound of the total value without this capacity; null if not computed. */
  without: number | null;
}

/** Decided offers, their total value, and the upper bound of any choice within the capacities. */
export interface DecidedOffers {
  allocation: Allocation;
  worth: number;
  bound: number;
  capacities: readonly CapacityUse[];
}

/** Gap to the bound, as a share of the bound, above which offers from rounded shares are compared with offers in turns. */
const wideEnough = 1e-3;
/** Gap to the bound at which rounds stop, as a share of the bound. */
const closeEnough = 2e-4;
/** Effort of the price search: from prices of 0, from known prices, and after each rounding that is far from the bound. */
const [first, next, again] = [
  { rounds: 250, ahead: 0.5, patience: 6 },
  { rounds: 12, ahead: 0.005, patience: 3 },
  { rounds: 60, patience: 6 },
];
/** Number of classes in the first price search of problems with many more classes. */
const firstClasses = mostSampled / 2;
/** Greatest number of rounds of price search and rounding, for few classes and for many classes. */
const [cycles, fewCycles] = [4, 2];

/** Shadow prices, and the whole offers rounded from them. */
interface Rounded {
  best: OfferPrices;
  allocation: Allocation;
}

/**
 * Decides the offers: finds shadow prices of the capacities by dual ascent, then whole offers at these prices.
 * The result does not depend on the number of workers.
 * If a minimum is not reached, the result reports it, and the bound holds for the number of offers reached.
 */
export async function decideOffers(pool: KernelPool, problem: OfferProblem, signal?: AbortSignal): Promise<DecidedOffers> {
  const demand = new OfferDemand(pool, problem);
  try {
    const isSpread = problem.perCustomer === 1;
    const { best, allocation } = isSpread ? await spread(problem, demand, signal) : await inTurns(problem, demand, signal);
    reachMinimums(allocation, best.prices);
    const unreached = shortCapacities(allocation);
    const reachable = withReached(problem, allocation);
    const proven = unreached.length === 0 ? best : await reachedPrices(reachable, demand, best, signal);
    const without = await boundsWithout(reachable, demand, proven.prices, { isSpread, signal });
    const reported = capacityPrices(allocation, proven, unreached);
    const capacities = problem.capacities.map((_, g) => {
      const reached = !unreached.includes(g);
      return { used: allocation.used[g]!, price: reported[g]!, reached, without: without.get(g) ?? null };
    });
    return { allocation, worth: allocation.sum(), bound: aboveRounding(proven.bound), capacities };
  } finally {
    demand.release();
  }
}

/** Shadow prices, and whole offers rounded from fractional shares. For at most one offer per customer. */
async function spread(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Rounded> {
  const { best, shares } = await findSmoothPrices(problem, demand, signal);
  const allocation = allocateShares(problem, demand, shares, best.prices);
  await fillFast(allocation, demand);
  if (best.bound - allocation.sum() <= best.bound * wideEnough) return { best, allocation };
  const inTurn = await wholeOffers(problem, demand, best);
  return { best, allocation: isBetter(inTurn, allocation) ? inTurn : allocation };
}

/** Alternates the price search and the rounding to whole offers, until the value is close to the bound. */
async function inTurns(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Rounded> {
  const classes = problem.offered.length;
  const isLarge = classes > 2 * firstClasses;
  let best = await findPrices(problem, demand, { ...first, signal }, undefined, isLarge ? firstClasses : classes);
  if (isLarge) best = await findPrices(problem, demand, { ...next, signal }, best.prices);
  let allocation = await wholeOffers(problem, demand, best);
  for (let cycle = 1; cycle < (isLarge ? fewCycles : cycles); cycle++) {
    const gap = best.bound - allocation.sum();
    if (gap <= best.bound * closeEnough) break;
    const nextPrices = await findPrices(problem, demand, { ...again, ahead: gap / best.bound / 2, signal }, best.prices);
    if (nextPrices.bound < best.bound) best = nextPrices;
    const better = await wholeOffers(problem, demand, best);
    if (isBetter(better, allocation)) allocation = better;
  }
  return { best, allocation };
}

/** Rounds shadow prices to whole offers. */
async function wholeOffers(problem: OfferProblem, demand: OfferDemand, { prices }: OfferPrices): Promise<Allocation> {
  const allocation = await allocateAtPrices(problem, demand, prices);
  await shift(allocation, demand, prices);
  return allocation;
}

/** Whether `one` misses fewer minimums than `other`. If both miss equally many: whether `one` has the greater total value. */
function isBetter(challenger: Allocation, incumbent: Allocation): boolean {
  const missed = shortCapacities(challenger).length - shortCapacities(incumbent).length;
  return missed === 0 ? challenger.sum() > incumbent.sum() : missed < 0;
}

/** Greatest number of class choices (classes x rounds) for all bounds without a capacity together. */
const mostAsked = 2 ** 25;
/**
 * Effort of a price search without one of the capacities. One round evaluates the choices of all classes.
 */
const withoutOne = { rounds: 16, ahead: 0.01, patience: 4 };
/** Effort of a search without one capacity for problems with many classes, in rounds over all classes. The search uses a sample of classes. */
const manyWork = 8;

/** Upper bounds of the total value if one capacity is removed, for each of the most expensive capacities. */
async function boundsWithout(
  problem: OfferProblem,
  demand: OfferDemand,
  prices: Float64Array,
  { isSpread, signal }: { isSpread: boolean; signal: AbortSignal | undefined },
): Promise<Map<number, number>> {
  const { offered, capacities } = problem;
  const cost = (g: number) => Math.abs(prices[g]!) * (prices[g]! > 0 ? capacities[g]!.most : capacities[g]!.least);
  const work = (isSpread ? manyWork : withoutOne.rounds) * Math.max(1, offered.length);
  const dearest = [...capacities.keys()].filter((g) => prices[g] !== 0).sort((a, b) => cost(b) - cost(a) || a - b);
  const bounds = new Map<number, number>();
  for (const g of dearest.slice(0, Math.min(10, Math.floor(mostAsked / work)))) {
    const free = { least: 0, most: Number.POSITIVE_INFINITY };
    const changed = { ...problem, capacities: capacities.map((one, i) => (i === g ? { ...one, ...free } : one)) };
    const start = prices.map((price, i) => (i === g ? 0 : price));
    bounds.set(
      g,
      isSpread
        ? await boundAt(changed, demand, await findSmoothPricesNear(changed, demand, start, signal))
        : (await findPrices(changed, demand, { ...withoutOne, signal }, start)).bound,
    );
  }
  return bounds;
}

/** Capacities whose minimum is not reached. */
function shortCapacities({ problem, used }: Allocation): number[] {
  return [...problem.capacities.keys()].filter((g) => used[g]! < problem.capacities[g]!.least);
}

function reachMinimums(allocation: Allocation, prices: Float64Array): void {
  const missed = shortCapacities(allocation);
  if (missed.length === 0) return;
  const exchange = new Exchange(allocation, prices);
  for (const g of missed) exchange.reach(g);
}

/** Tolerance for rounding errors in a sum over all customers. */
function aboveRounding(bound: number): number {
  return bound + Math.abs(bound) * 1e-9;
}

/** Copy of the problem with each minimum lowered to the number of offers reached. */
function withReached(problem: OfferProblem, { used }: Allocation): OfferProblem {
  const capacities = problem.capacities.map((one, g) => ({ ...one, least: Math.min(one.least, used[g]!) }));
  return { ...problem, capacities };
}

/**
 * Shadow prices if some minimums are not reached: the prices of the problem with lowered minimums.
 * (In the original problem, the prices of unreachable minimums grow without limit.) The bound is the smaller one of both problems.
 */
async function reachedPrices(
  reachable: OfferProblem,
  demand: OfferDemand,
  best: OfferPrices,
  signal: AbortSignal | undefined,
): Promise<OfferPrices> {
  const classes = Math.min(reachable.offered.length, firstClasses);
  const { prices } = await findPrices(reachable, demand, { ...first, signal }, undefined, classes);
  const bounds = [await boundAt(reachable, demand, prices), await boundAt(reachable, demand, best.prices)];
  return { prices, bound: Math.min(...bounds) };
}
