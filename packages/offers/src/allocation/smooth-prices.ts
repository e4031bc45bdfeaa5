import type { OfferDemand } from './demand.ts';
import type { ClassShares, NearOffers } from './near-offers.ts';
import { mostSampled, type OfferProblem } from './offer-problem.ts';
import type { PriceBox } from './packed-classes.ts';
import { boundAt, findPrices, type OfferPrices, shareOf } from './prices.ts';
import { freeCapacities, lookAt, mostFree, type PricePoint, pullOf, settleWidth, smallestPull } from './smooth-steps.ts';

/** Shadow prices, and the smallest smoothing width at which their demand is close to the limits. */
interface SettledShares {
  prices: Float64Array;
  width: number;
  /** Total excess or missing demand of the capacities, as a share of all offers. */
  pull: number;
}

/** Result of a stage of the price search: last prices, prices with the smallest bound, and prices whose shares can be rounded. */
interface SmoothPrices {
  prices: Float64Array;
  best: Float64Array;
  settled: SettledShares;
}

/**
 * Settings of a stage of the price search.
 * - `most`: greatest number of classes
 * - `widths`: falling smoothing widths
 * - `part`: relative size of the box of prices (see boxAround)
 * - `gain`: gain of a step, as a share of the bound, below which a width ends
 */
interface SmoothingStage {
  most: number;
  widths: readonly number[];
  part: number;
  gain?: number;
}

/** Default gain of a step, as a share of the bound, below which the search at a width ends. */
const smallestStepGain = 5e-7;
/** Excess or missing demand at which shares count as feasible, as a share of all offers. */
const settledPull = 0.02;
/** Initial damping of the first search at a width, and of repeated searches at this width in a new box. */
const [firstDamped, nextDamped] = [1e-1, 1e-3];

/**
 * First stage of the price search: effort of the subgradient search, number of classes, and a smoothing width.
 * The width is so small that nearly all customers of a class choose its best offer.
 */
const fromNothing = { rounds: 80, ahead: 0.5, patience: 6 };
const firstStageClasses = 2 ** 15;
const sharp = 1e-6;
const smoothingStages: readonly SmoothingStage[] = [
  { most: firstStageClasses, widths: [0.05, 0.02], part: 1 },
  { most: 2 ** 17, widths: [0.02, 0.01], part: 1 },
  { most: mostSampled, widths: [0.01, 0.005, 0.0025, 0.00125], part: 1 },
];
/** Last stage, with all classes. */
const ofAll: SmoothingStage = { most: Number.POSITIVE_INFINITY, widths: [0.001, 0.0005], part: 0.5 };
/** Stage of a price search without one capacity. It ends early, because the reported value without the capacity need not be precise. */
const stageWithoutOne: SmoothingStage = { most: firstStageClasses, widths: [0.02], part: 1, gain: 5e-4 };

/**
 * Greatest width at which decided classes are removed, and greatest number of removals at one width.
 * A removal keeps the classes that are undecided in a box around the last prices.
 */
const [widestNarrowed, mostBoxes] = [0.01, 2];
/**
 * Size of the box of a removal, for each price: own x |price| + worth x mean value of the capacity's entries.
 * For a price of 0 with gradient 0: still x mean value.
 */
const moves = { own: 0.15, worth: 0.05, still: 0.01 };

/** Finds shadow prices and shares for at most one offer per customer: in stages, on the first classes, then on all classes. */
export async function findSmoothPrices(
  problem: OfferProblem,
  demand: OfferDemand,
  signal: AbortSignal | undefined,
): Promise<{ best: OfferPrices; shares: ClassShares }> {
  const { scales } = demand;
  let [prices, before]: [Float64Array, number | undefined] = [await roughPrices(problem, demand, signal), undefined];
  for (const stage of smoothingStages) {
    ({ prices } = await runSmoothing(problem, demand, stage, { prices, before, scales, signal }, async (_, found) => found));
    before = stage.widths.at(-1)!;
  }
  const { best, shares } = await runSmoothing(
    problem,
    demand,
    ofAll,
    { prices, before, scales, signal },
    async (near, smoothed) => {
      return { best: smoothed.best, shares: await near.sharesAt(smoothed.settled.prices, smoothed.settled.width) };
    },
  );
  return { best: { prices: best, bound: await boundAt(problem, demand, best) }, shares };
}

/** Searches prices on the first classes, from prices of 0. Evaluates all candidates of these classes about a hundred times. */
async function roughPrices(problem: OfferProblem, demand: OfferDemand, signal: AbortSignal | undefined): Promise<Float64Array> {
  const classes = Math.min(problem.offered.length, firstStageClasses);
  const anyPrices = boxOf(problem, new Float64Array(problem.capacities.length), () => Number.POSITIVE_INFINITY);
  const near = await demand.near(anyPrices, sharp, classes);
  const at = async (prices: Float64Array) => {
    const { asked, greatest } = await near.at(prices, sharp);
    return { offers: asked, surplus: greatest };
  };
  try {
    const rough = await findPrices(problem, { scales: demand.scales, at }, { ...fromNothing, signal }, undefined, classes);
    return rough.prices;
  } finally {
    near.release();
  }
}

/** Prices of a problem that differs little from a problem with known prices, computed on the first `firstStageClasses` classes. */
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

/** Known prices from which a stage of the price search starts. */
interface StageStart {
  prices: Float64Array;
  /** Width at which the prices are already optimal; undefined for none. */
  before: number | undefined;
  /** Mean value of the entries that each capacity counts. */
  scales: Float64Array;
  signal: AbortSignal | undefined;
}

/** Runs one stage of the price search. @param then receives the result while the packed classes are still in memory */
async function runSmoothing<Made>(
  problem: OfferProblem,
  demand: OfferDemand,
  { most, widths, part, gain = smallestStepGain }: SmoothingStage,
  start: StageStart,
  then: (near: NearOffers, smoothed: SmoothPrices) => Promise<Made>,
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

/**
 * Box around prices: price +- part x (|price| + mean value of the capacity's entries).
 * Without a minimum a price is at least 0, without a maximum at most 0.
 */
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

/** Narrow box, extended downwards to the wide box for the prices of capacities with a minimum. */
function withMinimums({ capacities }: OfferProblem, narrow: PriceBox, wide: PriceBox): PriceBox {
  return { low: narrow.low.map((price, g) => (capacities[g]!.least > 0 ? wide.low[g]! : price)), high: narrow.high };
}

/** Box around approximately known prices (see `moves`), limited to another box. */
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

/** Options of the price search of a stage, width by width. */
interface SmoothOptions extends StageStart {
  box: PriceBox;
  widths: readonly number[];
  gain: number;
  /** Share of all customers that are in the classes used, 0 to 1. */
  share: number;
}

/**
 * Finds prices that minimise the bound for many customers. The bound is smoothed by shares (assembly/offers/shares.ts).
 * The search uses falling smoothing widths. At each width it finds the minimum by Newton steps with Levenberg's damping (1944).
 * While the set of positive shares stays the same, the minimum is a linear function of the width. The first step at the next width
 * follows this line.
 * Classes whose shares are constant in a box around the prices are removed from the search.
 * If a price reaches the edge of this box, the removal is repeated once in a box around the new prices.
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
      const atWidth = await settleWidth(problem, { near: closer, box: inner, width, damped, gain, share, signal }, now, before);
      if (isNarrowed) closer.release();
      now = atWidth.now;
      before = width;
      if (atWidth.best.bound < best.bound) best = atWidth.best;
      if (pullOf(now, freeCapacities(now, box)) - pullOf(now, freeCapacities(now, inner)) <= smallestPull * now.offers) break;
    }
    const free = freeCapacities(now, box);
    const pull = pullOf(now, free) / Math.max(1, now.offers);
    if (pull < settledPull || pull < settled.pull) settled = { prices: now.prices, width, pull };
    if (free.length > mostFree) break;
  }
  return { prices: now.prices, best: best.prices, settled };
}
