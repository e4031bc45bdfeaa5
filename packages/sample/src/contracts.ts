import { noDate } from '@basketwise/core/parts';
import { type Basket, indexOfLine } from './basket.ts';
import { workday, yearDays } from './calendar.ts';
import type { Catalog, ProductLine } from './catalog.ts';
import { type HoldingRows, push } from './holding-rows.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Number of the random stream from which holdings are drawn. */
export const holdingStream = 2;

const repeatShare = 0.026;
const renewalShare = 0.15;
/** Share of customers with one and with two ended contracts. Contracts ended by renewal are additional. */
const pastShares = [0.2, 0.06];
const pastSharesOfEmpty = [0.35, 0.1];

/** Draws the contracts of a customer from product lines and days that were already drawn. Banks with either value of `past` use it. */
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
