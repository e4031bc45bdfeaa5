import {
  type Address,
  blocksOf,
  countedCells,
  type KernelMemory,
  type KernelPool,
  none,
  nowhere,
  offset,
  powerBytes,
  shareBytes,
  shareSums,
  sharesBehind,
  storeRecord,
} from '@basketwise/core';
import { cellPrices, countByCapacity, type OfferCells } from './offer-problem.ts';
import {
  classRanges,
  type FoundClasses,
  narrowClasses,
  type PackedClasses,
  type PriceBox,
  packClasses,
} from './packed-classes.ts';

/** Matrices of derivatives are padded to a multiple of `pairBytes` bytes. One kernel call sums `sumBytes` bytes of each matrix. */
const [pairBytes, sumBytes] = [16, 2 ** 18];

/** Fractional demand at given prices: each class is divided among its candidates by shares (assembly/offers/shares.ts). */
export interface SharedOffers {
  /** Demand of each capacity, in offers, f64[capacities]. */
  asked: Float64Array;
  /** Smoothed sum over customers of the greatest reduced value (see assembly/offers/shares.ts). */
  value: number;
  /** Exact sum over customers of the greatest reduced value. */
  greatest: number;
  /** Total value of the fractional offers. */
  worth: number;
  /** Total number of fractional offers. */
  offers: number;
}

/** Derivatives of the demand of the free capacities, in their prices and in the smoothing width. */
export interface DemandDerivatives {
  /** -d(demand of capacity i) / d(price of capacity j), f64[free x free], lower triangle. */
  curvature: Float64Array;
  /** -width x d(demand of capacity i) / d(width), f64[free]. */
  drift: Float64Array;
}

/** Shares of the candidates, class by class: fraction of a class's customers who get the candidate. */
export interface ClassShares {
  /** Number of each class in the problem, u32[classes]. */
  classOf: Uint32Array;
  /** First candidate of each class, u32[classes + 1]. */
  begin: Uint32Array;
  /** List entry of each candidate, u32[candidates]. */
  entry: Uint32Array;
  /** Share of each candidate, f32[candidates], 0 to 1. */
  share: Float32Array;
}

/** Optional results of a computation of shares. */
interface Wanted {
  /** Capacities for which derivatives of the demand are requested. */
  free: readonly number[];
  derives: boolean;
  shares: Address;
}

/** Capacities of a problem, its cells (pairs of group and item), and the greatest number of candidates of a class. */
interface NearOptions {
  cells: OfferCells;
  capacities: number;
  room: number;
}

/**
 * Candidates that can have a share at some prices in a box, in kernel memory. All other candidates are discarded once, before the search.
 * For problems with at most one offer per customer. Call `release` before the memory of the problem is released.
 */
export class NearOffers {
  readonly found: PackedClasses;
  readonly pool: KernelPool;
  readonly #mark: Address;
  readonly #options: NearOptions;
  readonly #origin: FoundClasses['origin'] | undefined;
  readonly #prices: Address;
  readonly #cells: Record<'start' | 'capacity', Address>;

  private constructor(pool: KernelPool, mark: Address, packed: PackedClasses | FoundClasses, options: NearOptions) {
    this.found = packed;
    this.#origin = 'origin' in packed ? packed.origin : undefined;
    this.pool = pool;
    this.#mark = mark;
    this.#options = options;
    const { memory } = pool;
    const { start, capacity } = options.cells;
    this.#prices = memory.allocate((start.length - 1) * 8);
    this.#cells = { start: memory.store(start), capacity: memory.store(capacity) };
  }

  /** Packs the candidates of the first `classes` classes that can have a share at some prices in a box. */
  static async pack(
    pool: KernelPool,
    problem: Address,
    { box, width, classes, ...options }: NearOptions & { box: PriceBox; width: number; classes: number },
  ): Promise<NearOffers> {
    const mark = pool.memory.mark();
    return new NearOffers(pool, mark, await packClasses(pool, problem, options.cells, { box, width, classes }), options);
  }

  /** Packs the candidates that can have a share in a narrower box, at widths up to `width`. */
  async narrow(box: PriceBox, width: number): Promise<NearOffers> {
    const mark = this.pool.memory.mark();
    const narrowed = await narrowClasses(this.pool, this.found, this.#options.cells, { box, width });
    return new NearOffers(this.pool, mark, narrowed, this.#options);
  }

  /** Demand at given prices of the capacities. The smoothing width is relative to the greatest value of a class. */
  async at(prices: Float64Array, width: number): Promise<SharedOffers> {
    const { sums, totals } = await this.#run(prices, width, { free: [], shares: nowhere, derives: false });
    const { customers, worth: decided } = this.found.decided;
    let [surplus, offers] = [decided, 0];
    const priced = this.pool.memory.f64(this.#prices, customers.length);
    for (let cell = 0; cell < sums.length; cell++) {
      if (customers[cell] !== 0) surplus -= customers[cell]! * priced[cell]!;
      sums[cell]! += customers[cell]!;
      offers += sums[cell]!;
    }
    const [value, greatest, worth] = totals as [number, number, number];
    const asked = this.#askedOf(sums);
    return { asked, value: value + surplus, greatest: greatest + surplus, worth: worth + decided, offers };
  }

  /** Derivatives of the demand at given prices and a smoothing width. @param free capacities in whose prices the derivatives are taken */
  async derivativesAt(prices: Float64Array, width: number, free: readonly number[]): Promise<DemandDerivatives> {
    const { curvature, drift } = await this.#run(prices, width, { free, shares: nowhere, derives: true });
    const all = this.#askedOf(drift);
    return { curvature, drift: Float64Array.from(free, (g) => all[g]!) };
  }

  /** Shares of all packed classes, before narrowing, at given prices and a width. */
  async sharesAt(prices: Float64Array, width: number): Promise<ClassShares> {
    const { memory } = this.pool;
    const { classes, candidates, begin } = this.found;
    const { classOf, entry } = this.#origin!;
    const mark = memory.mark();
    const shares = memory.allocate(candidates * 4);
    await this.#run(prices, width, { free: [], shares, derives: false });
    const share = memory.f32(shares, candidates).slice();
    memory.release(mark);
    return {
      share,
      classOf: memory.u32(classOf, classes).slice(),
      begin: memory.u32(begin, classes + 1).slice(),
      entry: memory.u32(entry, candidates).slice(),
    };
  }

  /** Releases the memory. */
  release(): void {
    this.pool.memory.release(this.#mark);
  }

  async #run(
    prices: Float64Array,
    width: number,
    { free, shares, derives }: Wanted,
  ): Promise<{ sums: Float64Array; drift: Float64Array; curvature: Float64Array; totals: number[] }> {
    const { memory } = this.pool;
    const { cells: ofCells, capacities, room } = this.#options;
    const { classes, packed } = this.found;
    const cells = ofCells.start.length - 1;
    cellPrices(ofCells, prices, memory.f64(this.#prices, cells));
    const mark = memory.mark();
    const counted = this.#countedCells(free, cells, capacities);
    const rows = classRanges(classes);
    const matrices = await this.#curvatureRoom(derives ? free.length : 0, rows.length);
    const places = rows.map((_, i) => ({
      sums: memory.allocate(cells * 8),
      drift: derives ? memory.allocate(cells * 8) : nowhere,
      curvature: derives ? offset(matrices.blocks, i * matrices.bytes) : nowhere,
      totals: memory.allocate(24),
    }));
    const common = { packed, counted, prices: this.#prices, width, shares };
    await this.pool.run(
      'shareOffers',
      rows.map((row, i) => ({ ...row, ...common, into: storeRecord(memory, shareSums, places[i]!) })),
      powerBytes + (room + 1 + sharesBehind) * shareBytes,
    );
    const curvature = await this.#curvatureSum(matrices, derives ? free.length : 0, rows.length);
    const derivatives = {
      sums: sumOver(memory, places, 'sums', cells),
      drift: sumOver(memory, places, 'drift', derives ? cells : 0),
      curvature,
      totals: [...sumOver(memory, places, 'totals', 3)],
    };
    memory.release(mark);
    return derivatives;
  }

  /** Stores the record CountedCells. @param free capacities with a row in the matrix of derivatives */
  #countedCells(free: readonly number[], cells: number, capacities: number): Address {
    const { memory } = this.pool;
    const rowOf = new Uint32Array(capacities).fill(none);
    for (const [row, g] of free.entries()) rowOf[g] = row;
    return storeRecord(memory, countedCells, { cells, ...this.#cells, freeOf: memory.store(rowOf), free: free.length });
  }

  /** Allocates zeroed matrices of derivatives, f64[free x free], one for each of `parts` kernel calls. */
  async #curvatureRoom(free: number, parts: number): Promise<{ blocks: Address; bytes: number }> {
    const bytes = Math.ceil((free ** 2 * 8) / pairBytes) * pairBytes;
    const blocks = this.pool.memory.allocate(bytes * parts);
    if (free > 0) {
      const calls = Array.from({ length: parts }, (_, i) => ({ target: offset(blocks, i * bytes), bytes }));
      await this.pool.run('fillZero', calls);
    }
    return { blocks, bytes };
  }

  /** Sum of the matrices of derivatives of all kernel calls, in the order of the calls. */
  async #curvatureSum({ blocks, bytes }: { blocks: Address; bytes: number }, free: number, parts: number): Promise<Float64Array> {
    const calls = blocksOf({ from: 0, to: bytes }, sumBytes).map(({ from, to }) => ({ blocks, number: parts, bytes, from, to }));
    if (free > 0 && parts > 1) await this.pool.run('sumBlocks', calls);
    return this.pool.memory.f64(blocks, free ** 2).slice();
  }

  #askedOf(sums: Float64Array): Float64Array {
    return countByCapacity(this.#options.cells, sums, this.#options.capacities);
  }
}

/** Elementwise sum of an array f64[count] over the results of all kernel calls. */
function sumOver<Name extends string>(
  memory: KernelMemory,
  places: readonly Readonly<Record<Name, Address>>[],
  name: Name,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  for (const place of places) {
    const some = memory.f64(place[name], count);
    for (let j = 0; j < count; j++) sums[j]! += some[j]!;
  }
  return sums;
}
