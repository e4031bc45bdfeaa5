import type { KernelPool } from '@basketwise/core';

/**
 * Offers of all customers. Customers with the same offers share a unit, a distinct set of offers. All arrays by row have the same
 * length.
 */
export interface OfferResults {
  /** Unit of each customer of the snapshot; -1 for a customer without offers. */
  unit: Int32Array;
  /** First row of each unit, then the number of rows, u32[units + 1]. */
  start: Uint32Array;
  /** Index of the product in the snapshot, by row. */
  product: Int32Array;
  /** Index of the campaign, by row. */
  campaign: Uint8Array;
  probability: Float32Array;
  /** Value of the offer if the customer accepts it, by row. */
  value: Float32Array;
  /** Index into `reasons`, by row; -1 for no reason. */
  reason: Int32Array;
  reasons: readonly string[];
  /** Index into `arms`, by row: even for contacted customers, odd for the control. All rows of a unit have the same arm. */
  arm: Uint8Array;
  arms: readonly string[];
}

/** Format of CSV files. */
export interface CsvStyle {
  /** Whether the file begins with the byte order mark of UTF-8, by which spreadsheets recognise the encoding. */
  bom: boolean;
  delimiter: ',' | ';' | '\t' | '|';
  /** Whether all texts are in quotes. Otherwise only texts that need quotes have them. */
  quote_text: boolean;
}

/** Where results are written, and in which format. */
export interface ResultOptions {
  /** Folder in which `recommendations.parquet` and `recommendations.csv` are written. */
  folder: string;
  /** Name of the files instead of `recommendations`. */
  name?: string;
  formats: readonly ('parquet' | 'csv')[];
  /** Whether CSV cells that a spreadsheet would read as formulas are escaped (`escapedCell`). Default true. */
  escapeFormulas?: boolean;
  /** Format of the CSV file. Absent: as in RFC 4180. */
  csv?: CsvStyle | undefined;
  /** Whether the Parquet file has customer ids as integers. All ids must be integers in canonical form. */
  integerIds?: boolean | undefined;
  /** Pool whose workers encode. Absent: the calling thread encodes. The bytes are the same. */
  pool?: KernelPool;
  signal?: AbortSignal;
  /** Called after each campaign, with its name. */
  progress?: (campaign: string) => void;
}

/** Number of customers and rows that were written. */
export interface WrittenResults {
  rows: number;
  /** Number of customers and rows of each campaign, in the given order. */
  campaigns: readonly { campaign: string; customers: number; rows: number }[];
  files: readonly string[];
}
