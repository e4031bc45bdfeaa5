import type { KernelPool } from '@basketwise/core/parts';
import type { Allocation } from './allocation.ts';
import { capacityPrices } from './capacity-prices.ts';
import { OfferDemand } from './demand.ts';
import { Exchange } from './exchange.ts';
import { mostSampled, type OfferProblem } from './offer-problem.ts';
import { boundAt, findPrices, type OfferPrices } from './prices.ts';
import { allocateAtPrices, allocateShares, fillCapacities, fillFast, shift } from './round.ts';
import { settle } from './settle.ts';
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

/** Greatest number of classes for which the beam search runs. */
const mostSettled = 4_000;
/** Widths of the beam search. The wider search follows if the gap to the bound exceeds `wideEnough`, a share of the bound. */
const searchWidths = [400, 4_000];
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
  found: OfferPrices;
  allocation: Allocation;
}

/**
 * Decides the offers: finds shadow prices of the capacities by dual ascent, then whole offers at these prices.
 * The result does not depend on the number of workers.
 * If a minimum is not reached, the result reports it, and the bound holds for the number of offers reached.
 */
export async function decideOffers(pool: KernelPool, problem: OfferProblem, signal?: AbortSignal): Promise<DecidedOffers> {
  const classes = problem.offered.length;
  const demand = new OfferDemand(pool, problem);
  try {
    const isSmall = classes <= mostSettled;
    const isSpread = !isSmall && problem.perCustomer === 1;
    const rounded = isSpread ? await spread(problem, demand, signal) : await inTurns(problem, demand, signal);
    const { found } = rounded;
    let { allocation } = rounded;
    reachMinimums(allocation, found.prices);
    if (isSmall) allocation = await settled(problem, demand, found, allocation);
    const unreached = shortCapacities(allocation);
    const reachable = withReached(problem, allocation);
    const proven = unreached.length === 0 ? found : await reachedPrices(reachable, demand, found, signal);
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

/** Shadow prices, and whole offers rounded from fractional shares. For many customers with at most one offer each. */
async function spread(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Rounded> {
  const { found, shares } = await findSmoothPrices(problem, demand, signal);
  const allocation = allocateShares(problem, demand, shares, found.prices);
  await fillFast(allocation, demand);
  if (found.bound - allocation.sum() <= found.bound * wideEnough) return { found, allocation };
  const other = await wholeOffers(problem, demand, found);
  return { found, allocation: isBetter(other, allocation) ? other : allocation };
}

/** Alternates the price search and the rounding to whole offers, until the value is close to the bound. */
async function inTurns(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Rounded> {
  const classes = problem.offered.length;
  const isLarge = classes > 2 * firstClasses;
  let found = await findPrices(problem, demand, { ...first, signal }, undefined, isLarge ? firstClasses : classes);
  if (isLarge) found = await findPrices(problem, demand, { ...next, signal }, found.prices);
  let allocation = await wholeOffers(problem, demand, found);
  for (let cycle = 1; cycle < (isLarge ? fewCycles : cycles); cycle++) {
    const gap = found.bound - allocation.sum();
    if (gap <= found.bound * closeEnough) break;
    const other = await findPrices(problem, demand, { ...again, ahead: gap / found.bound / 2, signal }, found.prices);
    if (other.bound < found.bound) found = other;
    const better = await wholeOffers(problem, demand, found);
    if (isBetter(better, allocation)) allocation = better;
  }
  return { found, allocation };
}

/** Rounds shadow prices to whole offers. */
async function wholeOffers(problem: OfferProblem, demand: OfferDemand, { prices }: OfferPrices): Promise<Allocation> {
  const allocation = await allocateAtPrices(problem, demand, prices);
  await shift(allocation, demand, prices);
  return allocation;
}

/**
 * Allocation found by the beam search, or the known allocation if it is better. For few classes.
 * A wider search follows if the first one is not close to the bound.
 */
async function settled(
  problem: OfferProblem,
  demand: OfferDemand,
  { prices, bound }: OfferPrices,
  known: Allocation,
): Promise<Allocation> {
  let best = known;
  for (const width of searchWidths) {
    const gap = shortCapacities(best).length > 0 ? Number.POSITIVE_INFINITY : bound - best.sum();
    const found = await settle(problem, demand, prices, { gap, width });
    if (found) await fillCapacities(found, demand);
    if (found && (shortCapacities(best).length > 0 || found.sum() > best.sum())) best = found;
    if (!found || bound - best.sum() <= bound * wideEnough) break;
  }
  return best;
}

/** Whether `one` misses fewer minimums than `other`. If both miss equally many: whether `one` has the greater total value. */
function isBetter(one: Allocation, other: Allocation): boolean {
  const missed = shortCapacities(one).length - shortCapacities(other).length;
  return missed === 0 ? one.sum() > other.sum() : missed < 0;
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
  const found = new Map<number, number>();
  for (const g of dearest.slice(0, Math.min(10, Math.floor(mostAsked / work)))) {
    const free = { least: 0, most: Number.POSITIVE_INFINITY };
    const changed = { ...problem, capacities: capacities.map((one, i) => (i === g ? { ...one, ...free } : one)) };
    const start = prices.map((price, i) => (i === g ? 0 : price));
    found.set(
      g,
      isSpread
        ? await boundAt(changed, demand, await findSmoothPricesNear(changed, demand, start, signal))
        : (await findPrices(changed, demand, { ...withoutOne, signal }, start)).bound,
    );
  }
  return found;
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
  found: OfferPrices,
  signal: AbortSignal | undefined,
): Promise<OfferPrices> {
  const classes = Math.min(reachable.offered.length, firstClasses);
  const { prices } = await findPrices(reachable, demand, { ...first, signal }, undefined, classes);
  const bounds = [await boundAt(reachable, demand, prices), await boundAt(reachable, demand, found.prices)];
  return { prices, bound: Math.min(...bounds) };
}
