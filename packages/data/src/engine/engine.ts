import type { Dialect } from './dialect.ts';
import type { TableSource } from './source.ts';

/** A column of a batch: numbers as typed arrays, everything else as strings; `nulls` marks null values. */
export type ColumnValues = Int32Array | Float64Array | BigInt64Array | readonly string[];

/** Some rows of a result, column by column. */
export interface ColumnBatch {
  rows: number;
  /** Values by column name; a value marked in `nulls` is a filler. */
  columns: Readonly<Record<string, ColumnValues>>;
  /** One byte per row (1: null) for columns with nulls; absent for columns without. */
  nulls: Readonly<Record<string, Uint8Array>>;
}

/** An engine that runs statements: DuckDB on files, or Hive. Only the dialect of the SQL differs. */
export interface Engine {
  readonly dialect: Dialect;
  /**
   * Streams a result in batches with bounded memory; integers up to 32 bits, dates (days since 1970-01-01) and booleans
   * (0, 1) come as Int32Array, bigint as BigInt64Array, floats as Float64Array, everything else as exact text.
   */
  query(sql: string, options?: StatementOptions): AsyncIterable<ColumnBatch>;
  /** Runs a statement for its effect. */
  run(sql: string, options?: StatementOptions): Promise<void>;
  /** Names in SQL of the tables and views that the engine sees. */
  tables(): Promise<readonly string[]>;
  /** Columns of a table or of a `from` expression: name and engine type, in order. */
  columns(from: string, options?: StatementOptions): Promise<readonly ColumnType[]>;
  /** Makes a source of the config readable: checks existence and permission, decodes formats that the engine cannot read. */
  relation(source: TableSource, options?: RelationOptions): Promise<Relation>;
  /**
   * Yields a query's rows as the server sends them, in arbitrary chunks: CSV in UTF-8 without a header, null as nothing, an empty text in
   * quotes.
   * @returns their number
   */
  copyOut?(sql: string, take: (rows: AsyncIterable<Uint8Array>) => Promise<void>, options?: StatementOptions): Promise<number>;
  /** Releases everything; running statements are cancelled. */
  close(): Promise<void>;
}

/** A column and its type in the engine's syntax. */
export interface ColumnType {
  name: string;
  type: string;
}

/** A readable source. */
export interface Relation {
  /** SQL to put after FROM, before an alias. */
  from: string;
  /** Its name in messages. */
  label: string;
  /** The same with `row_of_table` besides its columns, from 0 in the order of the table, if that is free of cost. */
  numbered?: string | undefined;
  /** Columns of a file without types (CSV) that are text only because of some values, and the first row with such a value, from 1. */
  mixed?: readonly { column: string; row: number }[];
}

/** Options of making a source readable. */
export interface RelationOptions extends StatementOptions {
  /** Columns that stay text regardless of their values, in a file without types (CSV). */
  text?: readonly string[];
}

/** Options of ending a statement early. */
export interface StatementOptions {
  signal?: AbortSignal;
  /** Where the statement stands in the job, for messages: a stage, a config key. */
  place?: string;
  /** Each batch is finished when the next is requested: its arrays may be reused, which saves much memory traffic. */
  reuse?: boolean;
}
