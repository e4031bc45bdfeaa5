import { type Address, nowhere } from '../wasm/address.ts';
import { blocksOf, type RowRange } from '../wasm/blocks.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { cellPrices, countByCapacity, type OfferCells } from './offer-problem.ts';

/** Parts that the classes are cut into: fixed, so that sums do not depend on the workers. */
const parts = 8;
/** Bytes of a candidate in the scratch space of the kernel. */
const recordBytes = 24;
/** In place of a row: the capacity has none. */
const noRow = 0xffff_ffff;

/** An offer problem in kernel memory, as kernels take it. */
export interface StoredProblem {
  list: Address;
  width: number;
  start: Address;
  listed: Address;
  worth: Address;
  group: Address;
  rest: Address;
  restStart: Address;
  restItem: Address;
  itemCount: number;
  offered: Address;
}

/** Offers that customers share out at some prices. */
export interface SharedOffers {
  /** Of each capacity. */
  asked: Float64Array;
  /** Sum of worth less prices, smoothed, and as it is. */
  value: number;
  greatest: number;
  /** Worth of the offers, and how many. */
  worth: number;
  offers: number;
}

/** How what is asked of some capacities changes with their prices, and with the width. */
export interface Bend {
  /** f64[free x free], lower triangle: by how much less is asked of the one for the price of the other. */
  curvature: Float64Array;
  /** f64[free]: by how much less is asked for the width, times the width. */
  drift: Float64Array;
}

/** Customers and their shares, class by class. */
export interface ClassShares {
  /** u32: class. */
  classOf: Uint32Array;
  /** u32[classes + 1]: its first candidate. */
  begin: Uint32Array;
  /** u32, f32: entry and share of each candidate. */
  entry: Uint32Array;
  share: Float32Array;
}

/**
 * Candidates that may be the best of their class near some prices, packed in kernel memory: what most customers can never be is looked at once. Of problems
 * with one offer to a customer. Release it before the problem that it is of.
 */
export class NearOffers {
  readonly classes: number;
  readonly #pool: KernelPool;
  readonly #mark: Address;
  readonly #cells: OfferCells;
  readonly #capacities: number;
  readonly #packed: Record<'classOf' | 'begin' | 'customers' | 'cell' | 'entry' | 'worth', Address>;
  readonly candidates: number;
  readonly #stored: Record<'prices' | 'cellStart' | 'cellCapacity', Address>;
  readonly #room: number;
  readonly #rows: readonly RowRange[];

  private constructor(
    pool: KernelPool,
    mark: Address,
    cells: OfferCells,
    size: { classes: number; candidates: number; capacities: number; room: number },
    packed: Record<'classOf' | 'begin' | 'customers' | 'cell' | 'entry' | 'worth', Address>,
  ) {
    this.#pool = pool;
    this.#mark = mark;
    this.#cells = cells;
    this.#capacities = size.capacities;
    this.classes = size.classes;
    this.candidates = size.candidates;
    this.#room = size.room;
    this.#packed = packed;
    const { memory } = pool;
    this.#stored = {
      prices: memory.allocate((cells.start.length - 1) * 8),
      cellStart: memory.store(cells.start),
      cellCapacity: memory.store(cells.capacity),
    };
    this.#rows = blocksOf({ from: 0, to: size.classes }, Math.max(1, Math.ceil(size.classes / parts)));
  }

  /**
   * Packs the candidates of the first `classes` classes that may be the best of their class at any prices of the capacities between `low` and `high`.
   * @param room most candidates of a class
   */
  static async pack(
    pool: KernelPool,
    problem: StoredProblem,
    cells: OfferCells,
    near: { low: Float64Array; high: Float64Array; width: number; classes: number; room: number },
  ): Promise<NearOffers> {
    const { memory } = pool;
    const mark = memory.mark();
    const storePriced = (prices: Float64Array) => {
      const count = cells.start.length - 1;
      const stored = memory.allocate(count * 8);
      cellPrices(cells, prices, memory.f64(stored, count));
      return stored;
    };
    const [low, high] = [storePriced(near.low), storePriced(near.high)];
    const kept = memory.allocate(near.classes * 4);
    const rows = blocksOf({ from: 0, to: near.classes }, Math.max(1, Math.ceil(near.classes / parts)));
    const none = { classOf: nowhere, begin: nowhere, customers: nowhere, cell: nowhere, entry: nowhere, value: nowhere };
    const { width: columns, ...stored } = problem;
    const common = { ...stored, columns, low, high, kept, width: near.width };
    const counts = await pool.run(
      'packOffers',
      rows.map((row) => ({ ...row, ...common, ...none, packed: 0, at: 0 })),
    );
    const found = memory.u32(kept, near.classes);
    const candidatesOf = rows.map(({ from, to }) => {
      let sum = 0;
      for (let c = from; c < to; c++) sum += found[c]!;
      return sum;
    });
    const [classes, candidates] = [counts.reduce((a, b) => a + b, 0), candidatesOf.reduce((a, b) => a + b, 0)];
    const packed = {
      ...{ classOf: memory.allocate(classes * 4), begin: memory.allocate((classes + 1) * 4) },
      ...{ customers: memory.allocate(classes * 4), cell: memory.allocate(candidates * 4) },
      ...{ entry: memory.allocate(candidates * 4), worth: memory.allocate(candidates * 4) },
    };
    const { worth: value, ...to } = packed;
    let [nextClass, next] = [0, 0];
    const calls = rows.map((row, i) => {
      const call = { ...row, ...common, ...to, value, packed: nextClass, at: next };
      nextClass += counts[i]!;
      next += candidatesOf[i]!;
      return call;
    });
    await pool.run('packOffers', calls);
    memory.u32(packed.begin, classes + 1)[classes] = candidates;
    return new NearOffers(pool, mark, cells, { room: near.room, capacities: near.low.length, classes, candidates }, packed);
  }

  /** Shares at prices of the capacities, of a width as a share of what is worth most to a class. */
  async at(prices: Float64Array, width: number): Promise<SharedOffers> {
    const found = await this.#run(prices, width, { free: [], shares: nowhere, bends: false });
    const asked = this.#askedOf(found.sums);
    const [value, greatest, worth] = found.totals as [number, number, number];
    return { asked, value, greatest, worth, offers: found.sums.reduce((sum, one) => sum + one, 0) };
  }

  /** How shares bend at some prices and a width. @param free capacities that are looked at */
  async bendAt(prices: Float64Array, width: number, free: readonly number[]): Promise<Bend> {
    const { curvature, drift } = await this.#run(prices, width, { free, shares: nowhere, bends: true });
    const all = this.#askedOf(drift);
    return { curvature, drift: Float64Array.from(free, (g) => all[g]!) };
  }

  /** The shares of all classes at some prices and a width. */
  async sharesAt(prices: Float64Array, width: number): Promise<ClassShares> {
    const { memory } = this.#pool;
    const mark = memory.mark();
    const shares = memory.allocate(this.candidates * 4);
    await this.#run(prices, width, { free: [], shares, bends: false });
    const share = memory.f32(shares, this.candidates).slice();
    memory.release(mark);
    return {
      share,
      classOf: memory.u32(this.#packed.classOf, this.classes).slice(),
      begin: memory.u32(this.#packed.begin, this.classes + 1).slice(),
      entry: memory.u32(this.#packed.entry, this.candidates).slice(),
    };
  }

  /** Gives the memory back. */
  release(): void {
    this.#pool.memory.release(this.#mark);
  }

  async #run(
    prices: Float64Array,
    width: number,
    { free, shares, bends }: { free: readonly number[]; shares: Address; bends: boolean },
  ): Promise<{ sums: Float64Array; drift: Float64Array; curvature: Float64Array; totals: number[] }> {
    const { memory } = this.#pool;
    const { worth, ...packed } = this.#packed;
    const cells = this.#cells.start.length - 1;
    cellPrices(this.#cells, prices, memory.f64(this.#stored.prices, cells));
    const mark = memory.mark();
    const rowOf = new Uint32Array(this.#capacities).fill(noRow);
    for (const [row, g] of free.entries()) rowOf[g] = row;
    const freeOf = memory.store(rowOf);
    const places = this.#rows.map(() => ({
      sums: memory.allocateZeroed(cells * 8),
      drift: bends ? memory.allocateZeroed(cells * 8) : nowhere,
      curvature: bends ? memory.allocateZeroed(free.length ** 2 * 8) : nowhere,
      totals: memory.allocate(24),
    }));
    const { begin, customers, cell } = packed;
    await this.#pool.run(
      'shareOffers',
      this.#rows.map((row, i) => ({
        ...{ ...row, ...this.#stored, ...places[i]!, begin, customers, cell, worth, width, freeOf, free: free.length, shares },
      })),
      (this.#room + 2) * recordBytes,
    );
    const summed = (count: number, at: (i: number) => Address) => {
      const sums = new Float64Array(count);
      for (let i = 0; i < places.length; i++) {
        const some = memory.f64(at(i), count);
        for (let j = 0; j < count; j++) sums[j]! += some[j]!;
      }
      return sums;
    };
    const found = {
      sums: summed(cells, (i) => places[i]!.sums),
      drift: summed(bends ? cells : 0, (i) => places[i]!.drift),
      curvature: summed(bends ? free.length ** 2 : 0, (i) => places[i]!.curvature),
      totals: [...summed(3, (i) => places[i]!.totals)],
    };
    memory.release(mark);
    return found;
  }

  #askedOf(sums: Float64Array): Float64Array {
    return countByCapacity(this.#cells, sums, this.#capacities);
  }
}
