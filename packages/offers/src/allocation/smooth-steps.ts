import type { DemandDerivatives, NearOffers, SharedOffers } from './near-offers.ts';
import type { OfferProblem } from './offer-problem.ts';
import type { PriceBox } from './packed-classes.ts';
import { capacitySize, dualAt } from './prices.ts';
import { solveDefinite } from './solve-definite.ts';

/** Shadow prices tried so far, with the estimated distance of each to the optimum. */
export interface PricePoint extends SharedOffers {
  prices: Float64Array;
  /** Smoothed bound. */
  smooth: number;
  /** Exact bound. */
  bound: number;
  /** Excess demand by capacity. Above 0: demand exceeds the limit. */
  pull: Float64Array;
}

/** Search for the minimum at one width. */
export interface WidthOptions {
  near: NearOffers;
  box: PriceBox;
  /** Width as a share of the greatest value of a class. */
  width: number;
  /** Damping of the first step. */
  damped: number;
  /** Share of the customers included. Limits are scaled by it. */
  share: number;
  /** Gain of a step that ends the search, as a share of the bound. */
  gain: number;
  signal: AbortSignal | undefined;
}

/** Most steps at one width, and most tries of one step. */
const [mostSteps, mostTries] = [25, 8];
/** Excess or missing demand that ends the search, as a share of all offers. */
export const smallestPull = 5e-3;
/** Most capacities with a price or excess demand for which a step is solved. */
export const mostFree = 1500;
/**
 * Dampings. `path`: of the step along the path. `on` and `off`: of the step after it, if it succeeded or failed. `least`: the lower
 * limit. `falls` and `grows`: factors by which the damping changes.
 */
const damping = { path: 1e-5, on: 1e-4, off: 1e-2, least: 1e-6, falls: 5, grows: 6 };

/** Evaluates given prices. */
export async function lookAt(
  problem: OfferProblem,
  { near, width, share }: Pick<WidthOptions, 'near' | 'width' | 'share'>,
  prices: Float64Array,
): Promise<PricePoint> {
  const found = await near.at(prices, width);
  const { bound, pull } = dualAt(problem, prices, { offers: found.asked, surplus: found.value }, share);
  return { ...found, prices, smooth: bound, bound: bound - found.value + found.greatest, pull };
}

/**
 * Finds the minimum at a width within a box, by Newton's steps with Levenberg's damping. Also returns the evaluated prices with
 * the smallest bound.
 * @param before width at which `from` is optimal, if it is another one
 */
export async function settleWidth(
  problem: OfferProblem,
  options: WidthOptions,
  from: PricePoint,
  before: number | undefined,
): Promise<{ now: PricePoint; best: PricePoint }> {
  const { near, box, width, share, signal } = options;
  const isNext = before !== undefined && before !== width;
  let { now, damped } = isNext ? await alongPath(problem, options, from, before) : { now: from, damped: options.damped };
  let best = now.bound < from.bound ? now : from;
  for (let steps = 0; steps < mostSteps; steps++) {
    signal?.throwIfAborted();
    const free = freeCapacities(now, box);
    if (free.length > mostFree || pullOf(now, free) <= smallestPull * now.offers) break;
    const derivatives = await near.derivativesAt(now.prices, width, free);
    const right = Float64Array.from(free, (g) => now.pull[g]!);
    let next: PricePoint | null = null;
    for (let tries = 0; tries < mostTries; tries++) {
      const step = solveStep(problem, near, { now, free, derivatives, right }, { damped, share });
      const there = step && (await lookAt(problem, options, movedPrices(box, now.prices, free, step)));
      if (there && there.smooth < now.smooth) {
        next = there;
        if (tries === 0) damped = Math.max(damping.least, damped / damping.falls);
        break;
      }
      damped *= damping.grows;
    }
    if (next === null) break;
    const gain = now.smooth - next.smooth;
    now = next;
    if (now.bound < best.bound) best = now;
    if (gain < options.gain * Math.abs(now.smooth)) break;
  }
  return { now, best };
}

/** First step at a width: from the minimum of the previous one, along the path of the minimum. */
async function alongPath(
  problem: OfferProblem,
  options: WidthOptions,
  from: PricePoint,
  before: number,
): Promise<{ now: PricePoint; damped: number }> {
  const { near, box, width, share } = options;
  const same = await lookAt(problem, options, from.prices);
  const free = freeCapacities(from, box);
  if (free.length > mostFree) return { now: same, damped: damping.off };
  const derivatives = await near.derivativesAt(from.prices, before, free);
  const along = derivatives.drift.map((drift, i) => from.pull[free[i]!]! + drift * (1 - width / before));
  const step = solveStep(problem, near, { now: from, free, derivatives, right: along }, { damped: damping.path, share });
  const ahead = step && (await lookAt(problem, options, movedPrices(box, from.prices, free, step)));
  return ahead && ahead.smooth < same.smooth ? { now: ahead, damped: damping.on } : { now: same, damped: damping.off };
}

/** Capacities with a gradient that does not point out of the box. */
export function freeCapacities({ pull, prices }: PricePoint, { low, high }: PriceBox): number[] {
  return [...pull.keys()].filter((g) => (pull[g]! > 0 ? prices[g]! < high[g]! : pull[g]! < 0 && prices[g]! > low[g]!));
}

/** Total excess or missing demand of some capacities. */
export function pullOf({ pull }: PricePoint, free: readonly number[]): number {
  return free.reduce((sum, g) => sum + Math.abs(pull[g]!), 0);
}

/** Step at given prices: the curvature, and the right side. */
interface WantedStep {
  now: PricePoint;
  free: readonly number[];
  derivatives: DemandDerivatives;
  right: Float64Array;
}

/** Solves (curvature + damping) x step = right. The damping is relative to the diagonal of the curvature. */
function solveStep(
  problem: OfferProblem,
  { pool }: NearOffers,
  { now: { prices, worth, offers }, free, derivatives: { curvature }, right }: WantedStep,
  { damped, share }: { damped: number; share: number },
): Float64Array | null {
  const mean = worth / Math.max(1, offers);
  const diagonal = Float64Array.from(free, (g, i) => {
    const size = Math.max(1, capacitySize(problem.capacities[g]!) * share);
    return damped * (curvature[i * free.length + i]! + size / (Math.abs(prices[g]!) + mean / 10));
  });
  return solveDefinite(pool, { matrix: curvature, diagonal, right });
}

/** Prices moved by a step within the box. No price changes its sign in one step. */
function movedPrices({ low, high }: PriceBox, prices: Float64Array, free: readonly number[], step: Float64Array): Float64Array {
  const next = prices.slice();
  for (const [i, g] of free.entries()) {
    const from = prices[g]!;
    const to = Math.min(high[g]!, Math.max(low[g]!, from + step[i]!));
    next[g] = from * to < 0 ? 0 : to;
  }
  return next;
}
