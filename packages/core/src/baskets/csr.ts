import { AppError, bug } from '../error.ts';
import { type Address, type KernelMemory, offset } from '../wasm/memory.ts';
import { blocksOf, type KernelPool } from '../wasm/pool.ts';

/** Value of `days` for a holding whose date is unknown. Such a holding is in the oldest band. */
export const noDate = -(2 ** 31);

/** Number of holdings by which the memory of the records grows at a time. */
const stepRecords = 2 ** 16;
/** Customers per sorting call. */
const sortedCustomers = 2 ** 14;
/** Longest time from the oldest cutoff to the reference day, in days: 500 years. */
const mostBandDays = 182_625;

/** Holdings in any order: one element of each array per holding. */
export interface HoldingChunk {
  /** Customer number from 0, at least `firstCustomer`. */
  customer: Int32Array;
  /** Product number from 0. */
  product: Int32Array;
  /** Days since 1970-01-01, or `noDate`. */
  days: Int32Array;
}

/** Size, dates and bands of a compressed sparse matrix of holdings. */
export interface CsrOptions {
  pool: KernelPool;
  /** Number of customers of the matrix: all customers, or those of a shard. */
  customers: number;
  /** Index of the first customer. 0 unless this is a shard. */
  firstCustomer?: number;
  products: number;
  /** Reference date, in days since 1970-01-01. Holdings with a later date are dropped, and counted in `leftOut`. */
  referenceDay: number;
  /**
   * First day of each recency band, in days since 1970-01-01, newest first. A holding is in the first band that begins on or
   * before its day. There is one more band, for older holdings and holdings without a date: cutoffs.length + 1 bands in all.
   */
  cutoffs: readonly number[];
}

/**
 * Holdings by customer, in kernel memory. A customer has one entry per product, ascending by product, with the band of the latest
 * date.
 * The matrix depends on the cutoffs of the bands, but not on the weights of the bands.
 */
export interface Csr {
  memory: KernelMemory;
  customers: number;
  firstCustomer: number;
  products: number;
  bands: number;
  /** Start of each customer's entries, u32[customers + 1]. */
  start: Address;
  /** Entries, u32[entries]: product << 8 | band. */
  entry: Address;
  entries: number;
  /**
   * Number of holdings without an entry. `afterReference`: the date is after the reference day. `repeated`: the customer holds
   * the product a second time, with a later or equal date.
   */
  leftOut: { afterReference: number; repeated: number };
}

/**
 * Builds a `Csr` from chunks of unsorted holdings: call `add` for each, then `finish` once.
 * From creation to `finish` the builder owns the top of kernel memory. A caller who allocates there must release the memory
 * before the next call.
 * Peak memory: 12 bytes per holding and 4 per customer.
 */
export class CsrBuilder {
  readonly #options: Required<CsrOptions>;
  readonly #bandOfAge: Uint8Array;
  readonly #start: Address;
  readonly #records: Address;
  #capacity = 0;
  #count = 0;
  #seen = 0;

  /**
   * @throws AppError config if the cutoffs do not descend, if there are more than 255, or if they span more than 500 years;
   * bad-data for more than 2^24 - 1 products
   */
  constructor(options: CsrOptions) {
    this.#options = { firstCustomer: 0, ...options };
    const { pool, customers, products } = options;
    if (products >= 2 ** 24) {
      throw new AppError('bad-data', `${products} products`, `At most ${2 ** 24 - 1} are possible.`);
    }
    this.#bandOfAge = bandsByAge(options);
    this.#start = pool.memory.allocateZeroed((customers + 1) * 4);
    this.#records = pool.memory.allocate(0);
  }

  /**
   * Adds a chunk of holdings.
   * @throws AppError bad-data if a customer or product number is out of range
   */
  add({ customer, product, days }: HoldingChunk): void {
    const { pool, customers, firstCustomer, products, referenceDay } = this.#options;
    this.#reserve(this.#count + customer.length);
    const records = pool.memory.i32(this.#records, this.#capacity * 2);
    const bandOfAge = this.#bandOfAge;
    const oldest = bandOfAge.length - 1;
    const oldestDay = referenceDay - oldest;
    let at = this.#count * 2;
    for (let i = 0; i < customer.length; i++) {
      const row = customer[i]! - firstCustomer;
      const item = product[i]!;
      const day = days[i]!;
      if (row < 0 || row >= customers || item < 0 || item >= products) this.#refuse(i, row + firstCustomer, item);
      if (day > referenceDay) continue;
      records[at++] = row;
      records[at++] = (item << 8) | bandOfAge[day > oldestDay ? referenceDay - day : oldest]!;
    }
    this.#count = at / 2;
    this.#seen += customer.length;
  }

  /** Sorts the holdings, and releases all memory except the result. */
  async finish(): Promise<Csr> {
    const { pool, customers, firstCustomer, products, cutoffs } = this.#options;
    const { memory } = pool;
    const count = this.#count;
    this.#reserve(count);
    const entry = memory.allocate(count * 4);
    const shares = blocksOf({ from: 0, to: customers }, Math.max(1, Math.ceil(customers / pool.size)));
    const records = this.#records;
    const start = this.#start;
    await pool.run(
      'csrCount',
      shares.map(({ from, to }) => ({ records, count, from, to, start })),
    );
    await pool.run('csrOffsets', [{ customers, start }]);
    await pool.run(
      'csrScatter',
      shares.map(({ from, to }) => ({ records, count, from, to, start, entry })),
    );
    const entries = await this.#placeRows(entry);
    memory.release(records);
    return {
      memory,
      customers,
      firstCustomer,
      products,
      bands: cutoffs.length + 1,
      start,
      entry: memory.allocate(entries * 4),
      entries,
      leftOut: { afterReference: this.#seen - count, repeated: count - entries },
    };
  }

  /** Sorts the rows, removes duplicates and moves the rows to the start of the records. Returns the number of entries. */
  async #placeRows(entry: Address): Promise<number> {
    const { pool, customers } = this.#options;
    const start = this.#start;
    const blocks = blocksOf({ from: 0, to: customers }, sortedCustomers);
    const kept = await pool.run(
      'csrSortRows',
      blocks.map(({ from, to }) => ({ from, to, start, entry })),
    );
    const ends = pool.memory.u32(start, customers + 1);
    let place = 0;
    const calls = blocks.map(({ from, to }, i) => {
      const call = { from, to, begin: ends[from]!, end: ends[to]!, start, entry, target: this.#records, place };
      place += kept[i]!;
      return call;
    });
    await pool.run('csrPlaceRows', calls);
    pool.memory.u32(start, customers + 1)[customers] = place;
    return place;
  }

  #reserve(records: number): void {
    const { memory } = this.#options.pool;
    if (memory.mark() !== this.#records + this.#capacity * 8) {
      throw bug('kernel memory was allocated while holdings were being collected');
    }
    if (records <= this.#capacity) return;
    const steps = Math.ceil((records - this.#capacity) / stepRecords);
    memory.allocate(steps * stepRecords * 8);
    this.#capacity += steps * stepRecords;
  }

  #refuse(index: number, customer: number, product: number): never {
    const { customers, firstCustomer, products } = this.#options;
    throw new AppError(
      'bad-data',
      product < 0 || product >= products
        ? `holding ${this.#seen + index} has product number ${product}; there are ${products} products`
        : `holding ${this.#seen + index} has customer number ${customer}, not ${firstCustomer} to ${firstCustomer + customers - 1}`,
      'Extract the snapshot again: its files do not belong together.',
    );
  }
}

/**
 * Number of customers that are collapsed at a time. Their records take about 100 MB. Four times as many save 10% of the time and
 * cost 140 MB more.
 */
const customersAtOnce = 2 ** 22;

/** Divides a matrix into consecutive parts of at most `customers` customers. The parts share the memory of the matrix. */
export function partsOfCsr(csr: Csr, customers = customersAtOnce): Csr[] {
  return blocksOf({ from: 0, to: csr.customers }, customers).map(({ from, to }) => {
    const start = csr.memory.u32(csr.start, csr.customers + 1);
    const part = { customers: to - from, firstCustomer: csr.firstCustomer + from };
    return { ...csr, ...part, start: offset(csr.start, from * 4), entries: start[to]! - start[from]! };
  });
}

/**
 * Joins the values of consecutive parts, an array with one value per customer from each. A single part is returned without a
 * copy.
 */
export function joinParts(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Band of a holding by its age: element d is the band of holdings that are d days old at the reference day. The last element is
 * the band of all older ones.
 */
function bandsByAge({ referenceDay, cutoffs }: CsrOptions): Uint8Array {
  if (cutoffs.length > 255) {
    throw new AppError('config', `${cutoffs.length + 1} recency bands`, 'At most 256 are possible.');
  }
  const ages = cutoffs.map((cutoff) => referenceDay - cutoff);
  for (const [band, age] of ages.entries()) {
    if (age < (ages[band - 1] ?? 0) || age > mostBandDays) {
      throw new AppError(
        'config',
        `recency band ${band + 1} reaches back ${age} days, the one before it ${ages[band - 1] ?? 0}`,
        'List the bands from the most recent to the oldest, within 500 years.',
      );
    }
  }
  const oldest = ages.at(-1) ?? -1;
  const bandOfAge = new Uint8Array(oldest + 2).fill(ages.length);
  for (const [band, age] of [...ages.entries()].reverse()) bandOfAge.fill(band, 0, age + 1);
  return bandOfAge;
}
