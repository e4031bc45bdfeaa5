import { codeOrder, compareCodes, dateOfDay, noDate, type PlainDate, required, stillOpen } from '@basketwise/core/parts';
import { dayOfValue, mostHoldings } from './holding-collector.ts';
import { PageError } from './page-error.ts';

/** Product as described by a file of products. */
export interface DescribedProduct {
  name: string;
  /** Product class. Null: the product has no class. */
  class: string | null;
}

/**
 * The user's own bank, read from dropped files. Customers and products are ordered by the bytes of their ids and codes. Holdings have the order of
 * the file.
 */
export interface OwnBank {
  /** Id of each customer, by customer number. */
  ids: readonly string[];
  /** Code of each product, by product number. */
  codes: readonly string[];
  /** Customer number of each holding. */
  customer: Int32Array;
  /** Product number of each holding. */
  product: Int32Array;
  /** Day on which each holding was opened, in days since 1970-01-01, or `noDate`. */
  days: Int32Array;
  /** Day on which each holding was closed, in days since 1970-01-01, or `stillOpen`. */
  closed: Int32Array;
  /** Products by code. Null if no file of products was dropped. */
  described: ReadonlyMap<string, DescribedProduct> | null;
  /** Latest day of opening. A few openings (1 in 2,000) may be later, because their dates are probably wrong. Null if no holding has a date. */
  lastDate: PlainDate | null;
  counts: OwnCounts;
}

/** Numbers of rows, of holdings, and of excluded rows of a file of holdings. */
export interface OwnCounts {
  rows: number;
  holdings: number;
  leftOut: { noCustomer: number; noProduct: number; badDate: number; unknownCustomer: number; unknownProduct: number };
}

/** Numbers distinct texts in the order of their first occurrence. */
class Numbers {
  readonly of = new Map<string, number>();

  number(text: string): number {
    const known = this.of.get(text);
    if (known !== undefined) return known;
    this.of.set(text, this.of.size);
    return this.of.size - 1;
  }
}

/** Growing list of integers. */
class Integers {
  #values = new Int32Array(2 ** 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  get values(): Int32Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Value of a cell as text without surrounding blanks. An empty cell gives the empty text. */
export function cellText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value).trim();
}

/** Collects the rows of a file of holdings into a bank. */
export class OwnBankCollector {
  readonly #customers = new Numbers();
  readonly #products = new Numbers();
  readonly #known: { customers: boolean; products: ReadonlyMap<string, DescribedProduct> | null };
  readonly #columns = { customer: new Integers(), product: new Integers(), days: new Integers(), closed: new Integers() };
  readonly #leftOut = { noCustomer: 0, noProduct: 0, badDate: 0, unknownCustomer: 0, unknownProduct: 0 };
  #rows = 0;

  /**
   * @param customers ids of all customers. Null: the customers are those with holdings
   * @param products descriptions of all products, by code. Null: the products are those in holdings
   */
  constructor(customers: Iterable<string> | null, products: ReadonlyMap<string, DescribedProduct> | null) {
    for (const id of customers ?? []) this.#customers.number(id);
    for (const code of products?.keys() ?? []) this.#products.number(code);
    this.#known = { customers: customers !== null, products };
  }

  /**
   * Adds a row of a file. A missing column has the value `undefined`.
   * @throws PageError for too many rows
   */
  add(customer: unknown, product: unknown, opened: unknown, closed: unknown): void {
    if (++this.#rows > mostHoldings) throw new PageError('tooMany', { rows: mostHoldings.toLocaleString('en') });
    const [id, code] = [cellText(customer), cellText(product)];
    const [day, end] = [dayOfValue(opened), dayOfValue(closed)];
    if (id === '') this.#leftOut.noCustomer++;
    else if (code === '') this.#leftOut.noProduct++;
    else if (this.#known.customers && !this.#customers.of.has(id)) this.#leftOut.unknownCustomer++;
    else if (this.#known.products && !this.#products.of.has(code)) this.#leftOut.unknownProduct++;
    else if (day === undefined || end === undefined) this.#leftOut.badDate++;
    else {
      this.#columns.customer.push(this.#customers.number(id));
      this.#columns.product.push(this.#products.number(code));
      this.#columns.days.push(day ?? noDate);
      this.#columns.closed.push(end ?? stillOpen);
    }
  }

  /**
   * Returns the bank.
   * @throws PageError if all rows were excluded
   */
  finish(): OwnBank {
    const holdings = this.#columns.customer.length;
    if (holdings === 0) throw new PageError('noRows');
    const [ids, customerRank] = ranked(this.#customers);
    const [codes, productRank] = ranked(this.#products);
    const { customer, product, days, closed } = this.#columns;
    const found = { customer: customer.values.map((c) => customerRank[c]!), product: product.values.map((p) => productRank[p]!) };
    return {
      ...{ ids, codes, described: this.#known.products, lastDate: lastDateOf(days.values) },
      ...{ ...found, days: days.values, closed: closed.values },
      counts: { rows: this.#rows, holdings, leftOut: this.#leftOut },
    };
  }
}

/** Returns the texts sorted by their bytes, and the sorted position of each text number. */
function ranked({ of }: Numbers): [texts: string[], rank: Int32Array] {
  const texts = [...of.keys()];
  const order = codeOrder(texts);
  const rank = new Int32Array(texts.length);
  for (const [place, number] of order.entries()) rank[number] = place;
  return [order.map((number) => texts[number]!), rank];
}

/** Of this many openings, one may be later than the last day, because its date is probably wrong. */
const mistaken = 2000;

function lastDateOf(days: Int32Array): PlainDate | null {
  const known = days.filter((day) => day !== noDate).sort();
  if (known.length === 0) return null;
  return dateOfDay(known[known.length - 1 - Math.floor(known.length / mistaken)]!);
}

/** Classes of the products in holdings, by falling number of holdings. Empty if the products have no classes. */
export function ownClasses({ codes, described, product }: OwnBank): string[] {
  const counts = new Map<string, number>();
  for (const number of product) {
    const of = described && required(described, codes[number]!).class;
    if (of) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || compareCodes(a, b)).map(([name]) => name);
}
