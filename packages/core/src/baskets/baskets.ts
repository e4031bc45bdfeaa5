import { AppError, bug } from '../error.ts';
import { basketRecord, none } from '../generated/layouts.ts';
import { nowhere } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { orderBaskets } from './basket-order.ts';
import { type BasketEntry, type BasketTable, packEntry } from './basket-table.ts';
import { type CollapsedRows, type CollapseInput, collapseRows } from './collapse.ts';
import type { Csr } from './csr.ts';

/** Group of a customer who is not in this campaign. */
export const notInCampaign = none;
/** Value of `extra` for a customer without an extra entry. */
export const noExtra = none;
/** Basket row of a customer who is not in this campaign. */
export const noBasket = none;

/** How a campaign maps products to the columns of its table. */
export interface BasketOptions {
  pool: KernelPool;
  /** Product code of each column, in any order. */
  columns: readonly string[];
  /**
   * Column of each product, i32[products]; -1 for none. Products with the same column are an equivalence group. A customer who
   * holds several of them gets one entry, with the most recent of their bands.
   */
  projection: Int32Array;
  /** Names of pseudo-products, which become the table's last columns in this order. */
  pseudoColumns?: readonly string[];
  /** Pseudo-products that all customers hold, each with its band. `column` is a position in `pseudoColumns`, not in the table. */
  constants?: readonly BasketEntry[];
  /** Mask of the hash bits that are used. Tests use fewer bits to force collisions. */
  hashMask?: number;
}

/** Data of a shard's customers besides their holdings, one element per customer. */
export interface CustomerColumns {
  /** Group of each customer, u32[customers]: below 2^28, or `notInCampaign`. Absent: all customers are in group 0. */
  group?: Uint32Array;
  /**
   * Packed entry of a pseudo-product for each customer, u32[customers], or `noExtra`. The column of the entry is a position in
   * `pseudoColumns`.
   */
  extra?: Uint32Array;
  /** How many customers each customer of the shard stands for, u32[customers]. Absent: 1 for all. */
  weight?: Uint32Array;
}

/** Distinct baskets of a campaign. */
export interface CampaignBaskets {
  /** Table in kernel memory. The order of rows and columns depends only on the customers' baskets. */
  table: BasketTable;
  /** Table row of each customer, or `noBasket`; one array per shard, in the order of adding. */
  basketOf: Uint32Array[];
  /** Customers who hold each column, u32[columns of the table]. */
  holders: Uint32Array;
}

/**
 * Collapses customers into distinct baskets: call `add` for each shard, then `finish` once. Between these calls the builder holds
 * no kernel memory. Therefore the caller can release a shard's matrix before it builds the next one.
 */
export class BasketBuilder {
  readonly #options: Required<BasketOptions>;
  readonly #constants: Uint32Array;
  readonly #shards: CollapsedRows[] = [];
  readonly #basketOf: Uint32Array[] = [];

  /** @throws AppError bug if a projection or constant names a column that does not exist */
  constructor(options: BasketOptions) {
    this.#options = { pseudoColumns: [], constants: [], hashMask: none, ...options };
    const { columns, projection, pseudoColumns, constants } = this.#options;
    if (columns.length + pseudoColumns.length >= 2 ** 24) {
      throw new AppError('bad-data', `${columns.length} columns in one campaign`, `At most ${2 ** 24 - 1} are possible.`);
    }
    for (const [product, column] of projection.entries()) {
      if (column < -1 || column >= columns.length) this.#refuse(`product ${product} points at column ${column}`);
    }
    for (const { column } of constants) {
      if (!(column >= 0 && column < pseudoColumns.length)) this.#refuse(`a constant points at pseudo-column ${column}`);
    }
    this.#constants = Uint32Array.from(constants, ({ column, band }) =>
      packEntry({ column: columns.length + column, band }),
    ).sort();
  }

  /** Collapses one shard of customers. */
  async add(csr: Csr, customers: CustomerColumns = {}): Promise<void> {
    const { pool, columns, projection, hashMask } = this.#options;
    const { memory } = pool;
    this.#check(csr, customers);
    const mark = memory.mark();
    const { distinct, rowOf } = await collapseRows(pool, {
      rows: csr.customers,
      entries: csr.entries,
      longest: csr.products + 1,
      start: csr.start,
      entry: csr.entry,
      projection: memory.store(projection),
      group: customers.group ? memory.store(customers.group) : nowhere,
      extra: customers.extra ? memory.store(customers.extra) : nowhere,
      extraBase: columns.length,
      constants: this.#constants,
      weight: customers.weight ? memory.store(customers.weight) : nowhere,
      hashMask,
    });
    memory.release(mark);
    this.#shards.push(distinct);
    this.#basketOf.push(rowOf);
  }

  /** Merges the shards and writes the table to kernel memory. */
  async finish(): Promise<CampaignBaskets> {
    const { pool, columns, pseudoColumns } = this.#options;
    const { distinct, rowOfShard } = await this.#merge();
    const { table, rank, holders } = await orderBaskets({ pool, distinct, columns, pseudoColumns });
    for (const [shard, basketOf] of this.#basketOf.entries()) {
      const rows = rowOfShard[shard];
      // By row, as rows are far fewer than customers: each customer looks up one position.
      renumberRows(basketOf, rows ? placesAt(rank, rows) : rank);
    }
    return { table, basketOf: this.#basketOf, holders };
  }

  /**
   * Merges the distinct rows of all shards into one set. `rowOfShard` has an array per shard: the position in the set of each of
   * its rows. It is empty if there is only one shard.
   */
  async #merge(): Promise<{ distinct: CollapsedRows; rowOfShard: Uint32Array[] }> {
    const [first, ...others] = this.#shards;
    if (first && others.length === 0) return { distinct: first, rowOfShard: [] };
    const { pool, columns, pseudoColumns, hashMask } = this.#options;
    const mark = pool.memory.mark();
    const width = columns.length + pseudoColumns.length;
    const input: CollapseInput = {
      ...storeAll(pool, this.#shards),
      longest: width,
      projection: pool.memory.store(Int32Array.from({ length: width }, (_, column) => column)),
      extra: nowhere,
      extraBase: 0,
      constants: new Uint32Array(),
      hashMask,
    };
    const { distinct, rowOf } = await collapseRows(pool, input);
    pool.memory.release(mark);
    let from = 0;
    const rowOfShard = this.#shards.map(({ rows }) => {
      from += rows;
      return rowOf.subarray(from - rows, from);
    });
    return { distinct, rowOfShard };
  }

  #check(csr: Csr, { group, extra, weight }: CustomerColumns): void {
    const { projection, pseudoColumns } = this.#options;
    if (csr.products !== projection.length) {
      this.#refuse(`${projection.length} products are projected, ${csr.products} are held`);
    }
    for (const given of [group, extra, weight]) {
      if (given && given.length !== csr.customers) {
        this.#refuse(`${given.length} groups, extra entries or weights for ${csr.customers} customers`);
      }
    }
    for (const packed of extra ?? []) {
      if (packed !== noExtra && packed >>> 8 >= pseudoColumns.length) {
        this.#refuse(`an extra entry points at pseudo-column ${packed >>> 8}`);
      }
    }
  }

  #refuse(what: string): never {
    const { columns, pseudoColumns } = this.#options;
    throw bug(`${what}; there are ${columns.length} columns and ${pseudoColumns.length} pseudo-columns`);
  }
}

function placesAt(place: Uint32Array, rows: Uint32Array): Uint32Array {
  const places = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) places[i] = place[rows[i]!]!;
  return places;
}

/** Replaces each customer's row number r by `place[r]`, in place. */
function renumberRows(basketOf: Uint32Array, place: Uint32Array): void {
  for (let i = 0; i < basketOf.length; i++) {
    const row = basketOf[i]!;
    if (row !== noBasket) basketOf[i] = place[row]!;
  }
}

/** Copies the rows of all shards into kernel memory, one shard after the other. */
function storeAll({ memory }: KernelPool, shards: readonly CollapsedRows[]) {
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  const entries = shards.reduce((sum, shard) => sum + shard.entries, 0);
  const input = {
    rows,
    entries,
    start: memory.allocate((rows + 1) * 4),
    entry: memory.allocate(entries * 4),
    group: memory.allocate(rows * 4),
    weight: memory.allocate(rows * 4),
  };
  const start = memory.u32(input.start, rows + 1);
  const entry = memory.u32(input.entry, entries);
  const group = memory.u32(input.group, rows);
  const weight = memory.u32(input.weight, rows);
  let row = 0;
  let place = 0;
  for (const { records } of shards) {
    for (let at = 0; at < records.length; ) {
      start[row] = place;
      weight[row] = records[at + basketRecord.multiplicity]!;
      group[row++] = records[at + basketRecord.group]!;
      const end = at + basketRecord.recordWords + records[at + basketRecord.length]!;
      for (at += basketRecord.recordWords; at < end; at++) entry[place++] = records[at]!;
    }
  }
  start[rows] = entries;
  return input;
}
