import { type Address, blocksOf, type KernelPool, mostOffers, nowhere } from '@basketwise/core';
import { NearOffers } from './near-offers.ts';
import {
  capacityCells,
  cellPrices,
  countByCapacity,
  longestClass,
  meanWorths,
  type OfferCells,
  type OfferProblem,
  storeClasses,
} from './offer-problem.ts';
import type { PriceBox } from './packed-classes.ts';

/** Number of parts into which the classes are divided for kernel calls. It is fixed, so sums do not depend on the number of workers. */
const shares = 16;

/** Offers chosen at given prices, without limits. */
export interface Demand {
  /** Number of offers counted by each capacity. */
  offers: Float64Array;
  /** Sum of the reduced values (value minus shadow prices) of the offers. */
  surplus: number;
}

/** Choices of all classes at given prices. */
export interface ChosenOffers {
  /** Entries, u32[classes x perCustomer], sorted by falling reduced value and padded with `none`. */
  chosen: Uint32Array;
  /** Margin of each class's choice, f32[classes]: least reduced value chosen, minus greatest not chosen. Infinite without a choice. */
  margin: Float32Array;
}

/** Offer problem in kernel memory, which computes the choices of all classes at given prices. The owner calls `release`. */
export class OfferDemand {
  readonly cells: OfferCells;
  /** Mean value of the entries that each capacity can count, f64[capacities]. */
  readonly scales: Float64Array;
  readonly #pool: KernelPool;
  readonly #problem: OfferProblem;
  readonly #mark: Address;
  readonly #prices: Address;
  readonly #counts: readonly Address[];
  readonly #room: number;
  readonly #classes: Address;
  readonly #priced: Float64Array;

  constructor(pool: KernelPool, problem: OfferProblem) {
    const { memory } = pool;
    this.cells = capacityCells(problem);
    this.scales = meanWorths(problem);
    this.#pool = pool;
    this.#problem = problem;
    this.#mark = memory.mark();
    this.#room = longestClass(problem);
    const cells = problem.groups * problem.items.length;
    this.#priced = new Float64Array(cells);
    this.#classes = storeClasses(memory, problem);
    this.#prices = memory.allocate(cells * 8);
    this.#counts = Array.from({ length: shares }, () => memory.allocate(cells * 4));
  }

  /** Demand of the first `classes` classes at given prices of the capacities. */
  async at(prices: Float64Array, classes = this.#problem.offered.length): Promise<Demand> {
    const { memory } = this.#pool;
    const cells = this.#priced.length;
    this.#setPrices(prices);
    const surpluses = await this.#run(classes, (i) => ({ counts: this.#counts[i]!, chosen: nowhere, margin: nowhere }));
    const sums = new Float64Array(cells);
    for (const counts of this.#counts.slice(0, surpluses.length)) {
      const some = memory.u32(counts, cells);
      for (let cell = 0; cell < cells; cell++) sums[cell]! += some[cell]!;
    }
    const offers = countByCapacity(this.cells, sums, prices.length);
    return { offers, surplus: surpluses.reduce((sum, one) => sum + one, 0) };
  }

  /** Choice of each class at given prices of the capacities. */
  choices(prices: Float64Array): Promise<ChosenOffers> {
    cellPrices(this.cells, prices, this.#priced);
    return this.choicesOf(this.#priced);
  }

  /** Choice of each class at given prices of pairs of group and item, f64[groups x items]. */
  async choicesOf(prices: Float64Array): Promise<ChosenOffers> {
    const { memory } = this.#pool;
    const { offered, perCustomer } = this.#problem;
    memory.f64(this.#prices, prices.length).set(prices);
    const mark = memory.mark();
    const chosen = memory.allocate(offered.length * perCustomer * 4);
    const margin = memory.allocate(offered.length * 4);
    await this.#run(offered.length, () => ({ counts: nowhere, chosen, margin }));
    const choices = {
      chosen: memory.u32(chosen, offered.length * perCustomer).slice(),
      margin: memory.f32(margin, offered.length).slice(),
    };
    memory.release(mark);
    return choices;
  }

  /**
   * Candidates of the first `classes` classes that can have a share at some prices in a box, at a smoothing width.
   * For problems with at most one offer per customer.
   */
  near(box: PriceBox, width: number, classes: number): Promise<NearOffers> {
    const options = { cells: this.cells, capacities: this.#problem.capacities.length, room: this.#room };
    return NearOffers.pack(this.#pool, this.#classes, { ...options, box, width, classes });
  }

  /** Releases the memory. */
  release(): void {
    this.#pool.memory.release(this.#mark);
  }

  #setPrices(prices: Float64Array): void {
    cellPrices(this.cells, prices, this.#priced);
    this.#pool.memory.f64(this.#prices, this.#priced.length).set(this.#priced);
  }

  #run(classes: number, written: (share: number) => Record<'counts' | 'chosen' | 'margin', Address>): Promise<Float64Array> {
    const rows = Math.max(1, Math.ceil(classes / shares));
    const calls = blocksOf({ from: 0, to: classes }, rows).map(({ from, to }, i) => {
      const common = { problem: this.#classes, prices: this.#prices, cells: this.#priced.length, room: this.#room };
      return { from, to, ...common, ...written(i) };
    });
    return this.#pool.run('chooseOffers', calls, searchScratch(this.#room));
  }
}

function searchScratch(room: number): number {
  return (2 * room + 1 + mostOffers + 1) * 8 + (2 * room + 2 * mostOffers) * 4;
}
