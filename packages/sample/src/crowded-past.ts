import { noDate } from '@basketwise/core/parts';
import { type Basket, createBasket, drawLine, plant } from './basket.ts';
import type { Catalog } from './catalog.ts';
import { Contracts, holdingStream } from './contracts.ts';
import { createDateSource, type DateSource } from './dates.ts';
import { type AliasTable, aliasTable, drawIndex } from './distribution.ts';
import type { HoldingRows, HoldingSource } from './holding-rows.ts';
import { basketSizes, type SampleBank } from './options.ts';
import { drawPerson, personStream } from './person.ts';
import { RandomStream } from './random.ts';

/** Draws the holdings of a bank with `past: 'crowded'`: baskets are drawn first, and dated afterwards. */
export class CrowdedPast implements HoldingSource {
  readonly #bank: SampleBank;
  readonly #catalog: Catalog;
  readonly #dates: DateSource;
  readonly #sizes: AliasTable;
  readonly #person: RandomStream;
  readonly #random: RandomStream;
  readonly #basket: Basket = createBasket();
  readonly #days = new Int32Array(16);
  readonly #contracts: Contracts;

  constructor(bank: SampleBank, catalog: Catalog) {
    this.#bank = bank;
    this.#catalog = catalog;
    this.#dates = createDateSource(bank);
    this.#sizes = aliasTable(basketSizes[bank.basketSizes].slice(0, Math.floor(bank.products / 2)));
    this.#person = new RandomStream(bank.seed, personStream);
    this.#random = new RandomStream(bank.seed, holdingStream);
    this.#contracts = new Contracts(bank, catalog, this.#random, (line, day) => this.#dates.sold(this.#random, line, day));
  }

  /** Adds the customer's rows: open contracts, then (only if `ended`) ended contracts. */
  draw(customer: number, rows: HoldingRows, ended: boolean): void {
    const { segment } = drawPerson(this.#person.at(customer), this.#catalog.taste);
    const random = this.#random.at(customer);
    const empty = random.chance(this.#bank.withoutHoldings);
    const newcomer = random.chance(this.#bank.newcomers);
    if (!empty) this.#drawOpen(customer, segment, newcomer, rows, ended);
    else this.#basket.size = 0;
    if (ended && !newcomer) this.#contracts.pushPast(customer, empty, rows, () => this.#drawEnded(segment));
  }

  #drawOpen(customer: number, segment: number, newcomer: boolean, rows: HoldingRows, ended: boolean): void {
    const [random, basket, days, taste] = [this.#random, this.#basket, this.#days, this.#catalog.taste];
    const size = drawIndex(random, this.#sizes) + 1;
    days[0] = this.#dates.first(random, newcomer);
    basket.size = 0;
    for (let i = 0; i < size; i++) {
      if (i > 0) days[i] = this.#dates.next(random, days, i);
      const table = (days[i]! < this.#catalog.driftDay ? taste.before : taste.after)[segment]!;
      basket.line[i] = drawLine(random, this.#catalog, table, basket, { day: newcomer ? days[0]! : noDate });
      basket.size = i + 1;
    }
    plant(random, this.#catalog, taste.after[segment]!, basket, () => ({ day: newcomer ? days[0]! : noDate }));
    this.#contracts.orderRules(basket, days);
    for (let i = 0; i < size; i++) this.#contracts.pushOpen(customer, basket.line[i]!, days[i]!, rows, ended);
  }

  /** Draws a product line that the customer does not hold now, and the requested day of its contract. */
  #drawEnded(segment: number): { line: number; day: number } {
    const line = drawLine(this.#random, this.#catalog, this.#catalog.taste.before[segment]!, this.#basket, { day: noDate });
    return { line, day: this.#dates.first(this.#random, false) };
  }
}
