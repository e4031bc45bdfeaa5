import type { OfferProblem } from './offer-problem.ts';

/** How a course of steps goes: the length of the first, as a share of what offers are worth, and of each next one of the one before. */
export interface Course {
  first: number;
  next: number;
}

/** Shares of what the mean pull and the mean square of pulls keep from step to step. */
const [keptPull, keptSquare] = [0.8, 0.95];
/** So small a mean pull moves nothing. */
const least = 1e-3;

/**
 * Prices of capacities on their way. Each goes steps of its own, as long as all that is asked for too much (a share of the capacity, at most 1) points one way, and shorter
 * where it turns: the mean pull over the root of its mean square (Adam: Kingma and Ba, 2015), on a course that grows shorter.
 */
export class Ascent {
  readonly prices: Float64Array;
  readonly #pull: Float64Array;
  readonly #square: Float64Array;
  readonly #scales: Float64Array;
  readonly #sizes: Float64Array;
  readonly #problem: OfferProblem;
  #course: Course = { first: 1, next: 1 };
  #steps = 0;
  #length = 1;
  #keptPull = 1;
  #keptSquare = 1;

  constructor(problem: OfferProblem, start?: Float64Array) {
    const { capacities } = problem;
    this.#problem = problem;
    this.prices = start?.slice() ?? new Float64Array(capacities.length);
    this.#pull = new Float64Array(capacities.length);
    this.#square = new Float64Array(capacities.length);
    this.#scales = meanWorths(problem);
    this.#sizes = Float64Array.from(capacities, sizeOf);
  }

  /** Begins a course. */
  begin(course: Course): void {
    this.#course = course;
    this.#pull.fill(0);
    this.#square.fill(0);
    [this.#length, this.#keptPull, this.#keptSquare, this.#steps] = [course.first, 1, 1, 0];
  }

  /**
   * Goes a step.
   * @param pull of each capacity: offers asked for too much; below 0: too few
   * @param share of all customers that were asked
   */
  step(pull: Float64Array, share: number): void {
    const { prices } = this;
    if (this.#steps++ > 0) this.#length *= this.#course.next;
    this.#keptPull *= keptPull;
    this.#keptSquare *= keptSquare;
    for (let g = 0; g < prices.length; g++) {
      const part = Math.max(-1, Math.min(1, pull[g]! / Math.max(1, this.#sizes[g]! * share)));
      const mean = keptPull * this.#pull[g]! + (1 - keptPull) * part;
      const square = keptSquare * this.#square[g]! + (1 - keptSquare) * part * part;
      [this.#pull[g], this.#square[g]] = [mean, square];
      const way = mean / (1 - this.#keptPull) / (Math.sqrt(square / (1 - this.#keptSquare)) + least);
      prices[g]! += this.#length * this.#scales[g]! * way;
    }
    withinLimits(this.#problem, prices);
  }
}

/** Offers by which too much is measured. */
export function sizeOf({ least: minimum, most }: OfferProblem['capacities'][number]): number {
  return Math.max(1, most < Number.POSITIVE_INFINITY ? most : minimum);
}

/** A capacity without a minimum has no price below 0, one without a maximum none above. */
export function withinLimits({ capacities }: OfferProblem, prices: Float64Array): void {
  for (const [g, capacity] of capacities.entries()) {
    const lowest = capacity.least > 0 ? Number.NEGATIVE_INFINITY : 0;
    const highest = capacity.most < Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
    prices[g] = Math.min(highest, Math.max(lowest, prices[g]!));
  }
}

/** Of each capacity, the mean worth of the entries that it may count. */
function meanWorths({ capacities, items, item, worth }: OfferProblem): Float64Array {
  const [sums, counts] = [new Float64Array(items.length), new Float64Array(items.length)];
  for (let e = 0; e < item.length; e++) {
    sums[item[e]!]! += worth[e]!;
    counts[item[e]!]!++;
  }
  return Float64Array.from(capacities, ({ items: counted }) => {
    let [sum, count] = [0, 0];
    for (const one of counted) [sum, count] = [sum + sums[one]!, count + counts[one]!];
    return count > 0 ? sum / count : 0;
  });
}
