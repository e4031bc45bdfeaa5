import { AppError } from '@basketwise/core/error';
import {
  acquiredBand,
  type BasketTable,
  type CalendarSpan,
  constantName,
  dateOfDay,
  daysBefore,
  daysSinceEpoch,
  grown,
  type HistoryBatch,
  type KernelMemory,
  noDate,
  type PlainDate,
  packEntry,
  sortShort,
} from '@basketwise/core/parts';
import { RowSet } from './distinct-rows.ts';

/** Months before a date whose acquisitions are collected. */
const collectedMonths = 12;

/** Acquisitions of customers, each with what they held before it: flat arrays, some 12 bytes and 4 for each holding before it. */
export interface Acquisitions {
  /** The date on which they were looked at; none is later, and none a year older. */
  date: PlainDate;
  count: number;
  /** Customer and product of each. */
  customer: Int32Array;
  product: Int32Array;
  /** Day of each, as days since 1970-01-01; where they came grouped, of the first of those alike. */
  day: Int32Array;
  /** Acquisition a's earlier holdings are `before[start[a]]` .. `before[start[a + 1] - 1]`: product << 8 | recency band at that time. */
  start: Uint32Array;
  before: Uint32Array;
  /** How many customers' each stands for, where they came grouped; absent: one. */
  weight?: Uint32Array;
  /** The customer's cluster by scheme, -1 for none, where acquisitions came grouped; absent: `customer` tells. */
  clusters?: ReadonlyMap<string, Int16Array>;
  /** Numbers of months that they can be told by, where they came grouped; absent: any. */
  months?: readonly number[];
}

/** Collects acquisitions from all that was held, which comes ordered by customer: what was closed since was bought too. */
export class AcquisitionCollector {
  /** Number of products that the customer at hand held so far, and in order each with its opening and its end. */
  #held = 0;
  #heldProduct = new Int32Array(64);
  #heldDay = new Int32Array(64);
  #heldClosed = new Int32Array(64);
  #customer = -1;
  #count = 0;
  #customers = new Int32Array(1024);
  #products = new Int32Array(1024);
  #days = new Int32Array(1024);
  #start = new Uint32Array(1025);
  #before = new Uint32Array(4096);
  readonly #date: PlainDate;
  readonly #since: number;
  readonly #spans: readonly CalendarSpan[];
  /** First days of the recency bands but the oldest as of each day of the year, falling: i32[days x bands]. */
  readonly #cutoffs: Int32Array;

  /**
   * @param date acquisitions of the year before it count
   * @param spans how far back each recency band but the oldest reaches: as of the day of an acquisition, as everywhere as of a date
   */
  constructor(date: PlainDate, spans: readonly CalendarSpan[]) {
    this.#date = date;
    this.#since = daysBefore(date, { months: collectedMonths, days: 0 });
    this.#spans = spans;
    const days = Array.from({ length: daysSinceEpoch(date) - this.#since }, (_, i) => dateOfDay(this.#since + 1 + i));
    this.#cutoffs = Int32Array.from(days.flatMap((day) => spans.map((span) => daysBefore(day, span))));
  }

  add({ customer, product, days, closed }: HistoryBatch): void {
    for (let i = 0; i < customer.length; i++) {
      if (customer[i] !== this.#customer) {
        this.#endCustomer();
        this.#customer = customer[i]!;
      }
      this.#hold(product[i]!, days[i]!, closed[i]!);
    }
  }

  #hold(product: number, day: number, closed: number): void {
    const at = this.#held;
    const last = at - 1;
    // a row that is the one before once more counts once
    if (at > 0 && this.#heldProduct[last] === product && this.#heldDay[last] === day && this.#heldClosed[last] === closed) return;
    if (at === this.#heldProduct.length) this.#makeRoomForHeld(at + 1);
    this.#heldProduct[at] = product;
    this.#heldDay[at] = day;
    this.#heldClosed[at] = closed;
    this.#held++;
  }

  #makeRoomForHeld(holdings: number): void {
    const make = (length: number) => new Int32Array(length);
    this.#heldProduct = grown(this.#heldProduct, holdings, make);
    this.#heldDay = grown(this.#heldDay, holdings, make);
    this.#heldClosed = grown(this.#heldClosed, holdings, make);
  }

  finish(): Acquisitions {
    this.#endCustomer();
    const [count, end] = [this.#count, this.#start[this.#count]!];
    return {
      date: this.#date,
      count,
      customer: this.#customers.slice(0, count),
      product: this.#products.slice(0, count),
      day: this.#days.slice(0, count),
      start: this.#start.slice(0, count + 1),
      before: this.#before.slice(0, end),
    };
  }

  #endCustomer(): void {
    for (let held = 0; held < this.#held; held++) {
      const day = this.#heldDay[held]!;
      if (day === noDate || day <= this.#since || this.#heldClosed[held]! < day) continue;
      const at = this.#count++;
      this.#customers = grown(this.#customers, this.#count, (length) => new Int32Array(length));
      this.#products = grown(this.#products, this.#count, (length) => new Int32Array(length));
      this.#days = grown(this.#days, this.#count, (length) => new Int32Array(length));
      this.#start = grown(this.#start, this.#count + 1, (length) => new Uint32Array(length));
      this.#before = grown(this.#before, this.#start[at]! + this.#held, (length) => new Uint32Array(length));
      this.#customers[at] = this.#customer;
      this.#products[at] = this.#heldProduct[held]!;
      this.#days[at] = day;
      let end = this.#start[at]!;
      for (let before = 0; before < this.#held; before++) {
        const opened = this.#heldDay[before]!;
        // what is closed on the day of the acquisition was held before it: a renewal acquires nothing
        if (opened >= day || this.#heldClosed[before]! < day) continue;
        const band = this.#bandOf(opened, day);
        this.#before[end++] = packEntry({ column: this.#heldProduct[before]!, band });
      }
      this.#start[this.#count] = end;
    }
    this.#held = 0;
  }

  /** Recency band of a holding as of a day of the year; that of `noDate` is the oldest. */
  #bandOf(opened: number, day: number): number {
    const bands = this.#spans.length;
    const at = (day - this.#since - 1) * bands;
    let band = 0;
    while (band < bands && opened < this.#cutoffs[at + band]!) band++;
    return band;
  }
}

/** Tools that turn a bank's acquisitions into a campaign's. */
export interface AcquisitionOptions {
  memory: KernelMemory;
  /** In whose columns the rows are. */
  table: BasketTable;
  /** Column of each product of the bank, -1 for those of other classes. */
  columnOf: Int32Array;
  /** Recency bands; the constant has the band after them. */
  bands: number;
  /** Group of each acquisition's row, ascending from 0; absent: 0 for all. */
  groupOf?: (at: number) => number;
  /** Months before the date whose acquisitions are taken. Default: 12, all that were collected. */
  months?: number;
}

/**
 * A campaign's acquisitions as distinct rows, by group: what was held before (the constant with it), and what was acquired as an entry of
 * `acquiredBand`. Products of one equivalence group are one; acquiring what is already held is no acquisition.
 */
export function acquisitionTable(
  bank: Acquisitions,
  { memory, table, columnOf, bands, groupOf, months = collectedMonths }: AcquisitionOptions,
): BasketTable {
  if (bank.months && !bank.months.includes(months))
    throw new AppError('bug', `acquisitions of ${months} months were not grouped`, 'Report this.');
  const { product, start, before } = bank;
  const row = new RowOfHeld(table.columns.length, columnOf, bands);
  const constant = table.columns.indexOf(constantName);
  const rows = new RowSet();
  const places = months < collectedMonths ? ofLastMonths(bank, months) : null;
  const count = places === null ? bank.count : places.length;
  for (let i = 0; i < count; i++) {
    const at = places === null ? i : places[i]!;
    const column = columnOf[product[at]!]!;
    if (column < 0) continue;
    const length = row.take(before, start[at]!, start[at + 1]!, column, constant);
    if (length > 0) rows.add(row.entries, length, groupOf === undefined ? 0 : groupOf(at), bank.weight?.[at] ?? 1);
  }
  return packRowSet(rows, memory, table);
}

/** Places of the acquisitions of the last months, by bank and months: every campaign asks for those of the same. */
const placesOfMonths = new WeakMap<Acquisitions, Map<number, Uint32Array>>();

/** Places of the acquisitions of the last months, rising. */
function ofLastMonths(bank: Acquisitions, months: number): Uint32Array {
  const known = placesOfMonths.get(bank) ?? new Map<number, Uint32Array>();
  placesOfMonths.set(bank, known);
  const places = known.get(months) ?? placesAfter(bank.day.subarray(0, bank.count), daysBefore(bank.date, { months, days: 0 }));
  known.set(months, places);
  return places;
}

function placesAfter(day: Int32Array, since: number): Uint32Array {
  const places = new Uint32Array(day.length);
  let count = 0;
  for (let at = 0; at < day.length; at++) if (day[at]! > since) places[count++] = at;
  return places.slice(0, count);
}

/** An acquisition as a row, with what was held before it: one after the other in the same place. Apart from the bank, whose form differs: V8 compiles it once. */
class RowOfHeld {
  readonly entries: Uint32Array;
  readonly #columnOf: Int32Array;
  readonly #bandOf: Int16Array;
  readonly #bands: number;

  constructor(columns: number, columnOf: Int32Array, bands: number) {
    this.entries = new Uint32Array(columns);
    this.#columnOf = columnOf;
    this.#bandOf = new Int16Array(columns).fill(-1);
    this.#bands = bands;
  }

  /** Makes the row of acquiring a column after the holdings from .. to, with the constant where there is one; its length, 0 where the column was held. */
  take(before: Uint32Array, from: number, to: number, acquired: number, constant: number): number {
    const [columnOf, bandOf, bands, row] = [this.#columnOf, this.#bandOf, this.#bands, this.entries];
    let length = 0;
    for (let i = from; i < to; i++) {
      const held = columnOf[before[i]! >>> 8]!;
      if (held < 0) continue;
      if (bandOf[held]! < 0) row[length++] = held;
      bandOf[held] = Math.min(bandOf[held]! < 0 ? bands : bandOf[held]!, before[i]! & 0xff);
    }
    const isHeld = bandOf[acquired]! >= 0;
    for (let i = 0; i < length; i++) {
      const held = row[i]!;
      row[i] = packEntry({ column: held, band: bandOf[held]! });
      bandOf[held] = -1;
    }
    if (isHeld) return 0;
    row[length++] = packEntry({ column: acquired, band: acquiredBand });
    if (constant >= 0) row[length++] = packEntry({ column: constant, band: bands });
    sortShort(row, length);
    return length;
  }
}

/** Days of the shortest time on sale that is told apart: of fewer, chance tells more than the rate does. */
const leastDays = 7;

/**
 * The part of the last months in which each column was on sale, as its first acquisition of the year tells: f64[columns], from `leastDays` of them to 1.
 */
export function partsOnSale(
  { date, count, product, day }: Pick<Acquisitions, 'date' | 'count' | 'product' | 'day'>,
  { columnOf, columns, months }: { columnOf: Int32Array; columns: number; months: number },
): Float64Array {
  const end = daysSinceEpoch(date);
  const span = end - daysBefore(date, { months, days: 0 });
  const first = new Float64Array(columns).fill(end);
  lowerTo(first, { count, product, day }, columnOf);
  return first.map((day) => Math.min(span, Math.max(leastDays, end - day + 1)) / span);
}

/** Lowers the days of columns to those of their acquisitions. */
function lowerTo(
  first: Float64Array,
  { count, product, day }: Pick<Acquisitions, 'count' | 'product' | 'day'>,
  columnOf: Int32Array,
): void {
  for (let at = 0; at < count; at++) {
    const column = columnOf[product[at]!]!;
    if (column >= 0 && day[at]! < first[column]!) first[column] = day[at]!;
  }
}

/** Rows by group, then by their entries: whoever they were found with. */
function packRowSet(rows: RowSet, memory: KernelMemory, { columns, pseudoColumns }: BasketTable): BasketTable {
  const order = rows.inOrder();
  const start = new Uint32Array(order.length + 1);
  const entry = new Uint32Array(rows.entries);
  const [multiplicity, group] = [new Uint32Array(order.length), new Uint32Array(order.length)];
  for (let i = 0; i < order.length; i++) {
    multiplicity[i] = rows.multiplicityOf(order[i]!);
    group[i] = rows.groupOf(order[i]!);
    start[i + 1] = rows.copyEntries(order[i]!, entry, start[i]!);
  }
  return {
    ...{ memory, columns, pseudoColumns, rows: order.length, entries: entry.length },
    start: memory.store(start),
    entry: memory.store(entry),
    multiplicity: memory.store(multiplicity),
    group: memory.store(group),
  };
}
