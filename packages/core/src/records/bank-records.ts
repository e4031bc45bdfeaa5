import type { PlainDate } from '../dates/plain-date.ts';

/** A product in the bank's records. */
export interface Product {
  /** Position by UTF-8 bytes of the code. */
  product: number;
  code: string;
  name: string;
  class: string;
  /** The lowest code of its equivalence group. */
  groupKey: string;
  /** On sale at the reference date. */
  onSale: boolean;
  /** Its sale begins after the reference date: it is in no basket. Absent: it does not. */
  upcoming?: boolean;
  /** The product recommended for its group: the lowest code on sale; null if none is. */
  representative: number | null;
}

/** Holdings of some rows; all arrays have the same length. */
export interface HoldingBatch {
  customer: Int32Array;
  product: Int32Array;
  /** Days since 1970-01-01; `noDate` where it is unknown. */
  days: Int32Array;
}

/** Holdings of some rows that may have been closed later. */
export interface HistoryBatch extends HoldingBatch {
  /** Days since 1970-01-01; `stillOpen` if it is not closed. */
  closed: Int32Array;
}

/** Stands in `HistoryBatch.closed` for an open holding: later than any date. */
export const stillOpen = 0x7fffffff;

/** Products of a bank, and its holdings as of any date. Readers may change the batches that they receive. */
export interface BankRecords {
  /** Customers are 0 .. customerCount - 1. */
  readonly customerCount: number;
  /** In product order. */
  products(): Promise<readonly Product[]>;
  /** Holdings of the customers of a date: opened on or before it or undated, not closed on or before it. Ordered by customer, then product. */
  holdings(asOf: PlainDate): AsyncIterable<HoldingBatch>;
  /**
   * All holdings of a date's customers up to the date, closed since or not: opened on or before it, or undated. Excludes later knowledge: a
   * holding closed after the date is open. Ordered by customer, then product.
   * @param options.after only holdings opened after this date
   */
  history(asOf: PlainDate, options?: { after?: PlainDate }): AsyncIterable<HistoryBatch>;
  /**
   * One byte per product, 1 if a customer is known to have opened it on or before a date (@see FirstOpenings); absent: the history contains
   * this.
   */
  known?(asOf: PlainDate): Promise<Uint8Array>;
  /**
   * Days on which customers joined, since 1970-01-01; `noDate` for an unknown day, which counts as before all dates. Undefined if no day is
   * known.
   */
  joined(): Promise<Int32Array | undefined>;
}
