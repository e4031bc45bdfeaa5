import { AppError } from '@basketwise/core';
import type { Dialect } from './dialect.ts';
import type { TableSource } from './source.ts';

/** Values of one column of a batch: numbers as a typed array, everything else as texts. */
export type ColumnValues = Int32Array | Float64Array | BigInt64Array | readonly string[];

/** Some rows of a result, as one array per column. */
export interface ColumnBatch {
  rows: number;
  /** Values of each column, by its name. The value of a null is arbitrary. */
  columns: Readonly<Record<string, ColumnValues>>;
  /** Marks of nulls, u8[rows] with 1 for a null, for each column that has nulls. Other columns have no entry. */
  nulls: Readonly<Record<string, Uint8Array>>;
}

/** Engine that runs SQL statements: DuckDB on files, PostgreSQL, Hive or Spark. Engines differ only in their SQL dialect. */
export interface Engine {
  readonly dialect: Dialect;
  /**
   * Streams a result in batches, in limited memory. The type of a column's values depends on its SQL type:
   * - Int32Array: integers up to 32 bits, dates (days since 1970-01-01) and booleans (0, 1)
   * - BigInt64Array: bigint
   * - Float64Array: floats
   * - exact text: everything else
   */
  query(sql: string, options?: StatementOptions): AsyncIterable<ColumnBatch>;
  /** Runs a statement that returns no rows. */
  run(sql: string, options?: StatementOptions): Promise<void>;
  /** Names of the tables and views in the engine, without quotes. */
  tables(): Promise<readonly string[]>;
  /** Columns of a table or of a `from` expression, in order, with the engine's names of their types. */
  columns(from: string, options?: StatementOptions): Promise<readonly ColumnType[]>;
  /**
   * Opens a source that the config names. Checks that it exists and may be read, and decodes formats that the engine cannot
   * read.
   */
  relation(source: TableSource, options?: RelationOptions): Promise<Relation>;
  /**
   * Passes the rows of a query to `take` as the server sends them: CSV in UTF-8 without a header, in arbitrary chunks. A null is
   * an empty field, an empty text is `""`.
   * @returns number of rows
   */
  copyOut?(sql: string, take: (rows: AsyncIterable<Uint8Array>) => Promise<void>, options?: StatementOptions): Promise<number>;
  /** Cancels running statements, and releases all resources. */
  close(): Promise<void>;
}

/** Name of a column, and its type as the engine names it. */
export interface ColumnType {
  name: string;
  type: string;
}

/** Opened source. */
export interface Relation {
  /** SQL to put after FROM. An alias can follow. */
  from: string;
  /** Name of the source in messages. */
  label: string;
  /**
   * Same as `from`, with one more column `row_of_table`: the row's number, from 0 in the order of the table. Absent if numbering
   * would take more time than reading.
   */
  numbered?: string | undefined;
  /**
   * Columns of a CSV file that are text although most values are numbers. `row` is the first row, counted from 1, whose value is no
   * number.
   */
  mixed?: readonly { column: string; row: number }[];
  /** Delimiter of a CSV file. */
  delimiter?: string;
}

/** Options for opening a source. */
export interface RelationOptions extends StatementOptions {
  /** Columns of a CSV file that stay text, for all values. */
  text?: readonly string[];
}

export interface StatementOptions {
  signal?: AbortSignal;
  /** Place of the statement in the job, for messages: a stage, or a key of the config. */
  place?: string;
  /**
   * Whether a batch may reuse the arrays of the batch before it. The caller must then finish a batch before it requests the next.
   * This saves much copying.
   */
  reuse?: boolean;
}

/** Error for a statement or connection that a signal has ended. It is the signal's reason if that is an AppError. */
export function interruption(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError(
    'interrupted',
    'stopped while a statement ran on the server; it was cancelled',
    'Run again: finished stages are not repeated.',
  );
}
