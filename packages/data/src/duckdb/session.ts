import type { DuckDBConnection } from '@duckdb/node-api';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import type { DuckdbOptions } from '../engine/source.ts';

/** Options of a statement. */
export interface RunOptions extends StatementOptions {
  /** The file that it writes, for messages. */
  writing?: string | undefined;
}

/** An open DuckDB with the methods for reading files and appending rows. */
export interface DuckdbSession extends Pick<Engine, 'query' | 'columns'> {
  readonly options: DuckdbOptions;
  run(sql: string, options?: RunOptions): Promise<void>;
  /** Whether `path` is a database file, attached read-only, in which `from` names a table. */
  hasDatabase(): boolean;
  /** A path for a file, valid until the engine is closed; several engines may share a folder. */
  temporaryFile(extension: string): string;
  /** A table name unused in this engine. */
  temporaryTable(): string;
  /** A connection for operations without SQL (appending); must be returned. */
  connect(): Promise<DuckDBConnection>;
  /** Returns a connection. */
  disconnect(connection: DuckDBConnection): void;
}
