import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  exposedPassword,
  foldedName,
  interruption,
  isExposed,
  type PostgresSettings,
  placeName,
  quoted,
  tlsOptions,
} from '@basketwise/data';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import { postgresConnectFailure, postgresStatementFailure } from './failure.ts';

/** Options of a statement: the signal that cancels it, and its place in the job, for messages. */
export interface PostgresOptions {
  signal?: AbortSignal | undefined;
  place?: string | undefined;
}

/** Name and type of a column of a result. */
export type Field = Pick<pg.FieldDef, 'name' | 'dataTypeID' | 'dataTypeModifier'>;

/** Values of a result as text, one array per row. Null stands for SQL's null. */
export type TextRows = (string | null)[][];

/** Milliseconds that a server has to confirm a cancellation. */
const cancelWait = 5_000;

/**
 * Type parsers that leave each value as the text that the server wrote: numbers of any length, dates without conversion between
 * time zones.
 */
const asWritten = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/**
 * One connection to PostgreSQL. Every call ends: with an answer, or with an error if the connection fails, the time limit passes
 * or the signal is given.
 * A statement that ends early is cancelled on the server.
 */
export class PostgresConnection {
  readonly settings: PostgresSettings;
  readonly #client: pg.Client;
  readonly #pending = new Set<(reason: Error) => void>();
  #lost: Error | undefined;

  private constructor(settings: PostgresSettings, client: pg.Client) {
    this.settings = settings;
    this.#client = client;
    // Called before pg's own listener, which would send the password; on a connection that is destroyed it sends nothing.
    if (isExposed(settings))
      client.connection.on('authenticationCleartextPassword', () =>
        this.#lose(exposedPassword(`PostgreSQL at ${placeName(settings)}`)),
      );
    client.on('error', (reason) => this.#lose(reason));
    client.on('end', () => this.#lose(new Error('the server closed the connection')));
  }

  /**
   * Connects and logs in.
   * @throws AppError unreachable (also if the server's certificate is refused), not-permitted, missing-input (no such database)
   */
  static async open(settings: PostgresSettings, signal?: AbortSignal): Promise<PostgresConnection> {
    if (signal?.aborted) throw interruption(signal);
    const connection = new PostgresConnection(settings, new pg.Client(await clientOptions(settings)));
    const stop = (): void => connection.#lose(interruption(signal!));
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await connection.#race(settings.connectTimeout, () => connection.#client.connect());
      return connection;
    } catch (error) {
      connection.#lose(error as Error);
      throw postgresConnectFailure(settings, error);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Runs the statements of one text. Returns the rows of a single statement. */
  async rows(sql: string, options: PostgresOptions = {}, values?: readonly unknown[]): Promise<TextRows> {
    return (await this.result(sql, options, values)).rows;
  }

  /** Runs a statement and returns the columns and rows of its result. */
  async result(
    sql: string,
    options: PostgresOptions = {},
    values?: readonly unknown[],
  ): Promise<{ fields: readonly Field[]; rows: TextRows }> {
    return await this.#statement(options, async () => {
      const query = { text: sql, rowMode: 'array' as const, types: asWritten, ...(values && { values: [...values] }) };
      const { fields, rows } = await this.#race(this.#patience, () => this.#client.query<(string | null)[]>(query));
      return { fields, rows };
    });
  }

  /** Streams a result in parts of at most `size` rows. */
  async *stream(
    sql: string,
    size: number,
    options: PostgresOptions = {},
  ): AsyncGenerator<{ fields: readonly Field[]; rows: TextRows }> {
    const cursor = new Cursor<(string | null)[]>(sql, [], { rowMode: 'array', types: asWritten });
    const read = () =>
      this.#statement(options, () =>
        this.#race(
          this.#patience,
          () =>
            new Promise<{ fields: readonly Field[]; rows: TextRows }>((resolve, reject) => {
              cursor.read(size, (error, rows, result) => (error ? reject(error) : resolve({ fields: result.fields, rows })));
            }),
        ),
      );
    this.#client.query(cursor);
    try {
      for (;;) {
        const part = await read();
        if (part.rows.length > 0) yield part;
        if (part.rows.length < size) return;
      }
    } finally {
      if (this.#lost === undefined) await this.#race(cancelWait, () => cursor.close()).catch(() => {});
    }
  }

  /** Yields the output of `COPY ... TO STDOUT` as it arrives. @returns number of rows */
  async copyOut(
    sql: string,
    take: (rows: AsyncIterable<Uint8Array>) => Promise<void>,
    options: PostgresOptions = {},
  ): Promise<number> {
    return await this.#statement(options, async () => {
      const rows = this.#client.query(copyTo(sql, { highWaterMark: 1 << 18 }));
      await this.#moving(rows, () =>
        take(rows).catch((error: Error) => {
          // Otherwise the server would continue to send.
          this.#lose(error);
          throw error;
        }),
      );
      // The number of rows arrives after the last of them.
      await this.#race(this.#patience, () => this.#client.query(''));
      return rows.rowCount;
    });
  }

  /** Sends a file to `COPY ... FROM STDIN`. @returns number of rows received */
  async copyFromFile(sql: string, file: string, options: PostgresOptions = {}): Promise<number> {
    return await this.#statement(options, async () => {
      const source = createReadStream(file, { highWaterMark: 1 << 18 });
      const rows = this.#client.query(copyFrom(sql));
      await this.#moving(source, () => pipeline(source, rows));
      return rows.rowCount;
    });
  }

  /** Ends the session. */
  async close(): Promise<void> {
    if (this.#lost === undefined) await this.#race(cancelWait, () => this.#client.end()).catch(() => {});
    this.#lose(new Error('the connection is closed'));
  }

  /**
   * Milliseconds to wait for an answer. This is longer than the time limit of the server, which ends a slow statement itself and
   * reports it.
   */
  get #patience(): number {
    return this.settings.statementTimeout + cancelWait;
  }

  /**
   * Runs `work`, a statement. The signal cancels the statement on the server. The error is then thrown after the server has
   * confirmed.
   */
  async #statement<T>({ signal, place }: PostgresOptions, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw interruption(signal);
    const working = work();
    let stopped: Promise<void> | undefined;
    const stop = (): void => {
      stopped = this.#stop(signal!, working);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await working;
    } catch (error) {
      await stopped;
      throw signal?.aborted ? interruption(signal) : postgresStatementFailure(this.settings, error, place);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Cancels the statement on the server and waits until the server confirms. If the server does not, abandons the connection. */
  async #stop(signal: AbortSignal, working: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => this.#lose(interruption(signal)), cancelWait);
    const { processID } = this.#client as pg.Client & { processID: number };
    try {
      const other = await PostgresConnection.open({ ...this.settings, connectTimeout: cancelWait, statementTimeout: cancelWait });
      await other.rows(`SELECT pg_cancel_backend(${Number(processID)})`).finally(() => other.close());
      await working.catch(() => {});
    } catch {
      // A server that accepts no second connection ends the statement when this one is closed.
    } finally {
      clearTimeout(timer);
      this.#lose(interruption(signal));
    }
  }

  /** Waits until a transfer has ended. The time limit of a statement applies to each part of it, not to the whole. */
  async #moving(stream: NodeJS.ReadableStream, work: () => Promise<void>): Promise<void> {
    let moved = performance.now();
    stream.on('data', () => {
      moved = performance.now();
    });
    const watch = setInterval(
      () => {
        if (performance.now() - moved > this.#patience) this.#lose(new Error(`nothing came within ${this.#patience / 1000} s`));
      },
      Math.min(1_000, this.#patience),
    );
    try {
      await this.#race(undefined, work);
    } finally {
      clearInterval(watch);
    }
  }

  #race<T>(milliseconds: number | undefined, start: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise<T>((resolve, reject) => {
      // A timer that keeps the process alive: it must not exit with code 0 while an answer is due.
      const timer =
        milliseconds === undefined
          ? undefined
          : setTimeout(() => this.#lose(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        action();
      };
      const fail = (reason: Error): void => settle(() => reject(reason));
      this.#pending.add(fail);
      start().then(
        (value) => settle(() => resolve(value)),
        (error: Error) => fail(error),
      );
    });
  }

  #lose(reason: Error): void {
    this.#lost ??= reason;
    const { connection } = this.#client as pg.Client & { connection: { stream: { destroy(): void } } };
    connection.stream.destroy();
    for (const fail of [...this.#pending]) fail(this.#lost);
  }
}

async function clientOptions(settings: PostgresSettings): Promise<pg.ClientConfig> {
  const { host, port, database, user, password, tls, timeZone, schema, statementTimeout } = settings;
  const session = {
    ...{ DateStyle: 'ISO', IntervalStyle: 'iso_8601', TimeZone: timeZone ?? 'UTC', bytea_output: 'hex', extra_float_digits: '1' },
    ...{ standard_conforming_strings: 'on', statement_timeout: String(statementTimeout) },
    ...(schema !== undefined && { search_path: quoted(foldedName(schema)) }),
  };
  return {
    ...{ host, port, database, user, password, keepAlive: true, keepAliveInitialDelayMillis: 30_000 },
    ...{ application_name: 'basketwise', client_encoding: 'UTF8' },
    ssl: tls ? await tlsOptions(tls, host) : false,
    options: Object.entries(session)
      .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
      .join(' '),
  };
}
