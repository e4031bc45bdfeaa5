import type { PlainDate } from '../dates/plain-date.ts';

/** A product as the bank's records keep it. */
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
  /** The product that is recommended for its group: the lowest code on sale; null when none is. */
  representative: number | null;
}

/** Holdings of some rows; all arrays have the same length. */
export interface HoldingBatch {
  customer: Int32Array;
  product: Int32Array;
  /** Days since 1970-01-01; `noDate` where it is unknown. */
  days: Int32Array;
}

/** Holdings of some rows that may have been closed since. */
export interface HistoryBatch extends HoldingBatch {
  /** Days since 1970-01-01; `stillOpen` where it is not closed yet. */
  closed: Int32Array;
}

/** Stands in `HistoryBatch.closed` for a holding that is open: later than any. */
export const stillOpen = 0x7fffffff;

/** Products of a bank, and its holdings as of any date. Readers may change the batches that they get. */
export interface BankRecords {
  /** Customers are 0 .. customerCount - 1. */
  readonly customerCount: number;
  /** In product order. */
  products(): Promise<readonly Product[]>;
  /** Holdings of the customers of a date: opened on or before it or undated, not closed on or before it. Ordered by customer, then product. */
  holdings(asOf: PlainDate): AsyncIterable<HoldingBatch>;
  /**
   * All that the customers of a date held up to it, closed since or not: opened on or before it, or undated. Nothing later is known: what is closed after
   * it is open. Ordered by customer, then product.
   * @param options.after only what was opened after this date
   */
  history(asOf: PlainDate, options?: { after?: PlainDate }): AsyncIterable<HistoryBatch>;
  /** One byte per product, 1 where anybody is known to have opened it on a date or before (@see FirstOpenings); absent: the history tells. */
  known?(asOf: PlainDate): Promise<Uint8Array>;
  /** Days on which customers joined, since 1970-01-01; `noDate` for an unknown one, which is before all dates. Undefined where no day is known. */
  joined(): Promise<Int32Array | undefined>;
}
