import type { PlainDate } from '../dates/plain-date.ts';

/** Product in the records of a bank. */
export interface Product {
  /** Number of the product from 0, in the order of the UTF-8 bytes of the codes. */
  product: number;
  code: string;
  name: string;
  class: string;
  /** Lowest code of its equivalence group. */
  groupKey: string;
  /** Whether the product is on sale at the reference date. */
  onSale: boolean;
  /** Whether the sale of the product begins after the reference date. Such a product is in no basket. Absent: no. */
  upcoming?: boolean;
  /** Number of the product recommended for the group: the product on sale with the lowest code. Null if none is on sale. */
  representative: number | null;
}

/** Batch of holdings. Each array has one element per holding. */
export interface HoldingBatch {
  customer: Int32Array;
  product: Int32Array;
  /** Opening date in days since 1970-01-01; `noDate` if unknown. */
  days: Int32Array;
}

/** Batch of holdings with their closing dates. */
export interface HistoryBatch extends HoldingBatch {
  /** Closing date in days since 1970-01-01; `stillOpen` for an open holding. */
  closed: Int32Array;
}

/** Value of `HistoryBatch.closed` for an open holding: later than any date. */
export const stillOpen = 0x7fffffff;

/** Products of a bank, and its holdings as of any date. Callers may change the batches that they receive. */
export interface BankRecords {
  /** Number of customers. They are numbered from 0. */
  readonly customerCount: number;
  /** All products, in the order of their numbers. */
  products(): Promise<readonly Product[]>;
  /**
   * Holdings that are open at the end of a date, of the customers who joined on or before the date. Ordered by customer, then product.
   * An open holding was opened on or before the date, or has no opening date. It was not closed on or before the date.
   */
  holdings(asOf: PlainDate): AsyncIterable<HoldingBatch>;
  /**
   * Open and closed holdings that were opened on or before a date, or have no opening date. A holding closed after the date counts as
   * open. Only of customers who joined on or before the date. Ordered by customer, then product.
   * @param options.after only holdings opened after this date
   */
  history(asOf: PlainDate, options?: { after?: PlainDate }): AsyncIterable<HistoryBatch>;
  /**
   * One byte per product: 1 if a customer is known to have opened the product on or before the date (see FirstOpenings).
   * Absent: callers find these products in `history`.
   */
  known?(asOf: PlainDate): Promise<Uint8Array>;
  /**
   * Date on which each customer joined the bank, in days since 1970-01-01. `noDate` if unknown, which counts as before all dates.
   * Undefined if no date is known.
   */
  joined(): Promise<Int32Array | undefined>;
}

/** Subset of a bank's customers, with its own numbering. */
export interface SomeCustomers {
  customers: number;
  /** Index of each customer in the subset, i32[customers of the bank]; -1 for others. */
  numberOf: Int32Array;
  /** Name of the draw. Equal draws from one bank select the same customers. */
  drawn: string;
}

/**
 * Copies values of the bank's customers into an array by the customers' numbers in a subset. Drops the values of other customers.
 * @param numbers number in the subset of each value's customer; -1 for other customers
 */
export function setSome(into: Int16Array | Int32Array, values: ArrayLike<number>, numbers: Int32Array): void {
  for (let i = 0; i < numbers.length; i++) if (numbers[i]! >= 0) into[numbers[i]!] = values[i]!;
}

/** Customer number in the bank of each customer of the subset, i32[customers of the subset]. */
export function numbersInBank({ customers, numberOf }: SomeCustomers): Int32Array {
  const numbers = new Int32Array(customers);
  for (let customer = 0; customer < numberOf.length; customer++)
    if (numberOf[customer]! >= 0) numbers[numberOf[customer]!] = customer;
  return numbers;
}
