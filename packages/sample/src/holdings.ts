import { noDate } from '@basketwise/core';
import { type Basket, createBasket, drawLine, plant, type Wish } from './basket.ts';
import { monthDays, workday, yearDays } from './calendar.ts';
import type { Catalog, ProductLine } from './catalog.ts';
import { Contracts, createRows, type HoldingRows, holdingStream, mostRowsPerCustomer, trimmed, withRoom } from './contracts.ts';
import { drawPerson, type Person, personStream } from './customers.ts';
import { type AliasTable, aliasTable, drawIndex } from './distribution.ts';
import { basketSizes, type SampleBank, withoutHoldings } from './options.ts';
import { createPurchaseDays, type PurchaseDays } from './purchase-days.ts';
import { RandomStream } from './random.ts';
import { likingOf } from './taste.ts';

/** Number of days after its launch at which a product line sells half of its final rate. */
const launchDays = 300;
/**
 * Preference for the most popular line of a family relative to other old lines. With this value, the line's share of holders is that of real banks.
 */
const topAppeal = 0.7;

/** Draws the holdings of customers in ascending order. Each product line is on sale on the day of its purchase. */
class HoldingSource {
  readonly #bank: SampleBank;
  readonly #catalog: Catalog;
  readonly #days: PurchaseDays;
  readonly #sizes: AliasTable;
  readonly #people: RandomStream;
  readonly #random: RandomStream;
  readonly #basket: Basket = createBasket();
  readonly #bought = new Int32Array(16);
  readonly #contracts: Contracts;
  #person: Person = { segment: 0, age: 0, sex: 1 };

  constructor(bank: SampleBank, catalog: Catalog) {
    this.#bank = bank;
    this.#catalog = catalog;
    this.#days = createPurchaseDays(bank);
    this.#sizes = aliasTable(basketSizes.slice(0, Math.floor(bank.products / 2)));
    this.#people = new RandomStream(bank.seed, personStream);
    this.#random = new RandomStream(bank.seed, holdingStream);
    this.#contracts = new Contracts(bank, catalog, this.#random, (line, day) => this.#soldOn(line, day));
  }

  /** Adds the customer's rows: open contracts, then (only if `ended`) ended contracts. */
  draw(customer: number, rows: HoldingRows, ended: boolean): void {
    this.#person = drawPerson(this.#people.at(customer), this.#catalog.taste);
    const random = this.#random.at(customer);
    const empty = random.chance(withoutHoldings);
    random.word(); // not used; without it, all banks would differ from those of earlier versions
    this.#basket.size = 0;
    if (!empty) this.#drawOpen(customer, rows, ended);
    if (ended) this.#contracts.pushPast(customer, empty, rows, () => this.#drawEnded());
  }

  #drawOpen(customer: number, rows: HoldingRows, ended: boolean): void {
    const [random, basket, days] = [this.#random, this.#basket, this.#bought];
    const size = drawIndex(random, this.#sizes) + 1;
    this.#days.draw(random, size, days);
    for (let i = 0; i < size; i++) {
      basket.line[i] = this.#drawLine(days[i]!);
      basket.size = i + 1;
    }
    plant(random, this.#catalog, this.#tasteOn(this.#bank.referenceDay), basket, (place) => this.#wish(days[place]!));
    this.#contracts.orderRules(basket, days);
    for (let i = 0; i < size; i++) this.#contracts.pushOpen(customer, basket.line[i]!, days[i]!, rows, ended);
  }

  /** Draws the line of a purchase on a day. If all lines on sale are in the basket already, draws from all lines. */
  #drawLine(day: number): number {
    const line = drawLine(this.#random, this.#catalog, this.#tasteOn(day), this.#basket, this.#wish(day));
    return line >= 0 ? line : drawLine(this.#random, this.#catalog, this.#tasteOn(day), this.#basket, { day: noDate });
  }

  #tasteOn(day: number): AliasTable {
    const { before, after } = this.#catalog.taste;
    return (day < this.#catalog.driftDay ? before : after)[this.#person.segment]!;
  }

  /**
   * Requirements for a line purchased on a day. The most popular line of a family has a constant rate; sales of all other lines grow from zero after
   * the launch. Preferences depend on the customer's sex and their age at the purchase.
   */
  #wish(day: number): Wish {
    const { age, sex } = this.#person;
    const then = age - (this.#bank.referenceDay - day) / yearDays;
    return {
      day,
      appeal: (line) => {
        const product = this.#catalog.lines[line]!;
        const since = day - product.saleFrom;
        const ofShape = this.#bank.shape.appeal?.(product, (this.#bank.referenceDay - day) / monthDays) ?? 1;
        const ofAge = product.rank === 1 ? topAppeal : since / (since + launchDays);
        return likingOf(this.#catalog.leanings, line, { age: then, sex }) * ofAge * ofShape;
      },
    };
  }

  /**
   * Workday of a sale: the requested day if the line was on sale on that day, otherwise another day of its sale. A planted rule can put a line into a
   * basket before the line is on sale.
   */
  #soldOn({ saleFrom, saleTo }: ProductLine, day: number): number {
    const last = saleTo === noDate ? this.#bank.referenceDay : saleTo;
    return workday(day >= saleFrom && day <= last ? day : this.#days.between(this.#random, saleFrom, last));
  }

  /** Draws the product line of an ended contract, and the requested day of its start. The customer does not hold the line now. */
  #drawEnded(): { line: number; day: number } {
    this.#days.draw(this.#random, 1, this.#bought);
    const day = this.#bought[0]!;
    return { line: this.#drawLine(day), day };
  }
}

/** Draws the holdings of the customers `from` to `to - 1` of a bank. @param ended whether ended contracts are included */
export function drawHoldings(bank: SampleBank, catalog: Catalog, from: number, to: number, ended = true): HoldingRows {
  const source = new HoldingSource(bank, catalog);
  let rows = createRows(from, to, (to - from) * 3 + mostRowsPerCustomer);
  for (let customer = from; customer < to; customer++) {
    rows = withRoom(rows);
    source.draw(customer, rows, ended);
  }
  return trimmed(rows);
}
