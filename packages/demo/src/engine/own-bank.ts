import { codeOrder, compareCodes, dateOfDay, noDate, type PlainDate, required, stillOpen } from '@basketwise/core';
import type { ColumnRole } from './column-roles.ts';
import type { ChosenColumns } from './seen-file.ts';
import { cellText, dayOfValue, mostHoldings, openTableFile, PageError } from './table-file.ts';

/** Product as described by a file of products. */
interface DescribedProduct {
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
export class Numbers {
  readonly of = new Map<string, number>();

  number(text: string): number {
    const position = this.of.get(text);
    if (position !== undefined) return position;
    this.of.set(text, this.of.size);
    return this.of.size - 1;
  }
}

/** Growing list of integers. */
export class Integers {
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

/** Collects the rows of a file of holdings into a bank. */
class OwnBankCollector {
  readonly #customers = new Numbers();
  readonly #products = new Numbers();
  readonly #known: { customers: boolean; products: ReadonlyMap<string, DescribedProduct> | null };
  readonly #columns = { customer: new Integers(), product: new Integers(), days: new Integers(), closed: new Integers() };
  readonly #leftOut = { noCustomer: 0, noProduct: 0, badDate: 0, unknownCustomer: 0, unknownProduct: 0 };

  /**
   * @param customers ids of all customers. Null: the customers are those with holdings
   * @param products descriptions of all products, by code. Null: the products are those in holdings
   */
  constructor(customers: Iterable<string> | null, products: ReadonlyMap<string, DescribedProduct> | null) {
    for (const id of customers ?? []) this.#customers.number(id);
    for (const code of products?.keys() ?? []) this.#products.number(code);
    this.#known = { customers: customers !== null, products };
  }

  /** Adds a row of a file. */
  add({ id, product: code, day, end }: HoldingRow): void {
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
  finish(rows: number): OwnBank {
    const holdings = this.#columns.customer.length;
    if (holdings === 0) throw new PageError('noRows');
    const [ids, customerRank] = ranked(this.#customers);
    const [codes, productRank] = ranked(this.#products);
    const { customer, product, days, closed } = this.#columns;
    const numbered = {
      customer: customer.values.map((c) => customerRank[c]!),
      product: product.values.map((p) => productRank[p]!),
    };
    return {
      ...{ ids, codes, described: this.#known.products, lastDate: lastDateOf(days.values) },
      ...{ ...numbered, days: days.values, closed: closed.values },
      counts: { rows, holdings, leftOut: this.#leftOut },
    };
  }
}

/** Returns the texts sorted by their bytes, and the sorted position of each text number. */
function ranked({ of: numbers }: Numbers): [texts: string[], rank: Int32Array] {
  const texts = [...numbers.keys()];
  const order = codeOrder(texts);
  const rank = new Int32Array(texts.length);
  for (const [place, number] of order.entries()) rank[number] = place;
  return [order.map((number) => texts[number]!), rank];
}

/** Of this many openings, one may be later than the last day, because its date is probably wrong. */
const mistaken = 2000;

function lastDateOf(days: Int32Array): PlainDate | null {
  const dated = days.filter((day) => day !== noDate).sort();
  if (dated.length === 0) return null;
  return dateOfDay(dated[dated.length - 1 - Math.floor(dated.length / mistaken)]!);
}

/** Classes of the products in holdings, by falling number of holdings. Empty if the products have no classes. */
export function ownClasses({ codes, described, product }: OwnBank): string[] {
  const counts = new Map<string, number>();
  for (const number of product) {
    const className = described && required(described, codes[number]!).class;
    if (className) counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || compareCodes(a, b)).map(([name]) => name);
}

/** Row of a file of holdings. A missing column has the value `null`; a day that cannot be read is undefined. */
export interface HoldingRow {
  id: string;
  product: string;
  day: number | null | undefined;
  end: number | null | undefined;
}

/**
 * Reads the rows of a file of holdings. Returns their number.
 * @param onProgress receives the share of the file that is read, 0 to 1
 * @throws PageError if the file cannot be read, or has too many rows
 */
export async function readHoldingRows(
  { file, roles: { customer, product, opened, closed } }: ChosenColumns,
  add: (row: HoldingRow) => void,
  onProgress: (share: number) => void,
): Promise<number> {
  const table = await openTableFile(file);
  const wanted = [customer!, product!, opened ?? customer!, closed ?? customer!];
  let rows = 0;
  await table.read(
    wanted,
    ([id, name, from, to]) => {
      if (++rows > mostHoldings) throw new PageError('tooMany', { rows: mostHoldings.toLocaleString('en') });
      add({ id: cellText(id), product: cellText(name), day: dayOfValue(opened && from), end: dayOfValue(closed && to) });
      return true;
    },
    onProgress,
  );
  return rows;
}

/** Files of the user's own bank with their chosen columns. Only the file of holdings is required. */
export interface OwnFiles {
  holdings: ChosenColumns;
  /** File with the names and classes of products. Null: the user gave no such file. */
  products: ChosenColumns | null;
  /** File with all customers, including customers without holdings. Null: the user gave no such file. */
  customers: ChosenColumns | null;
}

/**
 * Reads the user's own bank from files that they dropped on the page.
 * @param onProgress receives the share of the holdings that are read, 0 to 1
 * @throws PageError if a file cannot be read, or all rows are excluded
 */
export async function readOwn(files: OwnFiles, onProgress: (share: number) => void): Promise<OwnBank> {
  const products = files.products && (await readOwnProducts(files.products));
  const customers = files.customers && (await readTexts(files.customers, ['id'])).map(([id]) => id!);
  const collector = new OwnBankCollector(customers, products);
  return collector.finish(await readHoldingRows(files.holdings, (row) => collector.add(row), onProgress));
}

/** Reads some columns of a small file as texts. Rows with an empty first column are left out. Columns that were not chosen give empty texts. */
async function readTexts({ file, roles }: ChosenColumns, wanted: readonly ColumnRole[]): Promise<string[][]> {
  const table = await openTableFile(file);
  const columns = wanted.map((role) => roles[role]);
  const rows: string[][] = [];
  await table.read(
    columns.map((name) => name ?? columns[0]!),
    (row) => {
      const texts = row.map((value, at) => (columns[at] === undefined ? '' : cellText(value)));
      if (texts[0] !== '') rows.push(texts);
      return true;
    },
  );
  return rows;
}

async function readOwnProducts(chosen: ChosenColumns): Promise<ReadonlyMap<string, DescribedProduct>> {
  const rows = await readTexts(chosen, ['code', 'name', 'class']);
  return new Map(rows.map(([code, name, of]) => [code!, { name: name || code!, class: of || null }]));
}
