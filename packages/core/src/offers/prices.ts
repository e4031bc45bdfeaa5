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
  /** Rounds in which prices move together. */
  lastRounds: number;
  signal?: AbortSignal | undefined;
}

/** Steps grow while the direction stays, and shrink where it turns. */
const [faster, slower] = [1.25, 0.5];

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
 * Each price goes its own steps, by the sign of what is asked for too much (resilient propagation, Riedmiller and Braun 1993): counts are
 * whole numbers, so that prices depend on nothing but the problem.
 */
export async function findPrices(problem: OfferProblem, demand: OfferDemand, limits: PriceLimits): Promise<OfferPrices> {
  const classes = problem.offered.length;
  const scale = largest(problem.worth);
  const ascent = new Ascent(problem, scale);
  if (classes > 4 * limits.firstClasses) {
    const share = sum(problem.offered.subarray(0, limits.firstClasses)) / Math.max(1, sum(problem.offered));
    for (let round = 0; round < limits.firstRounds; round++) {
      limits.signal?.throwIfAborted();
      ascent.step(dualAt(problem, ascent.prices, await demand.at(ascent.prices, limits.firstClasses), share));
    }
    ascent.rest();
  }
  let best: OfferPrices = { prices: ascent.prices.slice(), bound: Number.POSITIVE_INFINITY };
  for (let round = 0; round < limits.rounds; round++) {
    limits.signal?.throwIfAborted();
    const dual = dualAt(problem, ascent.prices, await demand.at(ascent.prices), 1);
    if (dual.bound < best.bound) best = { prices: ascent.prices.slice(), bound: dual.bound };
    if (dual.pull.every((pull) => pull === 0) || ascent.isStill()) break;
    ascent.step(dual);
  }
  return await refine(problem, demand, best, limits);
}

/**
 * Goes on where several prices must move together, which steps of their own cannot: subgradient steps towards a level below the best bound
 * (Polyak 1969), the level nearer each time that a few steps have not come closer.
 */
async function refine(problem: OfferProblem, demand: OfferDemand, start: OfferPrices, limits: PriceLimits): Promise<OfferPrices> {
  let best = start;
  let prices = start.prices.slice();
  let ahead = Math.abs(start.bound) / 256;
  for (let [round, since] = [0, 0]; round < limits.lastRounds; round++) {
    limits.signal?.throwIfAborted();
    const dual = dualAt(problem, prices, await demand.at(prices), 1);
    const length = dual.pull.reduce((sum, pull) => sum + pull * pull, 0);
    if (dual.bound < best.bound) {
      if (dual.bound < best.bound - ahead / 4) since = 0;
      best = { prices: prices.slice(), bound: dual.bound };
    }
    if (length === 0) break;
    if (++since > 8) {
      [since, ahead] = [0, ahead / 2];
      prices = best.prices.slice();
      continue;
    }
    const step = (dual.bound - best.bound + ahead) / length;
    for (const [g, { least, most }] of problem.capacities.entries()) {
      const lowest = least > 0 ? Number.NEGATIVE_INFINITY : 0;
      const highest = most < Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
      prices[g] = Math.min(highest, Math.max(lowest, prices[g]! + step * dual.pull[g]!));
    }
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
  const ascent = new Ascent(other, largest(problem.worth));
  ascent.prices.set(prices);
  ascent.prices[without] = 0;
  ascent.rest();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 16; round++) {
    signal?.throwIfAborted();
    const dual = dualAt(other, ascent.prices, await demand.at(ascent.prices), 1);
    best = Math.min(best, dual.bound);
    ascent.step(dual);
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

/** Prices on their way. */
class Ascent {
  readonly prices: Float64Array;
  readonly #steps: Float64Array;
  readonly #before: Int8Array;
  readonly #scale: number;
  readonly #capacities: OfferProblem['capacities'];

  constructor({ capacities }: OfferProblem, scale: number) {
    this.prices = new Float64Array(capacities.length);
    this.#steps = new Float64Array(capacities.length).fill(scale / 16);
    this.#before = new Int8Array(capacities.length);
    this.#scale = scale;
    this.#capacities = capacities;
  }

  /** Takes smaller steps from here: prices are nearly right. */
  rest(): void {
    this.#steps.fill(this.#scale / 2 ** 12);
    this.#before.fill(0);
  }

  /** Whether no step moves a price any more. */
  isStill(): boolean {
    return this.#steps.every((step) => step < this.#scale * 1e-12);
  }

  step({ pull }: Dual): void {
    const { prices } = this;
    for (let g = 0; g < prices.length; g++) {
      const sign = Math.sign(pull[g]!);
      const turn = sign * this.#before[g]!;
      if (turn > 0) this.#steps[g] = Math.min(this.#steps[g]! * faster, this.#scale);
      else if (turn < 0) this.#steps[g]! *= slower;
      this.#before[g] = sign;
      const moved = prices[g]! + sign * this.#steps[g]!;
      const { least, most } = this.#capacities[g]!;
      // at 0 the one limit ends to matter, and the other is not there or is looked at next
      const crosses = prices[g]! !== 0 && Math.sign(moved) === -Math.sign(prices[g]!);
      const limit = 16 * this.#scale;
      const lowest = least > 0 ? -limit : 0;
      const highest = most < Number.POSITIVE_INFINITY ? limit : 0;
      prices[g] = crosses ? 0 : Math.min(highest, Math.max(lowest, moved));
    }
  }
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most > 0 ? most : 1;
}

function sum(values: Uint32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
