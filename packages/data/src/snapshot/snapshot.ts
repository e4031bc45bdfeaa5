import type { HistoryBatch, HoldingBatch, Product } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { ColumnBatch, StatementOptions } from '../engine/engine.ts';
import type { SnapshotManifest } from './manifest.ts';

/** A snapshot opened for reading; close it. */
export interface Snapshot {
  readonly folder: string;
  readonly manifest: SnapshotManifest;
  /** DuckDB with the views customers, products and holdings; also for the caller's own tables. */
  readonly engine: DuckdbEngine;
  /** Customers are 0 .. customerCount - 1. */
  readonly customerCount: number;
  /** In product order. */
  products(): Promise<readonly Product[]>;
  /**
   * Holdings as of a date, of all customers or of one: opened on or before it or undated, not closed on or before it. Ordered by customer,
   * then product.
   */
  holdings(asOf: string, options?: StatementOptions & { customer?: number }): AsyncIterable<HoldingBatch>;
  /**
   * All holdings up to a date, closed since or not: opened on or before it, or undated. Excludes later knowledge: a holding closed after
   * the date is open. Ordered by customer, then product.
   * @param options.after only holdings opened after this date
   */
  history(asOf: string, options?: StatementOptions & { after?: string }): AsyncIterable<HistoryBatch>;
  /** Columns of customers.parquet, in customer order from `from` (default 0) up to but excluding `to`. */
  customers(columns: readonly string[], options?: StatementOptions & { from?: number; to?: number }): AsyncIterable<ColumnBatch>;
  close(): Promise<void>;
}
