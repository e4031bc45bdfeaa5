import { type KernelPool, solveCholesky } from '@basketwise/core';
import type { DemandDerivatives, NearOffers, SharedOffers } from './near-offers.ts';
import type { OfferProblem } from './offer-problem.ts';
import type { PriceBox } from './packed-classes.ts';
import { capacitySize, dualAt } from './prices.ts';

/** Evaluated shadow prices: their demand, smoothed and exact bound, and gradient. */
export interface PricePoint extends SharedOffers {
  prices: Float64Array;
  /** Smoothed bound. */
  smooth: number;
  /** Exact bound. */
  bound: number;
  /** Excess demand by capacity. Above 0: demand exceeds the limit. */
  pull: Float64Array;
}

/** Options of the search for the minimum at one smoothing width. */
export interface WidthOptions {
  near: NearOffers;
  box: PriceBox;
  /** Smoothing width, relative to the greatest value of a class. */
  width: number;
  /** Damping of the first step. */
  damped: number;
  /** Share of all customers that are in the classes used, 0 to 1. The limits of capacities are scaled by it. */
  share: number;
  /** Gain of a step, as a share of the bound, below which the search ends. */
  gain: number;
  signal: AbortSignal | undefined;
}

/** Greatest number of steps at one width, and of tries of one step. */
const [mostSteps, mostTries] = [25, 8];
/** Total excess or missing demand below which the search ends, as a share of all offers. */
export const smallestPull = 5e-3;
/** Greatest number of free capacities for which a Newton step is solved. */
export const mostFree = 1500;
/**
 * Damping of Newton steps.
 * - `path`: damping of the first step at a new smoothing width (see `alongPath`)
 * - `on`, `off`: damping of the next step if the first step succeeded or failed
 * - `least`: lower limit of the damping
 * - `falls`, `grows`: factors by which the damping falls after a success and grows after a failure
 */
const damping = { path: 1e-5, on: 1e-4, off: 1e-2, least: 1e-6, falls: 5, grows: 6 };

/** Evaluates given shadow prices: demand, bounds and gradient. */
export async function lookAt(
  problem: OfferProblem,
  { near, width, share }: Pick<WidthOptions, 'near' | 'width' | 'share'>,
  prices: Float64Array,
): Promise<PricePoint> {
  const shared = await near.at(prices, width);
  const { bound, pull } = dualAt(problem, prices, { offers: shared.asked, surplus: shared.value }, share);
  return { ...shared, prices, smooth: bound, bound: bound - shared.value + shared.greatest, pull };
}

/**
 * Finds the minimum of the smoothed bound at a width within a box, by Newton steps with Levenberg's damping.
 * Also returns the evaluated prices with the smallest exact bound.
 * @param before another width, at which `from` is the minimum; undefined if `from` is no minimum
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

/** First step at a width: from the minimum at the previous width, along the path of the minimum as a function of the width. */
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

/** Free capacities: those with excess or missing demand whose price can move in that direction within the box. */
export function freeCapacities({ pull, prices }: PricePoint, { low, high }: PriceBox): number[] {
  return [...pull.keys()].filter((g) => (pull[g]! > 0 ? prices[g]! < high[g]! : pull[g]! < 0 && prices[g]! > low[g]!));
}

/** Total excess or missing demand of some capacities. */
export function pullOf({ pull }: PricePoint, free: readonly number[]): number {
  return free.reduce((sum, g) => sum + Math.abs(pull[g]!), 0);
}

/** Linear system of a Newton step at given prices: derivatives of the demand, and right side. */
interface WantedStep {
  now: PricePoint;
  free: readonly number[];
  derivatives: DemandDerivatives;
  right: Float64Array;
}

/** Solves (H + D) step = right, with the Hessian H of the smoothed bound and the damping D, relative to the diagonal of H. */
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

/** Prices after a step, limited to the box. A price that would change its sign stops at 0. */
function movedPrices({ low, high }: PriceBox, prices: Float64Array, free: readonly number[], step: Float64Array): Float64Array {
  const next = prices.slice();
  for (const [i, g] of free.entries()) {
    const from = prices[g]!;
    const to = Math.min(high[g]!, Math.max(low[g]!, from + step[i]!));
    next[g] = from * to < 0 ? 0 : to;
  }
  return next;
}

/** Number of rows of scratch space of the kernel, each as long as a row of the matrix (assembly/linalg/large-cholesky.ts). */
const scratchLines = 33;

/** Symmetric linear system: (matrix + diagonal) x = right, to solve for x. */
export interface SymmetricSystem {
  /** Matrix f64[size x size]. Only its lower triangle is read. */
  matrix: Float64Array;
  /** Numbers added to the diagonal, f64[size]. */
  diagonal: Float64Array;
  right: Float64Array;
}

/**
 * Solves a symmetric system of hundreds of rows by a kernel on the calling thread.
 * The result is bit-equal to that of `factorize` and `solveCholesky` (cholesky.ts in @basketwise/core).
 * @returns x; null if the matrix is not positive definite
 */
export function solveDefinite(pool: KernelPool, { matrix, diagonal, right }: SymmetricSystem): Float64Array | null {
  const { memory } = pool;
  const size = right.length;
  const mark = memory.mark();
  const stored = memory.store(matrix);
  const summed = memory.f64(stored, size * size);
  for (let i = 0; i < size; i++) summed[i * size + i]! += diagonal[i]!;
  const isDefinite = pool.call('factorizeLower', { matrix: stored, size }, scratchLines * size * 8) === 1;
  const solution = isDefinite ? solveCholesky(memory.f64(stored, size * size), size, right) : null;
  memory.release(mark);
  return solution;
}
