import { AppError, bug } from '@basketwise/core';
import {
  type ColumnBatch,
  type ColumnType,
  type Dialect,
  type Engine,
  hiveDialect,
  isRefusedCertificate,
  type Relation,
  type RelationOptions,
  type StatementOptions,
  sparkDialect,
  type TableSource,
} from '@basketwise/data';
import pRetry, { AbortError } from 'p-retry';
import { HiveConnection } from './connection.ts';
import { isLostConnection } from './failure.ts';
import { MalformedReply } from './message-end.ts';
import { checkMark, sourceInHive } from './relation.ts';
import { type HiveSettings, serverName } from './settings.ts';
import { HiveStatement } from './statement.ts';
import { discoverServers } from './zookeeper.ts';

/** Largest number of retries, after a lost connection, of a step that is safe to repeat. The pauses are 0.5 s and 1 s. */
const retries = 2;

/** Options of a Hive statement: how to end it early, and whether it may be repeated. */
export interface HiveStatementOptions extends StatementOptions {
  /**
   * Whether running the statement twice has the same effect as once (IF NOT EXISTS, INSERT OVERWRITE). It is then retried if the
   * connection is lost.
   */
  repeatable?: boolean;
}

/**
 * HiveServer2, or Spark with the same protocol, as an engine. The engine has one connection. It is opened on first use, and again
 * after it was lost.
 */
export class HiveEngine implements Engine {
  readonly dialect: Dialect;
  readonly settings: HiveSettings;
  /** Rows transferred by queries so far. */
  rowsFetched = 0;
  #connection: Promise<HiveConnection> | undefined;

  constructor(settings: HiveSettings) {
    this.settings = settings;
    this.dialect = settings.engine === 'spark' ? sparkDialect : hiveDialect;
  }

  /**
   * Streams a result in batches. Runs the statement again if the connection was lost before the first batch.
   * @throws AppError whose message names server, table and statement
   */
  async *query(sql: string, options: StatementOptions = {}): AsyncGenerator<ColumnBatch> {
    const { statement, batches, first } = await this.#retried(true, options.signal, async (connection) => {
      const statement = await HiveStatement.execute(connection, { sql, ...options });
      const batches = statement.batches();
      try {
        return { statement, batches, first: await batches.next() };
      } catch (error) {
        await statement.close();
        throw error;
      }
    });
    try {
      if (first.done === true) return;
      this.rowsFetched += first.value.rows;
      yield first.value;
      for await (const batch of batches) {
        this.rowsFetched += batch.rows;
        yield batch;
      }
    } finally {
      await statement.close();
    }
  }

  /** Runs a statement that returns no rows. With `repeatable`, runs it again after a lost connection. */
  async run(sql: string, options: HiveStatementOptions = {}): Promise<void> {
    await this.#retried(options.repeatable ?? false, options.signal, async (connection) => {
      const statement = await HiveStatement.execute(connection, { sql, ...options });
      await statement.close();
    });
  }

  async tables(): Promise<readonly string[]> {
    const names: string[] = [];
    // Spark gives the database first.
    for await (const { columns } of this.query('SHOW TABLES'))
      names.push(...((columns.tableName ?? Object.values(columns)[0]) as readonly string[]));
    return names;
  }

  /** Columns of a table or of a parenthesised SELECT with an alias. Hive returns names in lower case. */
  async columns(from: string, options: StatementOptions = {}): Promise<readonly ColumnType[]> {
    return await this.#retried(true, options.signal, async (connection) => {
      const statement = await HiveStatement.execute(connection, { sql: `SELECT * FROM ${from} LIMIT 0`, ...options });
      try {
        return await statement.columns();
      } finally {
        await statement.close();
      }
    });
  }

  /**
   * Relation of a source in the config: a query, or a table. The name of a table has its database (`database.table`), unless the
   * database is that of the settings.
   */
  async relation(source: TableSource, options: RelationOptions = {}): Promise<Relation> {
    const place = options.place ?? 'table';
    const from = sourceInHive(source);
    if (from === undefined)
      throw new AppError('config', `${place}: neither \`from\` nor \`sql\``, 'Name a table, or give a query.');
    const what = source.sql ? `the query of ${place}` : `table ${source.from}`;
    const label = `${what} (${serverName(this.settings)})`;
    if (source.mark !== undefined) await checkMark(this, from, source.mark, label, options);
    return { from, label };
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection?.catch(() => undefined))?.close();
  }

  /** Runs `work` with a connection. Runs it again on a new connection if the old one was lost and repetition is allowed. */
  async #retried<T>(
    repeatable: boolean,
    signal: AbortSignal | undefined,
    work: (connection: HiveConnection) => Promise<T>,
  ): Promise<T> {
    return await pRetry(
      async () => {
        const connection = await this.#connected(signal).catch((error: Error) => {
          // Connecting has its own retries.
          throw new AbortError(error);
        });
        return await work(connection);
      },
      { retries, minTimeout: 500, shouldRetry: ({ error }) => repeatable && isLostConnection(error) },
    );
  }

  async #connected(signal: AbortSignal | undefined): Promise<HiveConnection> {
    const current = await this.#connection?.catch(() => undefined);
    if (current !== undefined && !current.isLost) return current;
    this.#connection = connect(this.settings, signal);
    return await this.#connection;
  }
}

/**
 * Connects to the first reachable server. If none can be reached, all are tried up to two more times, unless half of the time limit
 * for connecting has passed.
 */
async function connect(settings: HiveSettings, signal: AbortSignal | undefined): Promise<HiveConnection> {
  return await pRetry(() => connectToOne(settings, signal), {
    retries,
    minTimeout: 500,
    maxRetryTime: settings.connectTimeout / 2,
    shouldRetry: ({ error }) =>
      error instanceof AppError &&
      error.code === 'unreachable' &&
      !(error.cause instanceof MalformedReply || isRefusedCertificate(error.cause)),
  });
}

/** Tries the servers one after the other. If all fail, throws the failure of the last, with the names of all. */
async function connectToOne(settings: HiveSettings, signal: AbortSignal | undefined): Promise<HiveConnection> {
  const places = settings.zookeeper
    ? await discoverServers(settings, signal)
    : [{ host: settings.host, port: settings.port }, ...(settings.others ?? [])];
  for (const [i, place] of places.entries()) {
    try {
      return await HiveConnection.open({ ...settings, ...place, zookeeper: undefined }, signal);
    } catch (error) {
      const isUnreachable = error instanceof AppError && error.code === 'unreachable' && !signal?.aborted;
      if (!isUnreachable || places.length === 1) throw error;
      if (i < places.length - 1) continue;
      const before = places.slice(0, -1).map(({ host, port }) => `${host}:${port}`);
      throw new AppError(error.code, `${error.message}; nor can ${before.join(', ')}`, error.hint, { cause: error.cause });
    }
  }
  throw bug('there is no server to connect to');
}
