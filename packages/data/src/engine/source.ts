/**
 * Source of the rows of a table. `from` names a file, a file pattern or a table. `sql` is a query in the SQL of the source's engine.
 */
export interface TableSource {
  from?: string | null | undefined;
  sql?: string | null | undefined;
  /** Date format of each column that has dates as texts or numbers (see `dateFormatFault`). */
  dateFormat?: Readonly<Record<string, string>> | undefined;
  /** Columns that have numbers as texts with a decimal comma. */
  decimalComma?: readonly string[] | undefined;
  /** Mark that identifies the SQL that made a table in Hive. The table is refused if its mark differs. */
  mark?: string | undefined;
}

/** Options for opening DuckDB. */
export interface DuckdbOptions {
  /** Memory that the engine may use before it spills to disk, in DuckDB's notation: `4GB`. */
  memory: string;
  /** Number of threads of the engine, at least 2. Results do not depend on the number. */
  threads: number;
  /** Folder for spilled and decoded data. It is created if absent, and emptied on close. */
  tempDirectory: string;
  /**
   * Folder of files, or DuckDB database file (opened read-only), in which `from` is looked up. Default: the working folder.
   */
  path?: string | undefined;
  /** IANA time zone that determines the day of a TIMESTAMP WITH TIME ZONE. Default: `UTC`. */
  timeZone?: string | undefined;
  /** Encoding of CSV files (see `isEncoding`). Default: `utf-8`, with or without a byte order mark. */
  encoding?: string | undefined;
}
