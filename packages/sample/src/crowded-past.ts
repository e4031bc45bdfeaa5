import { noDate } from '@basketwise/core';
import { type Basket, createBasket, drawLine, placeOf, plant } from './basket.ts';
import { workday, yearDays } from './calendar.ts';
import type { Catalog } from './catalog.ts';
import { createDateSource, type DateSource } from './dates.ts';
import { type AliasTable, aliasTable, drawIndex } from './distribution.ts';
import { type HoldingChunk, push } from './holding-rows.ts';
import type { HoldingSource } from './holding-source.ts';
import { type Bank, basketSizes } from './options.ts';
import { drawPerson, personStream } from './person.ts';
import { RandomStream } from './random.ts';

const holdingStream = 2;

const repeatShare = 0.026;
const renewalShare = 0.15;
/** Customers with this many ended contracts beside those that were renewed: 1, 2. */
const pastShares = [0.2, 0.06];
const pastSharesOfEmpty = [0.35, 0.1];

/** Draws one customer after the other of a bank with a crowded past. */
export class CrowdedPast implements HoldingSource {
  readonly #bank: Bank;
  readonly #catalog: Catalog;
  readonly #dates: DateSource;
  readonly #sizes: AliasTable;
  readonly #person: RandomStream;
  readonly #random: RandomStream;
  readonly #basket: Basket = createBasket();
  readonly #days = new Int32Array(16);

  constructor(bank: Bank, catalog: Catalog) {
    this.#bank = bank;
    this.#catalog = catalog;
    this.#dates = createDateSource(bank);
    this.#sizes = aliasTable(basketSizes[bank.basketSizes].slice(0, Math.floor(bank.products / 2)));
    this.#person = new RandomStream(bank.seed, personStream);
    this.#random = new RandomStream(bank.seed, holdingStream);
  }

  /** Adds the customer's rows: what is open, then what has ended (if `ended`). */
  draw(customer: number, rows: HoldingChunk, ended: boolean): void {
    const { segment } = drawPerson(this.#person.at(customer), this.#catalog.taste);
    const random = this.#random.at(customer);
    const empty = random.chance(this.#bank.withoutHoldings);
    const newcomer = random.chance(this.#bank.newcomers);
    if (!empty) this.#drawOpen(customer, segment, newcomer, rows, ended);
    else this.#basket.size = 0;
    if (ended && !newcomer) this.#drawPast(customer, segment, empty ? pastSharesOfEmpty : pastShares, rows);
  }

  #drawOpen(customer: number, segment: number, newcomer: boolean, rows: HoldingChunk, ended: boolean): void {
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
    this.#orderRules();
    for (let i = 0; i < size; i++) this.#pushContract(customer, basket.line[i]!, days[i]!, rows, ended);
  }

  /** A rule's consequent is bought after its antecedent. */
  #orderRules(): void {
    if (this.#basket.size < 2) return;
    for (const { antecedent, consequent } of this.#catalog.plants.rules) {
      const [cause, effect] = [placeOf(this.#basket, antecedent), placeOf(this.#basket, consequent)];
      if (cause < 0 || effect < 0 || this.#days[cause]! <= this.#days[effect]!) continue;
      [this.#days[cause], this.#days[effect]] = [this.#days[effect]!, this.#days[cause]!];
    }
  }

  /** One open contract, now and then a second one of the same product, or the ended one that it renews. */
  #pushContract(customer: number, line: number, day: number, rows: HoldingChunk, ended: boolean): void {
    const product = this.#catalog.lines[line]!;
    const last = product.saleTo === noDate ? this.#bank.referenceDay : product.saleTo;
    const opened = this.#dates.sold(this.#random, product, day);
    push(rows, customer, line, opened, noDate);
    if (this.#random.chance(repeatShare))
      push(rows, customer, line, workday(opened + this.#random.below(last - opened + 1)), noDate);
    const predecessor = this.#catalog.lines[product.predecessor];
    if (!predecessor || !this.#random.chance(renewalShare)) return;
    const before = this.#dates.sold(this.#random, predecessor, noDate);
    if (ended && before < opened) push(rows, customer, product.predecessor, before, opened);
  }

  /** Contracts that have ended, of products the customer does not hold now. */
  #drawPast(customer: number, segment: number, shares: readonly number[], rows: HoldingChunk): void {
    const u = this.#random.uniform();
    const count = u < shares[1]! ? 2 : u < shares[0]! + shares[1]! ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const line = drawLine(this.#random, this.#catalog, this.#catalog.taste.before[segment]!, this.#basket, { day: noDate });
      const opened = this.#dates.sold(this.#random, this.#catalog.lines[line]!, this.#dates.first(this.#random, false));
      const closed = workday(opened + Math.round(yearDays * (1 + this.#random.below(5))) + this.#random.below(30));
      if (closed <= this.#bank.referenceDay) push(rows, customer, line, opened, closed);
    }
  }
}
