import { noDate } from '@basketwise/core';
import type { DemoBank, DemoProduct } from './bank.ts';
import { type HoldingRow, Integers, Numbers, readHoldingRows } from './own-bank.ts';
import type { HoldingColumns } from './score-holdings.ts';
import type { ChosenColumns } from './seen-file.ts';
import { PageError } from './table-file.ts';

/** Maximum number of unknown products that are listed by name. */
const mostUnknownListed = 10;

/** Holdings read from a file, with the numbers of excluded rows. */
export interface ReadHoldings {
  /** Id of each customer, by customer number. */
  ids: readonly string[];
  columns: HoldingColumns;
  rows: number;
  leftOut: { ended: number; later: number; noCustomer: number; unknownProduct: number; badDate: number };
  /** Names of unknown products with their numbers of rows, most frequent first. At most `mostUnknownListed`. */
  unknownProducts: readonly { name: string; rows: number }[];
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
class HoldingCollector {
  readonly #bank: DemoBank;
  readonly #productOf = new Map<string, number>();
  readonly #customers = new Numbers();
  readonly #unknown = new Map<string, number>();
  readonly #columns = { customer: new Integers(), product: new Integers(), days: new Integers() };
  readonly #leftOut = { ended: 0, later: 0, noCustomer: 0, unknownProduct: 0, badDate: 0 };

  constructor(bank: DemoBank) {
    this.#bank = bank;
    for (const [i, product] of bank.products.entries()) for (const text of namesOfProduct(product)) this.#productOf.set(text, i);
  }

  /** Adds a row of a file. */
  add({ id, product: name, day, end }: HoldingRow): void {
    if (id === '') {
      this.#leftOut.noCustomer++;
      return;
    }
    const position = this.#productOf.get(name) ?? this.#productOf.get(name.normalize('NFC'));
    if (position === undefined) {
      this.#leftOut.unknownProduct++;
      if (this.#unknown.has(name) || this.#unknown.size < 1000) this.#unknown.set(name, (this.#unknown.get(name) ?? 0) + 1);
      return;
    }
    if (day === undefined) this.#leftOut.badDate++;
    else if (day !== null && day > this.#bank.referenceDay) this.#leftOut.later++;
    else if (typeof end === 'number' && end <= this.#bank.referenceDay) this.#leftOut.ended++;
    else {
      this.#columns.customer.push(this.#customers.number(id));
      this.#columns.product.push(position);
      this.#columns.days.push(day ?? noDate);
    }
  }

  /**
   * Returns the holdings.
   * @throws PageError if the file has no rows, or no row with a known product
   */
  finish(rows: number): ReadHoldings {
    if (rows === 0) throw new PageError('noRows');
    const unknownProducts = [...this.#unknown]
      .map(([name, count]) => ({ name, rows: count }))
      .sort((a, b) => b.rows - a.rows)
      .slice(0, mostUnknownListed);
    const { customer, product, days } = this.#columns;
    if (days.length === 0) {
      throw new PageError('noKnownProduct', {
        names: unknownProducts
          .slice(0, 3)
          .map(({ name }) => name.slice(0, 40))
          .join(', '),
      });
    }
    const columns = { customer: customer.values, product: product.values, days: days.values };
    return { ids: [...this.#customers.of.keys()], columns, rows, leftOut: this.#leftOut, unknownProducts };
  }
}

/**
 * Reads holdings from a CSV, Parquet or Arrow file, regardless of the file's name. Memory grows with the holdings, not with the size of the file.
 * @throws PageError if the file is of another type, too large, or names no product of the bank
 */
export async function readHoldings(
  chosen: ChosenColumns,
  bank: DemoBank,
  onProgress: (share: number) => void,
): Promise<ReadHoldings> {
  const collector = new HoldingCollector(bank);
  return collector.finish(await readHoldingRows(chosen, (row) => collector.add(row), onProgress));
}
