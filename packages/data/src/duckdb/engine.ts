import { randomUUID } from 'node:crypto';
import { lstat, mkdtemp, open, realpath, rm, stat, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '@basketwise/core';
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { duckdbDialect } from '../engine/dialect.ts';
import type { ColumnBatch, ColumnType, Engine, Relation, RelationOptions, StatementOptions } from '../engine/engine.ts';
import type { DuckdbOptions, TableSource } from '../engine/source.ts';
import { makePath, removePath } from '../files/make-folder.ts';
import { BatchBuilder, isStreamable } from './column-batch.ts';
import { abortReason, noClock, toAppError } from './error.ts';
import { duckdbRelation } from './relation.ts';
import type { DuckdbSession, RunOptions } from './session.ts';
import { type TextBlock, TextBlockBuilder } from './text-blocks.ts';

/** Largest number of rows of a row group of a Parquet file. */
export const groupRows = 122_880;

/**
 * Opens an empty embedded DuckDB. It cannot use the network or extensions. Data that exceed its memory are written to
 * `tempDirectory`.
 */
export async function openDuckdb(options: DuckdbOptions): Promise<DuckdbEngine> {
  let own: string | undefined;
  try {
    await makePath(options.tempDirectory);
    // Two engines that spill into one folder would delete each other's files.
    own = await mkdtemp(join(options.tempDirectory, 'engine-'));
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: options.memory,
      // At least two threads, because with one thread DuckDB divides a Parquet file into other row groups.
      threads: String(Math.max(2, options.threads)),
      temp_directory: own,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    const engine = new DuckdbEngine(instance, { ...options, tempDirectory: own });
    await engine.run(`SET GLOBAL TimeZone = ${duckdbDialect.text(options.timeZone ?? 'UTC')}`).catch((cause) => {
      if (options.timeZone === undefined) throw cause;
      throw new AppError(
        'config',
        `source.time_zone: the engine knows no zone ${options.timeZone}`,
        'Name a zone such as Asia/Seoul.',
        {
          cause,
        },
      );
    });
    if (options.path) await engine.openPath(resolve(options.path));
    return engine;
  } catch (cause) {
    if (own !== undefined) await rm(own, { recursive: true, force: true }).catch(() => {}); // Throw the first failure, not this one.
    throw toAppError(cause, {}, options.tempDirectory);
  }
}

/** DuckDB in this process. Each statement has its own connection, so that several can run at once. */
export class DuckdbEngine implements Engine, DuckdbSession {
  readonly dialect = duckdbDialect;
  readonly options: DuckdbOptions;
  readonly #instance: DuckDBInstance;
  readonly #open = new Set<DuckDBConnection>();
  readonly #temporary: string[] = [];
  /** Paths of the source's folder. Several paths can lead to the same folder. */
  readonly #folders: string[] = [];
  #tables = 0;
  #database: { path: string; state: string } | undefined;

  constructor(instance: DuckDBInstance, options: DuckdbOptions) {
    this.#instance = instance;
    this.options = options;
  }

  async *query(sql: string, options: StatementOptions = {}): AsyncGenerator<ColumnBatch> {
    let builder: BatchBuilder | undefined;
    const prepare = async (connection: DuckDBConnection) => {
      const prepared = await connection.prepare(sql);
      const columns = columnsOf(prepared);
      const streamed = columns.map(({ name, type }) => ({ name, type: isStreamable(type) ? type : 'VARCHAR' }));
      builder = new BatchBuilder(streamed, options.reuse);
      if (columns.every(({ type }) => isStreamable(type))) return prepared;
      prepared.destroySync();
      return connection.prepare(streamable(sql, columns));
    };
    for await (const chunk of this.#stream(prepare, options)) {
      const batch = builder?.add(chunk.chunk, chunk.rowCount);
      if (batch) yield batch;
    }
    const rest = builder?.take();
    if (rest) yield rest;
  }

  /** Yields the values of a query's only column as blocks of UTF-8 texts. The column must have no nulls. */
  async *texts(sql: string, options: StatementOptions = {}): AsyncGenerator<TextBlock> {
    const builder = new TextBlockBuilder();
    for await (const { chunk, rowCount } of this.#stream((connection) => connection.prepare(sql), options)) {
      const block = builder.add(duckdb.data_chunk_get_vector(chunk, 0), rowCount);
      if (block) yield block;
    }
    const rest = builder.take();
    if (rest) yield rest;
  }

  /** Streams the chunks of a query on a connection of its own. `prepare` prepares the query there. */
  async *#stream(
    prepare: (connection: DuckDBConnection) => Promise<DuckDBPreparedStatement>,
    options: StatementOptions,
  ): AsyncGenerator<DuckDBDataChunk> {
    if (options.signal?.aborted) throw abortReason(options.signal);
    const connection = await this.connect();
    const release = interruptOn(connection, options.signal);
    try {
      // Size of the engine's read-ahead. Two batches fit, so that the engine continues while one is processed. A wide scan uses all
      // threads only if several row groups fit, about 20 MB each.
      await connection.run(`SET streaming_buffer_size = '${options.reuse ? 256 : 32}MB'`);
      const prepared = await prepare(connection);
      const result = await prepared.stream().finally(() => prepared.destroySync());
      yield* chunksOf(connection, result);
    } catch (cause) {
      throw toAppError(cause, options);
    } finally {
      release();
      this.disconnect(connection);
    }
  }

  async run(sql: string, options: RunOptions = {}): Promise<void> {
    if (options.signal?.aborted) throw abortReason(options.signal);
    const connection = await this.connect();
    const release = interruptOn(connection, options.signal);
    try {
      await connection.run(sql);
    } catch (cause) {
      throw toAppError(cause, options, options.writing);
    } finally {
      release();
      this.disconnect(connection);
    }
  }

  /**
   * Writes the rows of a query to a Parquet file, in the query's order.
   * @param options `writing` names the file in errors. Default: `file`
   * @param more further options of the statement COPY
   */
  async copyToParquet(query: string, file: string, options: RunOptions = {}, ...more: readonly string[]): Promise<void> {
    const format = ['FORMAT parquet', `ROW_GROUP_SIZE ${groupRows}`, ...more].join(', ');
    await this.run(`COPY (${query}) TO ${this.dialect.text(file)} (${format})`, { writing: file, ...options });
  }

  async tables(): Promise<readonly string[]> {
    const names: string[] = [];
    const sql = 'SELECT table_name FROM information_schema.tables ORDER BY table_catalog, table_schema, table_name';
    for await (const { columns } of this.query(sql)) names.push(...(columns.table_name as readonly string[]));
    return names;
  }

  async columns(from: string, options: StatementOptions = {}): Promise<readonly ColumnType[]> {
    const connection = await this.connect();
    try {
      return await describeQuery(connection, `SELECT * FROM ${from}`);
    } catch (cause) {
      throw toAppError(cause, options);
    } finally {
      this.disconnect(connection);
    }
  }

  relation(source: TableSource, options: RelationOptions = {}): Promise<Relation> {
    return duckdbRelation(this, source, options);
  }

  async close(): Promise<void> {
    for (const connection of this.#open) {
      connection.interrupt();
      this.disconnect(connection);
    }
    this.#instance.closeSync();
    const made = [...this.#temporary, this.options.tempDirectory];
    await Promise.all(made.map(removePath));
  }

  hasDatabase(): boolean {
    return this.#database !== undefined;
  }

  /** Fingerprint of the attached database file at the time when it was attached. Undefined if none is attached. */
  get databaseState(): string | undefined {
    return this.#database?.state;
  }

  /** Files that statements have opened since `path` was opened, including the engine's own spill files. */
  async openedFiles(): Promise<string[]> {
    const opened = '","op":"OPEN"}';
    const sql = `SELECT DISTINCT message FROM duckdb_logs WHERE type = 'FileSystem' AND suffix(message, ${duckdbDialect.text(opened)})`;
    const files: string[] = [];
    for await (const { columns } of this.query(sql)) {
      for (const message of columns.message as readonly string[]) {
        const start = message.indexOf('"path":"') + '"path":"'.length;
        files.push(resolve(message.slice(start, -opened.length).replace(/^~(?=\/)/, homedir())));
      }
    }
    return files;
  }

  /**
   * Makes names such as "current_date" refer to columns only. Otherwise, the engine would read the clock if there is no such
   * column.
   */
  async #stopClocks(): Promise<void> {
    for (const name of [
      'current_date',
      'get_current_time',
      'get_current_timestamp',
      'current_localtime',
      'current_localtimestamp',
    ])
      await this.run(`CREATE MACRO memory.main.${name}() AS error('${noClock}')`);
  }

  /**
   * Opens the source's path. A folder is the base of relative file names in SQL.
   * A database file is attached read-only; its tables are searched after the engine's own.
   */
  async openPath(path: string): Promise<void> {
    const place = 'source.path';
    await this.run("CALL enable_logging('FileSystem')");
    await this.#stopClocks();
    const found = await stat(path).catch((cause) => {
      throw new AppError('missing-input', `${place}: there is no ${path}`, 'Name a folder of files or a DuckDB database file.', {
        cause,
      });
    });
    if (!found.isFile()) {
      // DuckDB reads a comma as the end of a path, and cannot quote one.
      const searched = path.includes(',') ? await this.#linkTo(path) : path;
      this.#folders.push(path, searched);
      return this.run(`SET GLOBAL file_search_path = ${duckdbDialect.text(searched)}`, { place });
    }
    const state = await fileState(path);
    await this.run(`ATTACH ${duckdbDialect.text(path)} AS source (TYPE duckdb, READ_ONLY)`, { place, reading: path });
    this.#database = { path, state };
  }

  /**
   * Restricts the engine. After this call it reads and writes only the given paths, the folder of `path`, and spill files. It can
   * change no setting, and attach no other database. Each path is absolute, or written as in the SQL.
   */
  async confine(folders: readonly string[], files: readonly string[]): Promise<void> {
    const list = (paths: readonly string[]) => `[${paths.map(duckdbDialect.text).join(', ')}]`;
    const own = [this.options.tempDirectory, ...this.#folders, ...folders];
    await this.run(`SET GLOBAL allowed_directories = ${list(own)}`);
    await this.run(`SET GLOBAL allowed_paths = ${list(files)}`);
    // Statements of Basketwise change these settings.
    await this.run("SET GLOBAL allowed_configs = ['streaming_buffer_size', 'search_path']");
    await this.run('SET GLOBAL enable_external_access = false');
    await this.run('SET GLOBAL lock_configuration = true');
  }

  /** Makes a link to a folder, valid until the engine is closed. */
  async #linkTo(path: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'basketwise-'));
    this.#temporary.push(folder);
    await symlink(path, join(folder, 'source'));
    return join(folder, 'source');
  }

  temporaryFile(extension: string): string {
    const file = join(this.options.tempDirectory, `basketwise-${randomUUID()}${extension}`);
    this.#temporary.push(file);
    return file;
  }

  temporaryTable(): string {
    return `temporary_${this.#tables++}`;
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    this.#open.add(connection);
    if (this.#database) await connection.run("SET search_path = 'memory.main,source.main'");
    return connection;
  }

  disconnect(connection: DuckDBConnection): void {
    if (this.#open.delete(connection)) connection.closeSync();
  }
}

/** Columns of a query. The query is not run. */
async function describeQuery(connection: DuckDBConnection, sql: string): Promise<ColumnType[]> {
  const prepared = await connection.prepare(sql);
  try {
    return columnsOf(prepared);
  } finally {
    prepared.destroySync();
  }
}

function columnsOf(prepared: DuckDBPreparedStatement): ColumnType[] {
  return Array.from({ length: prepared.columnCount }, (_, i) => ({
    name: prepared.columnName(i),
    type: String(prepared.columnType(i)),
  }));
}

/** The query with casts to VARCHAR of all columns whose type cannot be streamed. */
function streamable(sql: string, columns: readonly ColumnType[]): string {
  const { identifier } = duckdbDialect;
  const cast = columns.map(({ name, type }) =>
    isStreamable(type) ? identifier(name) : `CAST(${identifier(name)} AS VARCHAR) AS ${identifier(name)}`,
  );
  return `SELECT ${cast.join(', ')} FROM (\n${sql}\n)`;
}

/** Yields the chunks of a result, and fetches one chunk ahead. A caller who stops early does not wait for more rows. */
async function* chunksOf(connection: DuckDBConnection, result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
  let ahead: Promise<DuckDBDataChunk | null> | undefined = result.fetchChunk();
  try {
    for (;;) {
      const coming = ahead;
      ahead = undefined;
      const chunk = await coming;
      if (!chunk || chunk.rowCount === 0) return;
      ahead = result.fetchChunk();
      ahead.catch(() => undefined); // The caller that awaits it gets the error.
      yield chunk;
    }
  } finally {
    if (ahead) {
      connection.interrupt();
      await ahead.catch(() => undefined); // A busy connection is not returned to the pool.
    }
  }
}

/**
 * Interrupts the connection when the signal aborts, repeatedly until the caller releases it. A single interruption would be lost
 * if the statement has not started yet.
 */
function interruptOn(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => {};
  let again: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(interrupt, 100);
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt);
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearInterval(again);
  };
}

/**
 * Fingerprint of the file at a path, without reading its content. It consists of the file's identity, size and times, and of the
 * links on the path.
 * It changes if the file is written to, replaced, or reached through other links.
 */
export async function fileState(path: string): Promise<string> {
  const links: string[] = [];
  for (let part = resolve(path); part !== dirname(part); part = dirname(part)) {
    const found = await lstat(part, { bigint: true });
    if (found.isSymbolicLink()) links.push(`${found.ino} ${found.ctimeNs}`);
  }
  // The file is opened, because a file server reports current times only for an opened file.
  const handle = await open(path, 'r');
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
    return [await realpath(path), dev, ino, size, mtimeNs, ctimeNs, ...links].join(' ');
  } finally {
    await handle.close();
  }
}
