import { noDate } from '@basketwise/core/parts';
import { type Basket, indexOfLine } from './basket.ts';
import { workday, yearDays } from './calendar.ts';
import type { Catalog, ProductLine } from './catalog.ts';
import { type HoldingRows, push } from './holding-rows.ts';
import type { SampleBank } from './options.ts';
import type { RandomStream } from './random.ts';

/** Stream of the random numbers for drawing holdings. */
export const holdingStream = 2;

const repeatShare = 0.026;
const renewalShare = 0.15;
/** Shares of customers with 1 or 2 ended contracts, besides renewed ones. */
const pastShares = [0.2, 0.06];
const pastSharesOfEmpty = [0.35, 0.1];

/** Draws a customer's contracts, for a bank with any past, from the lines and days drawn. */
export class Contracts {
  readonly #bank: SampleBank;
  readonly #catalog: Catalog;
  readonly #random: RandomStream;
  readonly #soldOn: (line: ProductLine, day: number) => number;

  /** @param soldOn workday of sale of a line requested on a day; `noDate`: any day */
  constructor(bank: SampleBank, catalog: Catalog, random: RandomStream, soldOn: (line: ProductLine, day: number) => number) {
    this.#bank = bank;
    this.#catalog = catalog;
    this.#random = random;
    this.#soldOn = soldOn;
  }

  /** Orders the days so that a rule's consequent is purchased after its antecedent. */
  orderRules(basket: Basket, days: Int32Array): void {
    if (basket.size < 2) return;
    for (const { antecedent, consequent } of this.#catalog.plants.rules) {
      const [cause, effect] = [indexOfLine(basket, antecedent), indexOfLine(basket, consequent)];
      if (cause < 0 || effect < 0 || days[cause]! <= days[effect]!) continue;
      [days[cause], days[effect]] = [days[effect]!, days[cause]!];
    }
  }

  /** Adds an open contract. Sometimes adds a second one of the same product, or (if `ended`) the ended one that it renews. */
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

  /** Adds ended contracts of products that the customer does not hold now. */
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
