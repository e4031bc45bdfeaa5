import type { DuckDBConnection } from '@duckdb/node-api';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import type { DuckdbOptions } from '../engine/source.ts';

/** How a statement is run. */
export interface RunOptions extends StatementOptions {
  /** The file that it writes, for messages. */
  writing?: string | undefined;
}

/** An open DuckDB, as far as reading files and appending rows need it. */
export interface DuckdbSession extends Pick<Engine, 'query' | 'columns'> {
  readonly options: DuckdbOptions;
  run(sql: string, options?: RunOptions): Promise<void>;
  /** Whether `path` is a database file, attached read-only, so that `from` names a table of it. */
  hasDatabase(): boolean;
  /** A path for a file that lives until the engine is closed; several engines may share a folder. */
  temporaryFile(extension: string): string;
  /** A name for a table that no other table of this engine has. */
  temporaryTable(): string;
  /** A connection for what SQL text cannot say (appending); give it back. */
  connect(): Promise<DuckDBConnection>;
  /** Gives a connection back. */
  disconnect(connection: DuckDBConnection): void;
}
