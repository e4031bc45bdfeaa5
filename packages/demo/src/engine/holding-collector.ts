import { dayMilliseconds, noDate } from '@basketwise/core/parts';
import type { DemoBank, DemoProduct } from './bank.ts';
import { PageError } from './page-error.ts';
import type { HoldingColumns } from './score-holdings.ts';

/** Number of rows in a block of typed arrays. */
const blockRows = 2 ** 18;
/** Maximum number of unknown products that are listed by name. */
const mostUnknownListed = 10;
/** Maximum number of holdings that fit safely into the page's memory. */
export const mostHoldings = 30_000_000;

/** Holdings read from a file, with the numbers of excluded rows. */
export interface ReadHoldings {
  /** Id of each customer, by customer number. */
  ids: readonly string[];
  blocks: readonly HoldingColumns[];
  rows: number;
  leftOut: { ended: number; later: number; noCustomer: number; unknownProduct: number; badDate: number };
  /** Names of unknown products with their numbers of rows, most frequent first. At most `mostUnknownListed`. */
  unknownProducts: readonly { name: string; rows: number }[];
}

/** Parses a date of a file, such as 2024-03-31 or 20240331, to days since 1970-01-01. Null for an empty value, undefined for an invalid one. */
export function dayOfValue(value: unknown): number | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  if (value instanceof Date) return dayOfMilliseconds(value.getTime());
  const compact = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?$/.exec(String(value).trim());
  if (!compact) return undefined;
  const [, year, month, day] = compact.map(Number) as [number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? dayOfMilliseconds(date.getTime()) : undefined;
}

function dayOfMilliseconds(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / dayMilliseconds);
}

/** All codes and names of a product. */
function namesOfProduct({ code, otherCodes, name, english }: DemoProduct): string[] {
  return [code, ...otherCodes, name, english].map((text) => text.normalize('NFC'));
}

/** Codes and names of all products of the sample bank. */
export function textsOfProducts({ products }: DemoBank): ReadonlySet<string> {
  return new Set(products.flatMap(namesOfProduct));
}

/** Collects the holdings of a file, row by row. Customers are numbered in the order of their first rows. */
export class HoldingCollector {
  readonly #bank: DemoBank;
  readonly #productOf = new Map<string, number>();
  readonly #customerOf = new Map<string, number>();
  readonly #unknown = new Map<string, number>();
  readonly #blocks: HoldingColumns[] = [];
  readonly #leftOut = { ended: 0, later: 0, noCustomer: 0, unknownProduct: 0, badDate: 0 };
  #block: HoldingColumns | undefined;
  #inBlock = 0;
  #rows = 0;

  constructor(bank: DemoBank) {
    this.#bank = bank;
    for (const [i, product] of bank.products.entries()) for (const text of namesOfProduct(product)) this.#productOf.set(text, i);
  }

  /** Number of rows so far, including excluded rows. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds a row of a file.
   * @throws PageError for too many rows
   */
  add(customer: unknown, product: unknown, opened: unknown, closed: unknown): void {
    this.#rows++;
    if (this.#rows > mostHoldings) throw new PageError('tooMany', { rows: mostHoldings.toLocaleString('en') });
    const id = customer === null || customer === undefined ? '' : String(customer).trim();
    if (id === '') {
      this.#leftOut.noCustomer++;
      return;
    }
    const name = String(product ?? '').trim();
    const found = this.#productOf.get(name) ?? this.#productOf.get(name.normalize('NFC'));
    if (found === undefined) {
      this.#leftOut.unknownProduct++;
      if (this.#unknown.has(name) || this.#unknown.size < 1000) this.#unknown.set(name, (this.#unknown.get(name) ?? 0) + 1);
      return;
    }
    const day = dayOfValue(opened);
    const end = dayOfValue(closed);
    if (day === undefined) this.#leftOut.badDate++;
    else if (day !== null && day > this.#bank.referenceDay) this.#leftOut.later++;
    else if (typeof end === 'number' && end <= this.#bank.referenceDay) this.#leftOut.ended++;
    else this.#push(this.#numberOf(id), found, day ?? noDate);
  }

  /**
   * Returns the holdings.
   * @throws PageError if the file has no rows, or no row with a known product
   */
  finish(): ReadHoldings {
    this.#close();
    if (this.#rows === 0) throw new PageError('noRows');
    const unknownProducts = [...this.#unknown]
      .map(([name, rows]) => ({ name, rows }))
      .sort((a, b) => b.rows - a.rows)
      .slice(0, mostUnknownListed);
    if (this.#blocks.length === 0) {
      throw new PageError('noKnownProduct', {
        names: unknownProducts
          .slice(0, 3)
          .map(({ name }) => name.slice(0, 40))
          .join(', '),
      });
    }
    return { ids: [...this.#customerOf.keys()], blocks: this.#blocks, rows: this.#rows, leftOut: this.#leftOut, unknownProducts };
  }

  #numberOf(id: string): number {
    const known = this.#customerOf.get(id);
    if (known !== undefined) return known;
    this.#customerOf.set(id, this.#customerOf.size);
    return this.#customerOf.size - 1;
  }

  #push(customer: number, product: number, day: number): void {
    this.#block ??= { customer: new Int32Array(blockRows), product: new Int32Array(blockRows), days: new Int32Array(blockRows) };
    this.#block.customer[this.#inBlock] = customer;
    this.#block.product[this.#inBlock] = product;
    this.#block.days[this.#inBlock++] = day;
    if (this.#inBlock === blockRows) this.#close();
  }

  #close(): void {
    if (!this.#block || this.#inBlock === 0) return;
    const { customer, product, days } = this.#block;
    const part = (values: Int32Array) => values.subarray(0, this.#inBlock);
    this.#blocks.push({ customer: part(customer), product: part(product), days: part(days) });
    this.#block = undefined;
    this.#inBlock = 0;
  }
}
