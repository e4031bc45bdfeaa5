import { type BasketTable, unpackEntry } from '../baskets/basket-table.ts';
import { BasketBuilder, noBasket } from '../baskets/baskets.ts';
import { CsrBuilder, joinParts, noDate, partsOfCsr } from '../baskets/csr.ts';
import { AppError } from '../error.ts';
import type { HeldProduct } from '../models/model.ts';
import type { KernelMemory } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** Holdings of customers in any order: one element of `customer`, `product` and `days` per holding. */
export interface Holdings {
  /** Customer number from 0. */
  customer: ArrayLike<number>;
  /** Position in `products`, from 0. */
  product: ArrayLike<number>;
  /** Codes of the products, without duplicates. */
  products: readonly string[];
  /** Number of customers, including customers without holdings. Default: the largest customer number + 1. */
  customers?: number;
  /** Date of each holding in days since 1970-01-01, or `noDate`. Default: no holding has a date. */
  days?: ArrayLike<number>;
  /** Date, in days since 1970-01-01, at which the age of holdings is measured. Later holdings are dropped. Default: the latest date. */
  referenceDay?: number;
  /**
   * Greatest age in days of each recency band, ascending. Older holdings and holdings without a date form one more band.
   * A model can weight a holding by its band. Default: one band for all holdings.
   */
  bands?: readonly number[];
  /** Number of customers that each customer number stands for, a whole number from 0. Default: 1 for all. */
  weights?: ArrayLike<number>;
}

/** Distinct baskets of customers: plain data without kernel memory, usable with any core. */
export interface Baskets {
  /** Codes of the products, by falling number of holders. */
  readonly products: readonly string[];
  readonly customers: number;
  /** Number of distinct baskets. Customers with the same products in the same recency bands share a basket. */
  readonly distinct: number;
  /** Number of recency bands. */
  readonly bands: number;
  /** Index of each customer's distinct basket, u32[customers], 0 to distinct - 1. */
  readonly basketOf: Uint32Array;
  readonly rows: BasketRows;
  /**
   * Products that a customer holds.
   * @throws AppError usage for an unknown customer
   */
  of(customer: number): HeldProduct[];
}

/** Distinct baskets as compressed sparse rows. An entry is column << 8 | band. The column is a position in `Baskets.products`. */
export interface BasketRows {
  /** Start of each basket's entries, u32[distinct + 1]. */
  readonly start: Uint32Array;
  /** Entries, u32[entries]. */
  readonly entry: Uint32Array;
  /** Number of customers with each basket, u32[distinct]. */
  readonly multiplicity: Uint32Array;
}

/**
 * Collapses holdings into distinct baskets. Leaves kernel memory unchanged.
 * @throws AppError usage if array lengths do not match; config if bands do not ascend; bad-data if a number is out of range
 */
export async function distinctBaskets(pool: KernelPool, holdings: Holdings): Promise<Baskets> {
  const { products, weights } = holdings;
  const customers = holdings.customers ?? customersOf(holdings);
  checkHoldings(holdings, products, customers);
  if (weights) checkWeights(weights, customers);
  const mark = pool.memory.mark();
  try {
    const csr = await holdingsMatrix(pool, holdings, customers);
    const projection = Int32Array.from(products, (_, i) => i);
    const builder = new BasketBuilder({ pool, columns: products, projection });
    const weight = weights && Uint32Array.from(weights);
    for (const part of partsOfCsr(csr)) {
      const first = part.firstCustomer;
      await builder.add(part, weight ? { weight: weight.subarray(first, first + part.customers) } : {});
    }
    const { table, basketOf } = await builder.finish();
    return createBaskets(table, joinParts(basketOf), csr.bands);
  } finally {
    pool.memory.release(mark);
  }
}

async function holdingsMatrix(pool: KernelPool, holdings: Holdings, customers: number) {
  const { products, bands = [] } = holdings;
  const customer = Int32Array.from(holdings.customer);
  const days = holdings.days ? Int32Array.from(holdings.days) : new Int32Array(customer.length).fill(noDate);
  const latest = days.reduce((last, day) => Math.max(last, day), noDate);
  const referenceDay = holdings.referenceDay ?? (latest === noDate ? 0 : latest);
  const cutoffs = bands.map((age) => referenceDay - age);
  const builder = new CsrBuilder({ pool, customers, products: products.length, referenceDay, cutoffs });
  builder.add({ customer, product: Int32Array.from(holdings.product), days });
  return builder.finish();
}

function customersOf({ customer }: Holdings): number {
  let last = -1;
  for (let i = 0; i < customer.length; i++) last = Math.max(last, customer[i]!);
  return last + 1;
}

function refuse(message: string, hint: string): never {
  throw new AppError('usage', `holdings: ${message}`, hint);
}

/**
 * Checks the arrays of holdings.
 * @param codes product codes, without duplicates
 * @throws AppError usage if array lengths do not match, or a code occurs twice
 */
export function checkHoldings(
  { customer, product, days, closed }: Pick<Holdings, 'customer' | 'product' | 'days'> & { closed?: ArrayLike<number> },
  codes: readonly string[],
  customers: number,
): void {
  const lengths = [customer, product, days, closed].flatMap((column) => (column ? [column.length] : []));
  if (lengths.some((length) => length !== customer.length))
    refuse(`arrays of ${lengths.join(', ')} elements`, 'Give customer, product and days of each holding.');
  if (new Set(codes).size !== codes.length) refuse('a product code occurs twice', 'Give each product one code.');
  if (!Number.isInteger(customers) || customers < 0) refuse(`${customers} customers`, 'Give a whole number from 0.');
}

function checkWeights(weights: ArrayLike<number>, customers: number): void {
  if (weights.length !== customers) refuse(`${weights.length} weights of ${customers} customers`, 'Give one each.');
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(Number.isInteger(weight) && weight >= 0 && weight < 2 ** 32)) refuse(`a weight is ${weight}`, 'Give whole numbers.');
  }
}

/** Copies a table of distinct baskets out of kernel memory. */
function createBaskets(table: BasketTable, basketOf: Uint32Array, bands: number): Baskets {
  const { memory, columns, rows: distinct, entries } = table;
  const rows = {
    start: memory.u32(table.start, distinct + 1).slice(),
    entry: memory.u32(table.entry, entries).slice(),
    multiplicity: memory.u32(table.multiplicity, distinct).slice(),
  };
  return {
    products: columns,
    customers: basketOf.length,
    distinct,
    bands,
    basketOf,
    rows,
    of(customer) {
      const row = basketOf[customer];
      if (row === undefined || row === noBasket) {
        throw new AppError('usage', `baskets: there is no customer ${customer}`, `Ask for 0 to ${basketOf.length - 1}.`);
      }
      return Array.from(rows.entry.subarray(rows.start[row], rows.start[row + 1]), (packed) => {
        const { column, band } = unpackEntry(packed);
        return { product: columns[column]!, band };
      });
    },
  };
}

/** Copies baskets into kernel memory. The caller sets a mark before the call, and later releases the memory back to this mark. */
export function storeBaskets(memory: KernelMemory, { products, distinct, rows }: Baskets): BasketTable {
  return {
    memory,
    columns: products,
    pseudoColumns: 0,
    rows: distinct,
    entries: rows.entry.length,
    start: memory.store(rows.start),
    entry: memory.store(rows.entry),
    multiplicity: memory.store(rows.multiplicity),
    group: memory.allocateZeroed(distinct * 4),
  };
}
