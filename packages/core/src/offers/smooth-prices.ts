import { choleskyOf, solveCholesky } from '../numbers/cholesky.ts';
import type { OfferDemand } from './demand.ts';
import type { Bend, ClassShares, NearOffers, SharedOffers } from './near-offers.ts';
import type { OfferProblem } from './offer-problem.ts';
import { boundAt, dualAt, findPrices, meanWorths, type OfferPrices, shareOf, sizeOf } from './prices.ts';

/** Prices between which candidates are known. */
interface PriceBox {
  low: Float64Array;
  high: Float64Array;
}

/** Prices and the narrowest width at which hardly more or less is asked than there is. */
interface SettledShares {
  prices: Float64Array;
  width: number;
  /** Offers that are asked too much or too little, as a share of all. */
  pull: number;
}

/** Prices that were looked at: how far from them it is to the least. */
interface Point extends SharedOffers {
  prices: Float64Array;
  /** The smoothed bound, and the bound. */
  smooth: number;
  bound: number;
  /** Of each capacity, above 0: asked for too much. */
  pull: Float64Array;
}

/** Steps at one width, tries of one step, and the gain, as a share of the bound, below which the next width comes. */
const [mostSteps, mostTries, smallestGain, smallestPull] = [25, 8, 5e-7, 5e-3];
/** Offers asked too much or too little, as a share of all, at which shares are as good as whole. */
const settledPull = 0.02;
/** Capacities with a price, or asked for too much, up to which steps are solved for. */
const mostFree = 1500;
/** Dampings: at first, at least, and how it falls and grows. */
const damping = { first: 1e-1, least: 1e-6, falls: 5, grows: 6 };

/** How prices are looked for from nothing. */
const fromNothing = { rounds: 80, ahead: 0.5, patience: 6 };
/** Classes that prices are looked for on, widths, and how far prices may move with the candidates that are near them, as a share of them. */
const stages = [
  { most: 2 ** 17, widths: [0.05], part: 1 },
  { most: 2 ** 18, widths: [0.05, 0.02, 0.01], part: 1 },
  { most: Number.POSITIVE_INFINITY, widths: [0.01, 0.005, 0.0025, 0.001, 0.0005], part: 0.5 },
];

/** Prices and shares of a problem of many customers and one offer to each: on the first classes, then on all. */
export async function findSmoothPrices(
  problem: OfferProblem,
  demand: OfferDemand,
  signal: AbortSignal | undefined,
): Promise<{ found: OfferPrices; shares: ClassShares }> {
  const classes = problem.offered.length;
  const scales = meanWorths(problem);
  const rough = await findPrices(problem, demand, { ...fromNothing, signal }, undefined, Math.min(classes, stages[0]!.most));
  let [prices, best, before]: [Float64Array, Float64Array, number | undefined] = [rough.prices, rough.prices, undefined];
  let shares: ClassShares | null = null;
  for (const [stage, { most, widths, part }] of stages.entries()) {
    const count = Math.min(classes, most);
    const box = boxAround(problem, prices, scales, 1);
    const near = await demand.near(
      narrower(problem, box, boxAround(problem, prices, scales, part)),
      Math.max(before ?? 0, widths[0]!),
      count,
    );
    const from = { prices, before, box, widths, share: shareOf(problem, count), signal };
    const found = await smoothPrices(problem, near, from);
    ({ prices, best } = found);
    before = widths.at(-1)!;
    if (stage === stages.length - 1) shares = await near.sharesAt(found.settled.prices, found.settled.width);
    near.release();
  }
  return { found: { prices: best, bound: await boundAt(problem, demand, best) }, shares: shares! };
}

/** Prices that are near some: by a share of themselves and of the mean worth, where a limit allows them. */
function boxAround({ capacities }: OfferProblem, prices: Float64Array, scales: Float64Array, part: number): PriceBox {
  const far = (g: number) => (Math.abs(prices[g]!) + scales[g]!) * part;
  return {
    low: prices.map((price, g) => (capacities[g]!.least > 0 ? price - far(g) : Math.max(0, price - far(g)))),
    high: prices.map((price, g) =>
      capacities[g]!.most < Number.POSITIVE_INFINITY ? price + far(g) : Math.min(0, price + far(g)),
    ),
  };
}

/** A box, but for what a minimum may make of its price. */
function narrower({ capacities }: OfferProblem, wide: PriceBox, narrow: PriceBox): PriceBox {
  return { low: narrow.low.map((price, g) => (capacities[g]!.least > 0 ? wide.low[g]! : price)), high: narrow.high };
}

/**
 * Prices that make the bound small where customers are many: of the bound smoothed by shares (assembly/offer-shares.ts), width by width, each a fraction of
 * the one before. At one width Newton's steps with Levenberg's damping (1944) lead to the least; as shares are linear in the width while the same ones are
 * above 0, so is the path of the least, and the first step at the next width goes along it. Prices keep to the signs that their limits allow.
 * @param widths falling, as shares of what is worth most to a class
 * @param share of the customers that `near` is of: limits are taken as that share
 */
async function smoothPrices(
  problem: OfferProblem,
  near: NearOffers,
  {
    prices: from,
    before: narrowed,
    box,
    widths,
    share,
    signal,
  }: {
    prices: Float64Array;
    before: number | undefined;
    box: PriceBox;
    widths: readonly number[];
    share: number;
    signal: AbortSignal | undefined;
  },
): Promise<{ prices: Float64Array; best: Float64Array; settled: SettledShares }> {
  const look = async (prices: Float64Array, width: number): Promise<Point> => {
    const found = await near.at(prices, width);
    const { bound, pull } = dualAt(problem, prices, { offers: found.asked, surplus: found.value }, share);
    return { ...found, prices, smooth: bound, bound: bound - found.value + found.greatest, pull };
  };
  let now = await look(from, narrowed ?? widths[0]!);
  let best = now;
  let before = narrowed;
  let settled: SettledShares = { prices: from, width: widths[0]!, pull: Number.POSITIVE_INFINITY };
  for (const width of widths) {
    let damped = damping.first;
    if (before !== undefined && before !== width) {
      const free = freeOf(now, box);
      if (free.length > mostFree) break;
      const bend = await near.bendAt(now.prices, before, free);
      const along = bend.drift.map((drift, i) => now.pull[free[i]!]! + drift * (1 - width / before!));
      const step = solve(problem, now, free, bend, along, { damped: 1e-5, share });
      const [same, ahead] = [await look(now.prices, width), step && (await look(moved(box, now.prices, free, step), width))];
      damped = ahead && ahead.smooth < same.smooth ? 1e-4 : 1e-2;
      now = ahead && ahead.smooth < same.smooth ? ahead : same;
    }
    before = width;
    for (let steps = 0; steps < mostSteps; steps++) {
      signal?.throwIfAborted();
      if (now.bound < best.bound) best = now;
      const free = freeOf(now, box);
      if (free.length > mostFree || pullOf(now, free) <= smallestPull * now.offers) break;
      const bend = await near.bendAt(now.prices, width, free);
      const right = Float64Array.from(free, (g) => now.pull[g]!);
      let next: Point | null = null;
      for (let tries = 0; tries < mostTries; tries++) {
        const step = solve(problem, now, free, bend, right, { damped, share });
        const there = step && (await look(moved(box, now.prices, free, step), width));
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
      if (gain < smallestGain * Math.abs(now.smooth)) break;
    }
    const pull = pullOf(now, freeOf(now, box)) / Math.max(1, now.offers);
    if (pull < settledPull || pull < settled.pull) settled = { prices: now.prices, width, pull };
  }
  if (now.bound < best.bound) best = now;
  return { prices: now.prices, best: best.prices, settled };
}

/** Capacities that pull at their prices, but for those that pull out of the box. */
function freeOf({ pull, prices }: Point, { low, high }: PriceBox): number[] {
  return [...pull.keys()].filter((g) => (pull[g]! > 0 ? prices[g]! < high[g]! : pull[g]! < 0 && prices[g]! > low[g]!));
}

/** Offers by which some capacities are asked too much or too little. */
function pullOf({ pull }: Point, free: readonly number[]): number {
  return free.reduce((sum, g) => sum + Math.abs(pull[g]!), 0);
}

/** Solves (curvature + damping) x step = right, the damping as large as what a change of a price by itself would ask. */
function solve(
  problem: OfferProblem,
  { prices, worth, offers }: Point,
  free: readonly number[],
  { curvature }: Bend,
  right: Float64Array,
  { damped, share }: { damped: number; share: number },
): Float64Array | null {
  const n = free.length;
  const mean = worth / Math.max(1, offers);
  const matrix = curvature.slice();
  for (const [i, g] of free.entries()) {
    const size = Math.max(1, sizeOf(problem.capacities[g]!) * share);
    matrix[i * n + i]! += damped * (matrix[i * n + i]! + size / (Math.abs(prices[g]!) + mean / 10));
  }
  const lower = choleskyOf(matrix, n);
  return lower && solveCholesky(lower, n, right);
}

/** Prices moved by a step within the box, none to the other side of 0 at once. */
function moved({ low, high }: PriceBox, prices: Float64Array, free: readonly number[], step: Float64Array): Float64Array {
  const next = prices.slice();
  for (const [i, g] of free.entries()) {
    const from = prices[g]!;
    const to = Math.min(high[g]!, Math.max(low[g]!, from + step[i]!));
    next[g] = from * to < 0 ? 0 : to;
  }
  return next;
}
