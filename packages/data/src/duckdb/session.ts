import type { DuckDBConnection } from '@duckdb/node-api';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import type { DuckdbOptions } from '../engine/source.ts';

/** Options of a statement. */
export interface RunOptions extends StatementOptions {
  /** File that the statement writes, for messages. */
  writing?: string | undefined;
}

/** Open DuckDB, with methods for reading files and appending rows. */
export interface DuckdbSession extends Pick<Engine, 'query' | 'columns'> {
  readonly options: DuckdbOptions;
  run(sql: string, options?: RunOptions): Promise<void>;
  /** Whether `path` is a database file, attached read-only, so that `from` names a table in it. */
  hasDatabase(): boolean;
  /** Path for a file, valid until the engine is closed. Several engines can share a folder. */
  temporaryFile(extension: string): string;
  /** Table name unused in this engine. */
  temporaryTable(): string;
  /** Connection for operations without SQL, such as appending. Return it with `disconnect`. */
  connect(): Promise<DuckDBConnection>;
  /** Returns a connection. */
  disconnect(connection: DuckDBConnection): void;
}
