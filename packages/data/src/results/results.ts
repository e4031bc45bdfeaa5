import type { KernelPool } from '@basketwise/core';

/** Top-N lists of units, unit by unit: rows `start[u]` .. `start[u + 1] - 1` are unit u's, in rank order. All row arrays have one length. */
export interface UnitRecommendations {
  /** Units + 1 offsets. */
  start: Uint32Array;
  /** Product index of the snapshot. */
  product: Int32Array;
  score: Float32Array;
  /** NaN: null. Absent: null everywhere. */
  probability?: Float32Array | undefined;
  /** Index into `sources`. */
  source: Uint8Array;
  sources: readonly string[];
  /** Cluster of each unit, one per unit; -1: null. Absent: null everywhere. */
  cluster?: Int32Array | undefined;
  /** Index into `reasons` per row; -1: null. Absent: null everywhere. */
  reason?: Int32Array | undefined;
  reasons?: readonly string[] | undefined;
  /** 0 or 1 per row: offered, or in the control. Of offers alone. */
  arm?: Uint8Array | undefined;
}

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
  /** What the offer is worth when it is accepted. */
  value: Float32Array;
  /** Index into `reasons`; -1: null. */
  reason: Int32Array;
  reasons: readonly string[];
  /** 0: offered, 1: in the control. The same in all rows of a unit. */
  arm: Uint8Array;
}

/** One campaign's recommendations. */
export interface CampaignResults {
  campaign: string;
  /** Unit of each customer of the snapshot, -1 where they are no target or not served. */
  unit: Int32Array;
  units: UnitRecommendations;
  /** Who `unit` is about, where not the snapshot's customers: a relation with `customer` (0, 1, ...) and `id`. */
  ids?: string;
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
