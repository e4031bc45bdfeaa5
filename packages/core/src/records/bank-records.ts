import type { PlainDate } from '../dates/plain-date.ts';

/** Product in the records of a bank. */
export interface Product {
  /** Number of the product, by the UTF-8 bytes of its code. */
  product: number;
  code: string;
  name: string;
  class: string;
  /** Lowest code of its equivalence group. */
  groupKey: string;
  /** Whether it is on sale at the reference date. */
  onSale: boolean;
  /** Whether its sale begins after the reference date. It is then in no basket. Absent: no. */
  upcoming?: boolean;
  /** Product recommended for its group: the lowest code on sale; null if none is. */
  representative: number | null;
}

/** Holdings of some rows. All arrays have the same length. */
export interface HoldingBatch {
  customer: Int32Array;
  product: Int32Array;
  /** Day of opening since 1970-01-01; `noDate` if unknown. */
  days: Int32Array;
}

/** Holdings of some rows, with the day of closing. */
export interface HistoryBatch extends HoldingBatch {
  /** Day of closing since 1970-01-01; `stillOpen` if not closed. */
  closed: Int32Array;
}

/** Value of `HistoryBatch.closed` for an open holding: later than any date. */
export const stillOpen = 0x7fffffff;

/** Products of a bank, and its holdings as of any date. Readers may change the batches that they receive. */
export interface BankRecords {
  /** Number of customers. They are numbered from 0. */
  readonly customerCount: number;
  /** All products, in the order of their numbers. */
  products(): Promise<readonly Product[]>;
  /**
   * Holdings as of a date, of the customers of that date: opened on or before it, or undated; not closed on or before it. Ordered
   * by customer, then product.
   */
  holdings(asOf: PlainDate): AsyncIterable<HoldingBatch>;
  /**
   * All holdings up to a date, of the customers of that date: opened on or before it, or undated; closed or not. Ordered by
   * customer, then product.
   * Excludes later knowledge: a holding closed after the date is open.
   * @param options.after only holdings opened after this date
   */
  history(asOf: PlainDate, options?: { after?: PlainDate }): AsyncIterable<HistoryBatch>;
  /**
   * One byte per product: 1 if a customer is known to have opened it on or before the date (see FirstOpenings). Absent: the
   * history has this.
   */
  known?(asOf: PlainDate): Promise<Uint8Array>;
  /**
   * Day on which each customer joined, since 1970-01-01. `noDate` for an unknown day, which counts as before all dates. Undefined
   * if no day is known.
   */
  joined(): Promise<Int32Array | undefined>;
}
