import { join } from 'node:path';
import { type HistoryBatch, type HoldingBatch, numbersInBank, type Product, type SomeCustomers } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import type { Dialect } from '../engine/dialect.ts';
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

/** SQL, to put after FROM, for the rows of Parquet files in a folder, one file after the other. */
export function parquetFiles({ text }: Pick<Dialect, 'text'>, folder: string, files: readonly string[]): string {
  return `read_parquet([${files.map((file) => text(join(folder, file))).join(', ')}])`;
}

/**
 * Predicate over `opened` and `closed` that is true for a holding that is open on a date. `date` is SQL. DuckDB computes this
 * form in half the time of one with `IS NULL OR`.
 */
export function openOn(date: string): string {
  return `(opened > ${date}) IS NOT TRUE AND (closed <= ${date}) IS NOT TRUE`;
}

/**
 * Makes a temporary table in the engine of a snapshot, and calls `use` with its name. Its column `customer` has the numbers of
 * some customers. A semi join with the table removes rows of other customers early. The joined rows have no order.
 */
export async function withCustomers<T>(
  engine: DuckdbEngine,
  some: SomeCustomers,
  use: (table: string) => Promise<T>,
): Promise<T> {
  const table = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${table} (customer INTEGER)`);
  try {
    await appendColumns(engine, table, some.customers, [{ values: numbersInBank(some) }]);
    return await use(table);
  } finally {
    await engine.run(`DROP TABLE ${table}`);
  }
}
