import type { HistoryBatch, HoldingBatch, Product } from '@basketwise/core/parts';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { ColumnBatch, StatementOptions } from '../engine/engine.ts';
import type { SnapshotManifest } from './manifest.ts';

/** Snapshot that is open for reading. The caller closes it. */
export interface Snapshot {
  readonly folder: string;
  readonly manifest: SnapshotManifest;
  /** DuckDB with views of the customers, products and holdings. Callers can add tables. */
  readonly engine: DuckdbEngine;
  /** Number of customers. They are numbered from 0 to customerCount - 1. */
  readonly customerCount: number;
  /** All products, in the order of their numbers. */
  products(): Promise<readonly Product[]>;
  /**
   * Holdings that are open on a date, of all customers or of one, sorted by customer, then by product. A holding is open if it
   * was opened on or before the date, and was not closed by then. Without a date of opening, it counts as opened before.
   */
  holdings(asOf: string, options?: StatementOptions & { customer?: number }): AsyncIterable<HoldingBatch>;
  /**
   * All holdings that were opened on or before a date, or have no date, sorted by customer, then by product. Closed holdings are
   * included. A holding that was closed after the date has no closing day.
   * @param options.after only holdings opened after this date
   */
  history(asOf: string, options?: StatementOptions & { after?: string }): AsyncIterable<HistoryBatch>;
  /** Columns of customers.parquet in the order of the customers, from number `from` (default 0) up to but excluding `to`. */
  customers(columns: readonly string[], options?: StatementOptions & { from?: number; to?: number }): AsyncIterable<ColumnBatch>;
  close(): Promise<void>;
}
