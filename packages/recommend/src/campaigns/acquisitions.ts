import {
  acquiredBand,
  type BasketTable,
  bug,
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
} from '@basketwise/core';
import { RowSet } from './distinct-rows.ts';

/** Number of months before the reference date whose purchases are collected. */
const collectedMonths = 12;

/**
 * Purchases of customers, each with the products that the customer held before it. Flat arrays take about 12 bytes per purchase, and 4 bytes per
 * holding before it.
 */
export interface Acquisitions {
  /** Reference date. All purchases are in the 12 months up to it. */
  date: PlainDate;
  count: number;
  /** Customer number of each purchase. */
  customer: Int32Array;
  /** Product number of each purchase. */
  product: Int32Array;
  /** Day of each purchase, in days since 1970-01-01. If equal purchases are grouped, the first day of the group. */
  day: Int32Array;
  /**
   * Start of the earlier holdings of each purchase, u32[count + 1]. Purchase a has the holdings `before[start[a]]` to `before[start[a + 1] - 1]`. A
   * holding is packed as product << 8 | recency band on the day of the purchase.
   */
  start: Uint32Array;
  before: Uint32Array;
  /** Number of customers that each purchase stands for, if equal purchases are grouped. Absent: 1 each. */
  weight?: Uint32Array;
  /**
   * Cluster of each purchase's customer, i16[count] by scheme, or -1. Only set if equal purchases are grouped; otherwise `customer` determines the
   * cluster.
   */
  clusters?: ReadonlyMap<string, Int16Array>;
  /** Numbers of months before the reference date to which grouped purchases can be restricted. Absent: any number. */
  months?: readonly number[];
}

/** Collects purchases from holdings ordered by customer. Holdings closed by the reference date are included. */
export class AcquisitionCollector {
  /**
   * Number of holdings of the current customer so far. The three arrays below hold their products, opening days and closing days, in product order.
   */
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
  /** First day of each recency band except the oldest, as of each day of the collected year: i32[days x bands], descending within a day. */
  readonly #cutoffs: Int32Array;

  /**
   * @param date reference date, the end of the year whose purchases count
   * @param spans length of each recency band except the oldest, counted back from the day of a purchase
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
    // Identical consecutive rows count as one holding.
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
        // A holding that closed on the day of the purchase still counts as held before it. A renewal is therefore no purchase.
        if (opened >= day || this.#heldClosed[before]! < day) continue;
        const band = this.#bandOf(opened, day);
        this.#before[end++] = packEntry({ column: this.#heldProduct[before]!, band });
      }
      this.#start[this.#count] = end;
    }
    this.#held = 0;
  }

  /** Recency band of a holding as of a day of the collected year. A holding without a date is in the oldest band. */
  #bandOf(opened: number, day: number): number {
    const bands = this.#spans.length;
    const at = (day - this.#since - 1) * bands;
    let band = 0;
    while (band < bands && opened < this.#cutoffs[at + band]!) band++;
    return band;
  }
}

/** Parameters for converting a bank's purchases to rows of one campaign. */
export interface AcquisitionOptions {
  memory: KernelMemory;
  /** Basket table whose columns the rows use. */
  table: BasketTable;
  /** Column of each product of the bank, -1 for products of other classes. */
  columnOf: Int32Array;
  /** Number of recency bands. The constant pseudo-product has the band number `bands`, after all recency bands. */
  bands: number;
  /** Function from a purchase's position to the group number of its row, from 0. Absent: all rows are in group 0. */
  groupOf?: (at: number) => number;
  /** Months before the reference date whose purchases are used. Default: 12, all collected purchases. */
  months?: number;
}

/**
 * Converts the purchases of a campaign to distinct rows, by group. A row has the products held before the purchase, the constant, and the purchased
 * product as an entry with band `acquiredBand`. Products of one equivalence group share a column. If the customer already held a product of the
 * group, the acquisition is no purchase.
 */
export function acquisitionTable(
  bank: Acquisitions,
  { memory, table, columnOf, bands, groupOf, months = collectedMonths }: AcquisitionOptions,
): BasketTable {
  if (bank.months && !bank.months.includes(months)) throw bug(`acquisitions of ${months} months were not grouped`);
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

/** Positions of the purchases of the last months, by bank and number of months. Cached, because all campaigns request the same numbers of months. */
const placesOfMonths = new WeakMap<Acquisitions, Map<number, Uint32Array>>();

/** Positions of the purchases in the last `months` months, ascending. */
function ofLastMonths(bank: Acquisitions, months: number): Uint32Array {
  const placesOfBank = placesOfMonths.get(bank) ?? new Map<number, Uint32Array>();
  placesOfMonths.set(bank, placesOfBank);
  const places =
    placesOfBank.get(months) ?? placesAfter(bank.day.subarray(0, bank.count), daysBefore(bank.date, { months, days: 0 }));
  placesOfBank.set(months, places);
  return places;
}

function placesAfter(day: Int32Array, since: number): Uint32Array {
  const places = new Uint32Array(day.length);
  let count = 0;
  for (let at = 0; at < day.length; at++) if (day[at]! > since) places[count++] = at;
  return places.slice(0, count);
}

/**
 * Builds the row of a purchase from the holdings before it, in an array that the next row overwrites. The class reads only flat arrays. Banks differ
 * in object shape, and V8 would compile the loop again for each shape.
 */
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

  /**
   * Writes a row: the columns of the holdings `from` to `to`, the purchased column and the constant, if the table has one. Returns the length of the
   * row, or 0 if the purchased column was already held.
   */
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

/** Minimum number of days on sale assumed when a purchase rate is scaled. Counts over fewer days vary too much by chance. */
const leastDaysOnSale = 7;

/**
 * Share of the last `months` months in which each column was on sale, f64[columns]. A column is on sale from its first purchase of the year. The time
 * on sale counts as at least `leastDaysOnSale` days, so no share is 0.
 */
export function partsOnSale(
  { date, count, product, day }: Pick<Acquisitions, 'date' | 'count' | 'product' | 'day'>,
  { columnOf, columns, months }: { columnOf: Int32Array; columns: number; months: number },
): Float64Array {
  const end = daysSinceEpoch(date);
  const span = end - daysBefore(date, { months, days: 0 });
  const first = new Float64Array(columns).fill(end);
  lowerTo(first, { count, product, day }, columnOf);
  return first.map((day) => Math.min(span, Math.max(leastDaysOnSale, end - day + 1)) / span);
}

/** Lowers the first day of each column to the earliest day of its purchases. */
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

/** Packs rows into a table in kernel memory, sorted by group, then by entries. The table does not depend on the order of customers. */
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
