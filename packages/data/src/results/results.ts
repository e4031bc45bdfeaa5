import type { KernelPool } from '@basketwise/core/parts';

/** Offers of units, unit by unit, as lists are; all row arrays have one length. */
export interface OfferResults {
  /** Unit of each customer of the snapshot, -1 where they are offered nothing. */
  unit: Int32Array;
  /** Units + 1 offsets. */
  start: Uint32Array;
  /** Product index of the snapshot. */
  product: Int32Array;
  /** Number of the campaign. */
  campaign: Uint8Array;
  probability: Float32Array;
  /** Worth of the offer when it is accepted. */
  value: Float32Array;
  /** Index into `reasons`; -1: null. */
  reason: Int32Array;
  reasons: readonly string[];
  /** Index into `arms`: even of who is contacted, odd of the control. The same in all rows of a unit. */
  arm: Uint8Array;
  arms: readonly string[];
}

/** How CSV is written. */
export interface CsvStyle {
  /** A mark of UTF-8 at its beginning, by which spreadsheets know it. */
  bom: boolean;
  delimiter: ',' | ';' | '\t' | '|';
  /** Texts are in quotes, whether they need them or not. */
  quote_text: boolean;
}

/** Where and how results are written. */
export interface ResultOptions {
  /** Folder that gets `recommendations.parquet` and `recommendations.csv`. */
  folder: string;
  /** In place of `recommendations`. */
  name?: string;
  formats: readonly ('parquet' | 'csv')[];
  /** Cells of CSV that spreadsheets would take for formulas are written as texts (`escapedCell`); default true. */
  escapeFormulas?: boolean;
  /** How CSV is written; absent: as RFC 4180 has it. */
  csv?: CsvStyle | undefined;
  /** Parquet has ids as numbers. All ids are such texts as a number is written. */
  integerIds?: boolean | undefined;
  /** Encodes; absent: a pool of this thread alone. The bytes are the same. */
  pool?: KernelPool;
  signal?: AbortSignal;
  /** Called with every campaign that is done. */
  progress?: (campaign: string) => void;
}

/** Counts of what was written. */
export interface WrittenResults {
  rows: number;
  /** Per campaign, in the order given. */
  campaigns: readonly { campaign: string; customers: number; rows: number }[];
  files: readonly string[];
}
