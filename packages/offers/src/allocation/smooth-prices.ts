import type { OfferDemand } from './demand.ts';
import type { ClassShares, NearOffers } from './near-offers.ts';
import { mostSampled, type OfferProblem } from './offer-problem.ts';
import type { PriceBox } from './packed-classes.ts';
import { boundAt, findPrices, type OfferPrices, shareOf } from './prices.ts';
import { freeCapacities, lookAt, mostFree, type PricePoint, pullOf, settleWidth, smallestPull } from './smooth-steps.ts';

/** Prices, and the narrowest width at which their demand is close to the limits. */
interface SettledShares {
  prices: Float64Array;
  width: number;
  /** Excess or missing demand, as a share of all offers. */
  pull: number;
}

/** Result of a stage: its last prices, the prices with the smallest bound, and the shares for rounding. */
interface SmoothPrices {
  prices: Float64Array;
  best: Float64Array;
  settled: SettledShares;
}

/**
 * Settings of a stage: number of classes of equal customers (see `OfferProblem`), falling widths, range of prices (see boxAround),
 * and the least gain of a step.
 */
interface SmoothingStage {
  most: number;
  widths: readonly number[];
  part: number;
  gain?: number;
}

/** Default gain of a step that ends a width, as a share of the bound. */
const smallestStepGain = 5e-7;
/** Excess or missing demand at which shares count as feasible, as a share of all offers. */
const settledPull = 0.02;
/** Initial damping of the first search at a width, and of further ones, after prices left the range (box). */
const [firstDamped, nextDamped] = [1e-1, 1e-3];

/**
 * First stage of the price search: number of classes, and a width at which nearly all customers of a class choose its best offer.
 */
const fromNothing = { rounds: 80, ahead: 0.5, patience: 6 };
const firstStageClasses = 2 ** 15;
const sharp = 1e-6;
const smoothingStages: readonly SmoothingStage[] = [
  { most: firstStageClasses, widths: [0.05, 0.02], part: 1 },
  { most: 2 ** 17, widths: [0.02, 0.01], part: 1 },
  { most: mostSampled, widths: [0.01, 0.005, 0.0025, 0.00125], part: 1 },
];
/**
 * Stage of all classes, and the same for very many classes. There the last width costs more time than its gain of .04 % of the
 * value justifies.
 */
const [ofAll, ofVeryMany]: readonly [SmoothingStage, SmoothingStage] = [
  { most: Number.POSITIVE_INFINITY, widths: [0.001, 0.0005], part: 0.5 },
  { most: Number.POSITIVE_INFINITY, widths: [0.001], part: 0.5 },
];
const veryMany = 2 ** 20;
/** Price search without one capacity. The reported value without it need not be precise. */
const stageWithoutOne: SmoothingStage = { most: firstStageClasses, widths: [0.02], part: 1, gain: 5e-4 };

/** Widest width at which decided classes are removed, and most removals at one width. Each removal is around the last result. */
const [widestNarrowed, mostBoxes] = [0.01, 2];
/**
 * Range of a price in a removal: a share of the price, plus a share of the mean value. A price of 0 with gradient 0 has a smaller
 * range.
 */
const moves = { own: 0.15, worth: 0.05, still: 0.01 };

/** Prices and shares of a problem of many customers with one offer each. Computed on the first classes, then on all. */
export async function findSmoothPrices(
  problem: OfferProblem,
  demand: OfferDemand,
  signal: AbortSignal | undefined,
): Promise<{ found: OfferPrices; shares: ClassShares }> {
  const classes = problem.offered.length;
  const { scales } = demand;
  let [prices, before]: [Float64Array, number | undefined] = [await roughPrices(problem, demand, signal), undefined];
  for (const stage of smoothingStages) {
    ({ prices } = await runSmoothing(problem, demand, stage, { prices, before, scales, signal }, async (_, found) => found));
    before = stage.widths.at(-1)!;
  }
  const last = classes > veryMany ? ofVeryMany : ofAll;
  const { best, shares } = await runSmoothing(problem, demand, last, { prices, before, scales, signal }, async (near, found) => {
    return { best: found.best, shares: await near.sharesAt(found.settled.prices, found.settled.width) };
  });
  return { found: { prices: best, bound: await boundAt(problem, demand, best) }, shares };
}

/** Prices from 0 on the first classes. All of their candidates are packed, and evaluated about a hundred times. */
async function roughPrices(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Float64Array> {
  const classes = Math.min(problem.offered.length, firstStageClasses);
  const anyPrices = boxOf(problem, new Float64Array(problem.capacities.length), () => Number.POSITIVE_INFINITY);
  const near = await demand.near(anyPrices, sharp, classes);
  const at = async (prices: Float64Array) => {
    const { asked, greatest } = await near.at(prices, sharp);
    return { offers: asked, surplus: greatest };
  };
  try {
    const found = await findPrices(problem, { scales: demand.scales, at }, { ...fromNothing, signal }, undefined, classes);
    return found.prices;
  } finally {
    near.release();
  }
}

/** Prices of a problem that differs little from one with known prices. Computed on the first `firstStageClasses` classes. */
export async function findSmoothPricesNear(
  problem: OfferProblem,
  demand: OfferDemand,
  prices: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  return runSmoothing(
    problem,
    demand,
    stageWithoutOne,
    { prices, before: undefined, scales: demand.scales, signal },
    async (_, { best }) => best,
  );
}

/** Start of a stage. */
interface StageStart {
  prices: Float64Array;
  /** Width at which the prices are already optimal; undefined for none. */
  before: number | undefined;
  /** Mean value of the entries that each capacity counts. */
  scales: Float64Array;
  signal: AbortSignal | undefined;
}

/** Searches the prices of a stage. @param then gets the result while the classes are packed */
async function runSmoothing<Made>(
  problem: OfferProblem,
  demand: OfferDemand,
  { most, widths, part, gain = smallestStepGain }: SmoothingStage,
  start: StageStart,
  then: (near: NearOffers, found: SmoothPrices) => Promise<Made>,
): Promise<Made> {
  const count = Math.min(problem.offered.length, most);
  const { scales } = start;
  const box = boxAround(problem, start.prices, scales, 1);
  const packed = withMinimums(problem, boxAround(problem, start.prices, scales, part), box);
  const near = await demand.near(packed, Math.max(start.before ?? 0, widths[0]!), count);
  try {
    return await then(near, await smoothPrices(problem, near, { ...start, box, widths, gain, share: shareOf(problem, count) }));
  } finally {
    near.release();
  }
}

/** Box around prices: each extends by a share of the price and of the mean value, and has the sign that its limits allow. */
function boxAround(problem: OfferProblem, prices: Float64Array, scales: Float64Array, part: number): PriceBox {
  return boxOf(problem, prices, (g) => (Math.abs(prices[g]!) + scales[g]!) * part);
}

function boxOf({ capacities }: OfferProblem, prices: Float64Array, far: (g: number) => number): PriceBox {
  return {
    low: prices.map((price, g) => (capacities[g]!.least > 0 ? price - far(g) : Math.max(0, price - far(g)))),
    high: prices.map((price, g) =>
      capacities[g]!.most < Number.POSITIVE_INFINITY ? price + far(g) : Math.min(0, price + far(g)),
    ),
  };
}

/** Box extended by the prices that a minimum may need. */
function withMinimums({ capacities }: OfferProblem, narrow: PriceBox, wide: PriceBox): PriceBox {
  return { low: narrow.low.map((price, g) => (capacities[g]!.least > 0 ? wide.low[g]! : price)), high: narrow.high };
}

/** Box around approximately known prices, within another box. */
function boxWithin(problem: OfferProblem, { prices, pull }: PricePoint, scales: Float64Array, { low, high }: PriceBox): PriceBox {
  const inner = boxOf(problem, prices, (g) => {
    const isStill = prices[g] === 0 && pull[g] === 0;
    return isStill ? moves.still * scales[g]! : moves.own * Math.abs(prices[g]!) + moves.worth * scales[g]!;
  });
  return {
    low: inner.low.map((price, g) => Math.max(price, low[g]!)),
    high: inner.high.map((price, g) => Math.min(price, high[g]!)),
  };
}

/** State of the price search, width by width. */
interface SmoothOptions extends StageStart {
  box: PriceBox;
  widths: readonly number[];
  gain: number;
  /** Share of the customers included. */
  share: number;
}

/**
 * Finds prices that minimise the bound for many customers. Shares smooth the bound (assembly/offers/shares.ts).
 * The search goes width by width, each a fraction of the previous one. At each width, Newton's steps with Levenberg's damping
 * (1944) lead to the minimum.
 * While the same shares are above 0, shares are linear in the width, and so is the path of the minimum. The first step at the
 * next width follows it.
 * Prices have the signs that their limits allow. Customers with constant shares at all prices nearby are removed.
 * If the box then stops a price, the removal is repeated once around the new prices.
 */
async function smoothPrices(problem: OfferProblem, near: NearOffers, options: SmoothOptions): Promise<SmoothPrices> {
  const { box, scales, widths, gain, share, signal } = options;
  let before = options.before;
  let now = await lookAt(problem, { near, width: before ?? widths[0]!, share }, options.prices);
  let best = now;
  let settled: SettledShares = { prices: now.prices, width: widths[0]!, pull: Number.POSITIVE_INFINITY };
  for (const width of widths) {
    const isNarrowed = width <= widestNarrowed;
    for (let boxes = 0; boxes < (isNarrowed ? mostBoxes : 1); boxes++) {
      const inner = isNarrowed ? boxWithin(problem, now, scales, box) : box;
      const closer = isNarrowed ? await near.narrow(inner, before ?? width) : near;
      const damped = boxes === 0 ? firstDamped : nextDamped;
      const found = await settleWidth(problem, { near: closer, box: inner, width, damped, gain, share, signal }, now, before);
      if (isNarrowed) closer.release();
      now = found.now;
      before = width;
      if (found.best.bound < best.bound) best = found.best;
      if (pullOf(now, freeCapacities(now, box)) - pullOf(now, freeCapacities(now, inner)) <= smallestPull * now.offers) break;
    }
    const free = freeCapacities(now, box);
    const pull = pullOf(now, free) / Math.max(1, now.offers);
    if (pull < settledPull || pull < settled.pull) settled = { prices: now.prices, width, pull };
    if (free.length > mostFree) break;
  }
  return { prices: now.prices, best: best.prices, settled };
}
