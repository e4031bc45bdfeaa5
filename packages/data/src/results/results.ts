import type { KernelPool } from '@basketwise/core/parts';

/** Offers of units, unit by unit, like lists. A unit is a distinct set of offers. All arrays by row have the same length. */
export interface OfferResults {
  /** Unit of each customer of the snapshot. -1 without offers. */
  unit: Int32Array;
  /** Offset of each unit's first row, then the number of rows: units + 1 numbers. */
  start: Uint32Array;
  /** Number of the product in the snapshot. */
  product: Int32Array;
  /** Number of the campaign. */
  campaign: Uint8Array;
  probability: Float32Array;
  /** Value of the offer if it is accepted. */
  value: Float32Array;
  /** Index into `reasons`. -1: null. */
  reason: Int32Array;
  reasons: readonly string[];
  /** Index into `arms`: even for contacted customers, odd for the control. The same in all rows of a unit. */
  arm: Uint8Array;
  arms: readonly string[];
}

/** Format of CSV. */
export interface CsvStyle {
  /** Byte order mark of UTF-8. Spreadsheets recognise UTF-8 by it. */
  bom: boolean;
  delimiter: ',' | ';' | '\t' | '|';
  /** Whether all texts are quoted. */
  quote_text: boolean;
}

/** Destination and format of results. */
export interface ResultOptions {
  /** Folder for `recommendations.parquet` and `recommendations.csv`. */
  folder: string;
  /** File name instead of `recommendations`. */
  name?: string;
  formats: readonly ('parquet' | 'csv')[];
  /** Whether CSV cells that spreadsheets would take for formulas are written as texts (`escapedCell`). Default true. */
  escapeFormulas?: boolean;
  /** Format of CSV. Absent: RFC 4180. */
  csv?: CsvStyle | undefined;
  /** Whether Parquet has ids as numbers. All ids must be integers in canonical form. */
  integerIds?: boolean | undefined;
  /** Pool that encodes. Absent: the calling thread. The bytes are the same. */
  pool?: KernelPool;
  signal?: AbortSignal;
  /** Called after each campaign. */
  progress?: (campaign: string) => void;
}

/** Counts of written rows. */
export interface WrittenResults {
  rows: number;
  /** Counts of each campaign, in the given order. */
  campaigns: readonly { campaign: string; customers: number; rows: number }[];
  files: readonly string[];
}
