import type { KernelPool } from '@basketwise/core/parts';

/** Offers of units, unit by unit, like lists; all row arrays have one length. A unit is a distinct set of offers. */
export interface OfferResults {
  /** Unit of each customer of the snapshot, -1 without offers. */
  unit: Int32Array;
  /** Units + 1 offsets. */
  start: Uint32Array;
  /** Product index of the snapshot. */
  product: Int32Array;
  /** Number of the campaign. */
  campaign: Uint8Array;
  probability: Float32Array;
  /** Value of the offer when it is accepted. */
  value: Float32Array;
  /** Index into `reasons`; -1: null. */
  reason: Int32Array;
  reasons: readonly string[];
  /** Index into `arms`: even for contacted customers, odd for the control. The same in all rows of a unit. */
  arm: Uint8Array;
  arms: readonly string[];
}

/** Format of CSV. */
export interface CsvStyle {
  /** A byte order mark of UTF-8, by which spreadsheets recognise it. */
  bom: boolean;
  delimiter: ',' | ';' | '\t' | '|';
  /** All texts are quoted. */
  quote_text: boolean;
}

/** Destination and format of results. */
export interface ResultOptions {
  /** Folder that gets `recommendations.parquet` and `recommendations.csv`. */
  folder: string;
  /** File name in place of `recommendations`. */
  name?: string;
  formats: readonly ('parquet' | 'csv')[];
  /** Cells of CSV that spreadsheets would take for formulas are written as texts (`escapedCell`); default true. */
  escapeFormulas?: boolean;
  /** Format of CSV; absent: RFC 4180. */
  csv?: CsvStyle | undefined;
  /** Parquet has ids as numbers. All ids are integers in canonical form. */
  integerIds?: boolean | undefined;
  /** Pool that encodes; absent: the calling thread. The bytes are the same. */
  pool?: KernelPool;
  signal?: AbortSignal;
  /** Called after every campaign. */
  progress?: (campaign: string) => void;
}

/** Counts of written rows. */
export interface WrittenResults {
  rows: number;
  /** Per campaign, in the order given. */
  campaigns: readonly { campaign: string; customers: number; rows: number }[];
  files: readonly string[];
}
