import { AppError } from '@basketwise/core';
import {
  type ColumnBatch,
  type ColumnType,
  type Engine,
  isRefusedCertificate,
  type PostgresSettings,
  placeName,
  postgresDialect,
  type Relation,
  type RelationOptions,
  type StatementOptions,
  type TableSource,
} from '@basketwise/data';
import pRetry from 'p-retry';
import { decodeRows } from './columns.ts';
import { type Field, PostgresConnection } from './connection.ts';
import { isLost } from './failure.ts';

/** Number of rows of one batch of a result. */
const cursorRows = 10_000;

/**
 * PostgreSQL as a read-only engine. It has one connection, opened on first use, and one transaction, so that all statements see
 * the same state of the tables.
 */
export class PostgresEngine implements Engine {
  readonly dialect = postgresDialect;
  readonly settings: PostgresSettings;
  #connection: Promise<PostgresConnection> | undefined;

  constructor(settings: PostgresSettings) {
    this.settings = settings;
  }

  async *query(sql: string, options: StatementOptions = {}): AsyncGenerator<ColumnBatch> {
    const connection = await this.#connected(options.signal);
    await connection.rows('SAVEPOINT statement', options);
    let isWhole = false;
    try {
      for await (const { fields, rows } of connection.stream(sql, cursorRows, options)) yield decodeRows(fields, rows);
      isWhole = true;
    } finally {
      await this.#settle(connection, isWhole);
    }
  }

  /** Runs a statement without returning rows. The transaction is read-only, so the statement cannot change data. */
  async run(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#statement(options, (connection) => connection.rows(sql, options));
  }

  async tables(): Promise<readonly string[]> {
    const sql = `SELECT CASE WHEN n.nspname = current_schema() THEN quote_ident(c.relname)
      ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      ORDER BY n.nspname <> current_schema(), n.nspname, c.relname`;
    return await this.#statement({}, async (connection) => (await connection.rows(sql)).map(([name]) => name!));
  }

  /** Columns of a table or of a parenthesised SELECT with an alias. */
  async columns(from: string, options: StatementOptions = {}): Promise<readonly ColumnType[]> {
    return await this.#statement(options, async (connection) => {
      const { fields } = await connection.result(`SELECT * FROM ${from} LIMIT 0`, options);
      const types = await typeNames(connection, fields, options);
      return fields.map(({ name }, i) => ({ name, type: types[i]! }));
    });
  }

  /**
   * Relation of a source in the config: a query, or a table. The name of a table has its schema (`schema.table`), unless the
   * schema is that of the config.
   */
  async relation({ from, sql }: TableSource, options: RelationOptions = {}): Promise<Relation> {
    const what = sql ? `the query of ${options.place ?? 'table'}` : `table ${from}`;
    const label = `${what} (PostgreSQL at ${placeName(this.settings)})`;
    if (sql) return { from: `(\n${sql}\n)`, label };
    if (from) return { from: from.split('.').map(postgresDialect.identifier).join('.'), label };
    throw new AppError('config', `${options.place ?? 'table'}: neither \`from\` nor \`sql\``, 'Name a table, or give a query.');
  }

  /**
   * Yields a query's rows as CSV, without decoding the values. A null is an empty field without quotes.
   * @returns number of rows
   */
  async copyOut(
    sql: string,
    take: (rows: AsyncIterable<Uint8Array>) => Promise<void>,
    options: StatementOptions = {},
  ): Promise<number> {
    const copy = `COPY (\n${sql}\n) TO STDOUT (FORMAT csv)`;
    return await this.#statement(options, (connection) => connection.copyOut(copy, take, options));
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection?.catch(() => undefined))?.close();
  }

  async #statement<T>(options: StatementOptions, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const connection = await this.#connected(options.signal);
    await connection.rows('SAVEPOINT statement', options);
    let isWhole = false;
    try {
      const result = await work(connection);
      isWhole = true;
      return result;
    } finally {
      await this.#settle(connection, isWhole);
    }
  }

  /**
   * Ends the statement's savepoint: releases it after a success, rolls back to it after a failure. The statement's own failure is
   * thrown.
   */
  async #settle(connection: PostgresConnection, isWhole: boolean): Promise<void> {
    if (isWhole) await connection.rows('RELEASE SAVEPOINT statement');
    else await connection.rows('ROLLBACK TO SAVEPOINT statement').catch(() => {});
  }

  async #connected(signal: AbortSignal | undefined): Promise<PostgresConnection> {
    this.#connection ??= connect(this.settings, signal).catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return await this.#connection;
  }
}

/**
 * Connects and begins the only transaction. If the server cannot be reached, it is tried up to two more times, unless half of the
 * time limit for connecting has passed.
 */
async function connect(settings: PostgresSettings, signal: AbortSignal | undefined): Promise<PostgresConnection> {
  const connection = await pRetry(() => PostgresConnection.open(settings, signal), {
    ...{ retries: 2, minTimeout: 500, maxRetryTime: settings.connectTimeout / 2 },
    shouldRetry: ({ error }) => isLost(error) && !isRefusedCertificate((error as AppError).cause),
  });
  await connection.rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', { signal });
  return connection;
}

/** Name of each column's type, with its length. The name is `enum` for an enumeration type of the bank. */
async function typeNames(
  connection: PostgresConnection,
  fields: readonly Field[],
  options: StatementOptions,
): Promise<readonly string[]> {
  const sql = `SELECT CASE WHEN t.typtype = 'e' THEN 'enum' ELSE format_type(t.oid, NULLIF(f.modifier, -1)) END
    FROM unnest(CAST($1 AS oid[]), CAST($2 AS int[])) WITH ORDINALITY f(oid, modifier, position) JOIN pg_type t ON t.oid = f.oid
    ORDER BY f.position`;
  const values = [fields.map(({ dataTypeID }) => dataTypeID), fields.map(({ dataTypeModifier }) => dataTypeModifier)];
  return (await connection.rows(sql, options, values)).map(([name]) => name!);
}
