import type { HistoryBatch, HoldingBatch, Product } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { ColumnBatch, StatementOptions } from '../engine/engine.ts';
import type { SnapshotManifest } from './manifest.ts';

/** Snapshot opened for reading. The caller closes it. */
export interface Snapshot {
  readonly folder: string;
  readonly manifest: SnapshotManifest;
  /** DuckDB with the views customers, products and holdings. Callers can add their own tables. */
  readonly engine: DuckdbEngine;
  /** Number of customers. Customers are numbered 0 .. customerCount - 1. */
  readonly customerCount: number;
  /** Products, in their order. */
  products(): Promise<readonly Product[]>;
  /**
   * Holdings open on a date, of all customers or of one, ordered by customer, then product.
   * Each was opened on or before the date, or has no date, and was not closed on or before it.
   */
  holdings(asOf: string, options?: StatementOptions & { customer?: number }): AsyncIterable<HoldingBatch>;
  /**
   * All holdings opened on or before a date, or without a date, ordered by customer, then product. Includes holdings closed since
   * then.
   * Excludes later knowledge: a holding closed after the date is open.
   * @param options.after only holdings opened after this date
   */
  history(asOf: string, options?: StatementOptions & { after?: string }): AsyncIterable<HistoryBatch>;
  /** Columns of customers.parquet in customer order, from `from` (default 0) up to but excluding `to`. */
  customers(columns: readonly string[], options?: StatementOptions & { from?: number; to?: number }): AsyncIterable<ColumnBatch>;
  close(): Promise<void>;
}
