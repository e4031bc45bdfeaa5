/** Source of a table: a file, a glob or a table of the source (`from`), or a query in the SQL of the source (`sql`). */
export interface TableSource {
  from?: string | null | undefined;
  sql?: string | null | undefined;
  /** Format of columns that hold dates as texts or numbers, by column (see `dateFormatFault`). */
  dateFormat?: Readonly<Record<string, string>> | undefined;
  /** Columns that hold numbers as texts with a decimal comma. */
  decimalComma?: readonly string[] | undefined;
  /** Mark of the statement that made the table in Hive. The table must still have it. */
  mark?: string | undefined;
}

/** Options of opening DuckDB. */
export interface DuckdbOptions {
  /** Memory that the engine can use before it spills, as DuckDB writes sizes: `4GB`. */
  memory: string;
  /** Threads of the engine, at least 2. Results do not depend on it. */
  threads: number;
  /** Folder for spilled and decoded data. Made if absent, emptied on close. */
  tempDirectory: string;
  /** Base of `from`: a folder of files, or a DuckDB database file (opened read-only). Default: the working directory. */
  path?: string | undefined;
  /** IANA zone that determines the day of a TIMESTAMP WITH TIME ZONE. Default: `UTC`. */
  timeZone?: string | undefined;
  /** Encoding of CSV files, accepted by `isEncoding`. Default: `utf-8`, with or without a byte order mark. */
  encoding?: string | undefined;
}
