import { noDate } from '@basketwise/core';
import { type Basket, indexOfLine } from './basket.ts';
import { workday, yearDays } from './calendar.ts';
import type { Catalog, ProductLine } from './catalog.ts';

import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Number of the random stream from which holdings are drawn. */
export const holdingStream = 2;

const repeatShare = 0.026;
const renewalShare = 0.15;
/** Share of customers with one and with two ended contracts. Contracts ended by renewal are additional. */
const pastShares = [0.2, 0.06];
const pastSharesOfEmpty = [0.35, 0.1];

/** Draws the contracts of a customer from product lines and days that were already drawn. */
export class Contracts {
  readonly #bank: SampleBank;
  readonly #catalog: Catalog;
  readonly #random: RandomStream;
  readonly #soldOn: (line: ProductLine, day: number) => number;

  /** @param soldOn workday on which a line is sold, given the requested day. `noDate`: any day of its sale */
  constructor(bank: SampleBank, catalog: Catalog, random: RandomStream, soldOn: (line: ProductLine, day: number) => number) {
    this.#bank = bank;
    this.#catalog = catalog;
    this.#random = random;
    this.#soldOn = soldOn;
  }

  /** Exchanges days of purchase so that the antecedent of a planted rule is purchased before its consequent. */
  orderRules(basket: Basket, days: Int32Array): void {
    if (basket.size < 2) return;
    for (const { antecedent, consequent } of this.#catalog.plants.rules) {
      const [cause, effect] = [indexOfLine(basket, antecedent), indexOfLine(basket, consequent)];
      if (cause < 0 || effect < 0 || days[cause]! <= days[effect]!) continue;
      [days[cause], days[effect]] = [days[effect]!, days[cause]!];
    }
  }

  /**
   * Adds an open contract. At random, adds a second contract of the same line. At random, and only if `ended`, adds an ended contract of the line's
   * predecessor, which the open contract renews.
   */
  pushOpen(customer: number, line: number, day: number, rows: HoldingRows, ended: boolean): void {
    const product = this.#catalog.lines[line]!;
    const last = product.saleTo === noDate ? this.#bank.referenceDay : product.saleTo;
    const opened = this.#soldOn(product, day);
    push(rows, customer, line, opened, noDate);
    if (this.#random.chance(repeatShare))
      push(rows, customer, line, workday(opened + this.#random.below(last - opened + 1)), noDate);
    const predecessor = this.#catalog.lines[product.predecessor];
    if (!predecessor || !this.#random.chance(renewalShare)) return;
    const before = this.#soldOn(predecessor, noDate);
    if (ended && before < opened) push(rows, customer, product.predecessor, before, opened);
  }

  /**
   * Adds ended contracts of product lines that the customer does not hold now.
   * @param isEmpty whether the customer has no open contracts
   */
  pushPast(customer: number, isEmpty: boolean, rows: HoldingRows, draw: () => { line: number; day: number }): void {
    const [random, shares] = [this.#random, isEmpty ? pastSharesOfEmpty : pastShares];
    const u = random.uniform();
    const count = u < shares[1]! ? 2 : u < shares[0]! + shares[1]! ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const { line, day } = draw();
      const opened = this.#soldOn(this.#catalog.lines[line]!, day);
      const closed = workday(opened + Math.round(yearDays * (1 + random.below(5))) + random.below(30));
      if (closed <= this.#bank.referenceDay) push(rows, customer, line, opened, closed);
    }
  }
}

/** Holdings of the customers `from` to `to - 1`, ordered by customer. Each row is one contract. */
export interface HoldingRows {
  from: number;
  to: number;
  rows: number;
  /** Customer number, 0 to customers - 1. */
  customer: Int32Array;
  /** Product line of each row: its position in the catalog's lines. */
  product: Int32Array;
  /** Day on which the contract was opened, in days since 1970-01-01. */
  opened: Int32Array;
  /** Day on which the contract ended, at most the reference date. `noDate`: the contract is open. */
  closed: Int32Array;
}

/** Maximum number of rows of one customer. */
export const mostRowsPerCustomer = 64;

/** Creates arrays without rows. @param capacity number of rows that fit */
export function createRows(from: number, to: number, capacity: number): HoldingRows {
  return {
    from,
    to,
    rows: 0,
    customer: new Int32Array(capacity),
    product: new Int32Array(capacity),
    opened: new Int32Array(capacity),
    closed: new Int32Array(capacity),
  };
}

function push(rows: HoldingRows, customer: number, product: number, opened: number, closed: number): void {
  const row = rows.rows++;
  rows.customer[row] = customer;
  rows.product[row] = product;
  rows.opened[row] = opened;
  rows.closed[row] = closed;
}

/** Returns rows with free capacity for at least one more customer: the same object, or a larger copy. */
export function withRoom(rows: HoldingRows): HoldingRows {
  if (rows.rows + mostRowsPerCustomer <= rows.customer.length) return rows;
  const larger = createRows(rows.from, rows.to, rows.customer.length * 2 + mostRowsPerCustomer);
  larger.rows = rows.rows;
  for (const column of ['customer', 'product', 'opened', 'closed'] as const) larger[column].set(rows[column]);
  return larger;
}

/** Returns the rows without their unused capacity. */
export function trimmed(rows: HoldingRows): HoldingRows {
  const [customer, product] = [rows.customer.subarray(0, rows.rows), rows.product.subarray(0, rows.rows)];
  return { ...rows, customer, product, opened: rows.opened.subarray(0, rows.rows), closed: rows.closed.subarray(0, rows.rows) };
}
