import { noDate } from '@basketwise/core';
import { type Basket, createBasket, drawLine, placeOf, plant } from './basket.ts';
import { workday, yearDays } from './calendar.ts';
import { type Catalog, drawCatalog } from './catalog.ts';
import { createDateSource, type DateSource } from './dates.ts';
import { type AliasTable, aliasTable, drawIndex } from './distribution.ts';
import { type Bank, type BankOptions, bankOf, basketSizes } from './options.ts';
import { RandomStream } from './random.ts';

/** Holdings of customers `from` .. `to - 1`, ordered by customer; a row is one contract. */
export interface HoldingChunk {
  from: number;
  to: number;
  rows: number;
  /** Customer number, 0 .. customers - 1. */
  customer: Int32Array;
  /** Index into the catalog's lines: a product name. */
  product: Int32Array;
  /** Day number (days since 1970-01-01) of the purchase. */
  opened: Int32Array;
  /** Day number of the end, at most the reference date; `noDate` while the contract is open. */
  closed: Int32Array;
}

/** Which customers to make, and of which bank. */
export interface HoldingOptions extends BankOptions {
  /** First customer, and the one after the last: a slice is the same however it is cut. Default: all. */
  from?: number;
  to?: number;
  /** Customers per chunk. Default 100,000. */
  chunk?: number;
  /** False leaves out contracts that have ended. Default true. */
  ended?: boolean;
}

/** The stream that a customer's segment and personal data come from; the segment is its first draw. */
export const personStream = 1;
const holdingStream = 2;
/** Most rows that one customer can have. */
const mostRows = 64;

const repeatShare = 0.026;
const renewalShare = 0.15;
/** Customers with this many ended contracts beside those that were renewed: 1, 2. */
const pastShares = [0.2, 0.06];
const pastSharesOfEmpty = [0.35, 0.1];

/** A chunk that grows. */
function createRows(from: number, to: number, capacity: number): HoldingChunk {
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

function push(rows: HoldingChunk, customer: number, product: number, opened: number, closed: number): void {
  const row = rows.rows++;
  rows.customer[row] = customer;
  rows.product[row] = product;
  rows.opened[row] = opened;
  rows.closed[row] = closed;
}

/** The rows with room for one customer more. */
function withRoom(rows: HoldingChunk): HoldingChunk {
  if (rows.rows + mostRows <= rows.customer.length) return rows;
  const larger = createRows(rows.from, rows.to, rows.customer.length * 2 + mostRows);
  larger.rows = rows.rows;
  for (const column of ['customer', 'product', 'opened', 'closed'] as const) larger[column].set(rows[column]);
  return larger;
}

function trimmed(rows: HoldingChunk): HoldingChunk {
  const [customer, product] = [rows.customer.subarray(0, rows.rows), rows.product.subarray(0, rows.rows)];
  return { ...rows, customer, product, opened: rows.opened.subarray(0, rows.rows), closed: rows.closed.subarray(0, rows.rows) };
}

/** Draws one customer after the other. */
class HoldingSource {
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
    const segment = drawIndex(this.#person.at(customer), this.#catalog.taste.segments);
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
      basket.line[i] = drawLine(random, this.#catalog, table, basket, newcomer ? days[0] : noDate);
      basket.size = i + 1;
    }
    plant(random, this.#catalog, taste.after[segment]!, basket, newcomer ? days[0] : noDate);
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
      const line = drawLine(this.#random, this.#catalog, this.#catalog.taste.before[segment]!, this.#basket);
      const opened = this.#dates.sold(this.#random, this.#catalog.lines[line]!, this.#dates.first(this.#random, false));
      const closed = workday(opened + Math.round(yearDays * (1 + this.#random.below(5))) + this.#random.below(30));
      if (closed <= this.#bank.referenceDay) push(rows, customer, line, opened, closed);
    }
  }
}

/** Holdings of customers `from` .. `to - 1` of a bank whose catalog is given. */
export function drawHoldings(bank: Bank, catalog: Catalog, from: number, to: number, ended = true): HoldingChunk {
  const source = new HoldingSource(bank, catalog);
  let rows = createRows(from, to, (to - from) * 3 + mostRows);
  for (let customer = from; customer < to; customer++) {
    rows = withRoom(rows);
    source.draw(customer, rows, ended);
  }
  return trimmed(rows);
}

/**
 * Makes the holdings of a bank, or of a slice of it, chunk by chunk and in memory. Chunks depend on the options alone: any slice equals
 * the same part of the whole.
 */
export async function* generateHoldings(options: HoldingOptions): AsyncGenerator<HoldingChunk> {
  const bank = bankOf(options);
  const catalog = drawCatalog(bank);
  const to = Math.min(options.to ?? bank.customers, bank.customers);
  const chunk = options.chunk ?? 100_000;
  for (let from = options.from ?? 0; from < to; from += chunk) {
    yield drawHoldings(bank, catalog, from, Math.min(from + chunk, to), options.ended ?? true);
  }
}
