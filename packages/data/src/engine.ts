/** A column of a batch: numbers as typed arrays, everything else as strings; `null` marks are in `nulls`. */
export type ColumnValues = Int32Array | Float64Array | BigInt64Array | readonly string[];

/** Some rows of a result, column by column. */
export interface ColumnBatch {
  rows: number;
  /** Values by column name; where `nulls` says so, the value is a filler. */
  columns: Readonly<Record<string, ColumnValues>>;
  /** One byte per row (1: null) for columns that have nulls; absent for columns that have none. */
  nulls: Readonly<Record<string, Uint8Array>>;
}

/** Where a statement is run: files through DuckDB, or Hive. Only the dialect of the SQL differs. */
export interface Engine {
  readonly dialect: 'duckdb' | 'hive';
  /** Streams a result in batches with bounded memory; integers up to 32 bits come as Int32Array, bigint as BigInt64Array, ids as strings. */
  query(sql: string, options?: StatementOptions): AsyncIterable<ColumnBatch>;
  /** Runs a statement for its effect. */
  run(sql: string, options?: StatementOptions): Promise<void>;
  /** Tables and views that the engine sees, as they are named in SQL. */
  tables(): Promise<readonly string[]>;
  /** Columns of a table or of a `from` expression: name and engine type, in order. */
  columns(from: string): Promise<readonly { name: string; type: string }[]>;
  /** Releases everything; running statements are cancelled. */
  close(): Promise<void>;
}

/** How a statement may end early. */
export interface StatementOptions {
  signal?: AbortSignal;
  /** Where the statement stands in the job, for messages: a stage, a config key. */
  place?: string;
}
