import type { DuckDBConnection } from '@duckdb/node-api';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import type { DuckdbOptions } from '../engine/source.ts';

export interface RunOptions extends StatementOptions {
  /** Path of the file that the statement writes, for messages. */
  writing?: string | undefined;
  /** Path of the file that the statement reads, for messages. */
  reading?: string;
}

/** Open DuckDB that can also read files and append rows. */
export interface DuckdbSession extends Pick<Engine, 'query' | 'columns'> {
  readonly options: DuckdbOptions;
  run(sql: string, options?: RunOptions): Promise<void>;
  /** Whether `path` is a database file. It is attached read-only, and `from` then names a table in it. */
  hasDatabase(): boolean;
  /** Path for a new temporary file, valid until the engine is closed. Several engines can share the folder. */
  temporaryFile(extension: string): string;
  /** Name for a new table that no other table of this engine has. */
  temporaryTable(): string;
  /** Opens a connection for operations without SQL, such as appending. The caller returns it with `disconnect`. */
  connect(): Promise<DuckDBConnection>;
  /** Closes a connection from `connect`. */
  disconnect(connection: DuckDBConnection): void;
}
