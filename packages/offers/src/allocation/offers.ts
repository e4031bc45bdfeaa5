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

/** How a capacity came out. */
export interface CapacityUse {
  used: number;
  /** Worth of one more offer; below 0: the cost of the last one of a minimum; null where its minimum is not reached. */
  price: number | null;
  /** Whether it has its minimum. */
  reached: boolean;
  /** Most that all offers would be worth without it; null where that was not looked for. */
  without: number | null;
}

/** Decided offers, what they are worth together and the bound that no choice within the capacities exceeds. */
export interface DecidedOffers {
  allocation: Allocation;
  worth: number;
  bound: number;
  capacities: readonly CapacityUse[];
}

/** Classes of which the best of all choices is looked for. */
const mostSettled = 4_000;
/** States that a search for the best of all choices keeps, and the gap, as a share of the bound, beyond which it is made again with more. */
const searchWidths = [400, 4_000];
const wideEnough = 1e-3;
/** A gap that is not worth more rounds, as a share of the bound. */
const closeEnough = 2e-4;
/** How far prices are looked for from nothing, on from there, and after each rounding that the bound is not close to. */
const [first, next, again] = [
  { rounds: 250, ahead: 0.5, patience: 6 },
  { rounds: 12, ahead: 0.005, patience: 3 },
  { rounds: 60, patience: 6 },
];
/** Classes that prices are looked for on first, where there are many more. */
const firstClasses = mostSampled / 2;
/** Roundings where classes are few, and where they are many. */
const [cycles, fewCycles] = [4, 2];

/** Prices, and whole offers. */
interface Rounded {
  found: OfferPrices;
  allocation: Allocation;
}

/**
 * Decides who is offered what: prices of the capacities by dual ascent, then whole offers at these prices. The same for any number of workers.
 * Minimums that are not reached are told, and the bound is then that of what was reached.
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

/** Prices and whole offers by shares: where customers are many, and each is made one offer at most. */
async function spread(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Rounded> {
  const { found, shares } = await findSmoothPrices(problem, demand, signal);
  const allocation = allocateShares(problem, demand, shares, found.prices);
  await fillFast(allocation, demand);
  if (found.bound - allocation.sum() <= found.bound * wideEnough) return { found, allocation };
  const other = await wholeOffers(problem, demand, found);
  return { found, allocation: isBetter(other, allocation) ? other : allocation };
}

/** Prices and whole offers in turns, until they are close. */
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

/** Whole offers at prices. */
async function wholeOffers(problem: OfferProblem, demand: OfferDemand, { prices }: OfferPrices): Promise<Allocation> {
  const allocation = await allocateAtPrices(problem, demand, prices);
  await shift(allocation, demand, prices);
  return allocation;
}

/** The best choice that a search among few classes finds, wider where the first is not close to the bound; the one that is known where it is better. */
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

/** Whether more minimums are reached, or as many and more worth. */
function isBetter(one: Allocation, other: Allocation): boolean {
  const missed = shortCapacities(one).length - shortCapacities(other).length;
  return missed === 0 ? one.sum() > other.sum() : missed < 0;
}

/** Choices of classes that may be made to ask what capacities cost. */
const mostAsked = 2 ** 25;
/** How prices without a capacity are looked for, and how many more choices it takes than one of each class; where there are many classes, a share of them will do. */
const withoutOne = { rounds: 16, ahead: 0.01, patience: 4 };
const manyWork = 8;

/** Most that all offers would be worth without each of the capacities that cost most. */
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

/** More than rounding may have taken from a sum over all customers. */
function aboveRounding(bound: number): number {
  return bound + Math.abs(bound) * 1e-9;
}

/** A problem whose minimums are as far as they were reached. */
function withReached(problem: OfferProblem, { used }: Allocation): OfferProblem {
  const capacities = problem.capacities.map((one, g) => ({ ...one, least: Math.min(one.least, used[g]!) }));
  return { ...problem, capacities };
}

/** Prices where not all minimums were reached, whose own grew without limit: those of what was reached. The bound is the smaller one of both. */
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
