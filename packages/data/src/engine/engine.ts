import type { Dialect } from './dialect.ts';
import type { TableSource } from './source.ts';

/** Values of a column of a batch: numbers as typed arrays, everything else as strings. `nulls` marks null values. */
export type ColumnValues = Int32Array | Float64Array | BigInt64Array | readonly string[];

/** Rows of a result, column by column. */
export interface ColumnBatch {
  rows: number;
  /** Values by column name. A value marked in `nulls` is a filler. */
  columns: Readonly<Record<string, ColumnValues>>;
  /** One byte per row (1: null) for columns with nulls. Absent for columns without nulls. */
  nulls: Readonly<Record<string, Uint8Array>>;
}

/** Engine that runs statements: DuckDB on files, or Hive. They differ only in the dialect of the SQL. */
export interface Engine {
  readonly dialect: Dialect;
  /**
   * Streams a result in batches with bounded memory. Types of values:
   * - Int32Array: integers up to 32 bits, dates (days since 1970-01-01) and booleans (0, 1)
   * - BigInt64Array: bigint
   * - Float64Array: floats
   * - exact text: everything else
   */
  query(sql: string, options?: StatementOptions): AsyncIterable<ColumnBatch>;
  /** Runs a statement for its effect. */
  run(sql: string, options?: StatementOptions): Promise<void>;
  /** Names in SQL of the tables and views that the engine sees. */
  tables(): Promise<readonly string[]>;
  /** Name and engine type of the columns of a table or of a `from` expression, in order. */
  columns(from: string, options?: StatementOptions): Promise<readonly ColumnType[]>;
  /** Makes a source of the config readable: checks existence and permission, and decodes formats that the engine cannot read. */
  relation(source: TableSource, options?: RelationOptions): Promise<Relation>;
  /**
   * Yields a query's rows as the server sends them, in arbitrary chunks: CSV in UTF-8 without a header. Null is nothing, an empty
   * text is in quotes.
   * @returns number of rows
   */
  copyOut?(sql: string, take: (rows: AsyncIterable<Uint8Array>) => Promise<void>, options?: StatementOptions): Promise<number>;
  /** Cancels running statements and releases everything. */
  close(): Promise<void>;
}

/** Column and its type in the syntax of the engine. */
export interface ColumnType {
  name: string;
  type: string;
}

/** Readable source. */
export interface Relation {
  /** SQL to put after FROM, before an alias. */
  from: string;
  /** Name in messages. */
  label: string;
  /** `from` with the additional column `row_of_table`, from 0 in the order of the table. Absent if it would cost time. */
  numbered?: string | undefined;
  /** Columns of a file without types (CSV) that only some values make text, and the first row with such a value, from 1. */
  mixed?: readonly { column: string; row: number }[];
  /** Delimiter of files without types (CSV). */
  delimiter?: string;
}

/** Options of making a source readable. */
export interface RelationOptions extends StatementOptions {
  /** Columns that stay text regardless of their values, in a file without types (CSV). */
  text?: readonly string[];
}

/** Options of a statement. */
export interface StatementOptions {
  signal?: AbortSignal;
  /** Place of the statement in the job, for messages: a stage, or a config key. */
  place?: string;
  /** Whether the arrays of a batch may be reused for the next. Callers must finish a batch first. Saves much memory traffic. */
  reuse?: boolean;
}
