import { AppError } from '@basketwise/core';
import { type ColumnBatch, interruption } from '@basketwise/data';
import { type HiveDriver, thrift } from 'hive-driver';
import { decodeFetch, type FetchedColumn, resultColumns } from './columns.ts';
import type { HiveConnection } from './connection.ts';
import type { ColumnDriver } from './driver.ts';
import { type HiveStatus, hiveStatementFailure, statementLost } from './failure.ts';
import type { FetchReply } from './fetch-reply.ts';
import { MalformedReply } from './message-end.ts';
import { settingsKey } from './settings.ts';

type Operation = Awaited<ReturnType<HiveDriver['executeStatement']>>['operationHandle'];
type Status = Awaited<ReturnType<HiveDriver['getOperationStatus']>>;

const {
  TOperationState: state,
  TStatusCode: statusCode,
  TFetchOrientation: orientation,
} = thrift.TCLIService_types as {
  TOperationState: Record<string, number>;
  TStatusCode: Record<string, number>;
  TFetchOrientation: Record<string, number>;
};

/** Time limit of a cancellation, in milliseconds. If it passes, the connection is abandoned. */
const longestCancel = 5_000;

/** Number of concurrent fetches. While rows are decoded, the server prepares the next ones. */
const fetchesAhead = 2;
/** Number of rows of the first fetch: few, so that the first rows arrive early. */
const rowsAtFirst = 1_000;
/** Number of rows of each later fetch. */
const laterRows = 5_000;

const knownStatuses: ReadonlySet<number> = new Set(Object.values(statusCode));

/** States of a statement that has not ended, and must be polled again. */
const underWay: ReadonlySet<number | null | undefined> = new Set([
  state.INITIALIZED_STATE,
  state.RUNNING_STATE,
  state.PENDING_STATE,
]);

/** SQL to run, and how to end it early. */
export interface Statement {
  sql: string;
  place?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * A statement on the server, from its start to its close. It is cancelled when the settings' time limit passes or the signal is
 * given.
 * @throws AppError (every method)
 */
export class HiveStatement {
  readonly #connection: HiveConnection;
  readonly #statement: Statement;
  readonly #deadline: number;
  readonly #cancelTimeout: number;
  #operation: Operation | undefined;

  private constructor(connection: HiveConnection, statement: Statement) {
    this.#connection = connection;
    this.#statement = statement;
    const { statementTimeout } = connection.settings;
    this.#deadline = performance.now() + statementTimeout;
    this.#cancelTimeout = Math.min(longestCancel, statementTimeout);
  }

  /** Starts a statement, and waits until the server has finished it. Its result can then be fetched. */
  static async execute(connection: HiveConnection, statement: Statement): Promise<HiveStatement> {
    const started = new HiveStatement(connection, statement);
    try {
      await started.#start();
      await started.#finish();
      return started;
    } catch (error) {
      await started.close();
      throw statementLost(connection.settings, statement.sql, error, statement.place);
    }
  }

  /** Yields the result in batches of at most `rows` rows. Requests the following rows before it yields a batch. */
  async *batches(rows?: number): AsyncGenerator<ColumnBatch> {
    try {
      if (this.#operation?.hasResultSet !== true) throw new MalformedReply('a query without a result');
      const columns = await this.columns();
      yield* this.#fetchAll(columns, rows);
    } catch (error) {
      throw statementLost(this.#connection.settings, this.#statement.sql, error, this.#statement.place);
    }
  }

  /** Columns of the result, in the order of the statement. */
  async columns(): Promise<readonly FetchedColumn[]> {
    try {
      const response = await this.#call((driver) => driver.getResultSetMetadata({ operationHandle: this.#operation! }));
      this.#assertDone(response.status);
      return resultColumns(response.schema ?? null);
    } catch (error) {
      throw statementLost(this.#connection.settings, this.#statement.sql, error, this.#statement.place);
    }
  }

  /** Releases the statement on the server. Never throws. */
  async close(): Promise<void> {
    const operationHandle = this.#operation;
    this.#operation = undefined;
    if (operationHandle === undefined || this.#connection.isLost) return;
    await this.#connection.call(this.#cancelTimeout, (driver) => driver.closeOperation({ operationHandle })).catch(() => {});
  }

  async #start(): Promise<void> {
    const { session, settings } = this.#connection;
    const queryTimeout = Math.ceil(settings.statementTimeout / 1000) as unknown as Buffer;
    const request = { sessionHandle: session, statement: this.#statement.sql, runAsync: true, queryTimeout };
    const response = await this.#call((driver) => driver.executeStatement(request));
    this.#operation = response.operationHandle ?? undefined;
    this.#assertDone(response.status);
    if (this.#operation === undefined) throw new MalformedReply('a statement without a handle');
  }

  async #finish(): Promise<void> {
    for (;;) {
      const status = await this.#call((driver) => driver.getOperationStatus({ operationHandle: this.#operation! }));
      this.#assertDone(status.status);
      if (status.hasResultSet !== null && status.hasResultSet !== undefined) this.#operation!.hasResultSet = status.hasResultSet;
      if (status.operationState === state.FINISHED_STATE) return;
      this.#assertRunning(status);
    }
  }

  #assertRunning(status: Status): void {
    const { settings } = this.#connection;
    const { sql, place } = this.#statement;
    if (status.operationState === state.TIMEDOUT_STATE) throw this.#overTime();
    if (status.operationState === state.ERROR_STATE) throw hiveStatementFailure(settings, sql, status, place);
    if (status.operationState === state.CANCELED_STATE || status.operationState === state.CLOSED_STATE) {
      throw statementLost(settings, sql, 'it was cancelled on the server', place);
    }
    if (!underWay.has(status.operationState)) throw new MalformedReply('a statement in no known state');
  }

  async *#fetchAll(columns: readonly FetchedColumn[], rows: number | undefined): AsyncGenerator<ColumnBatch> {
    let maxRows = rows ?? rowsAtFirst;
    const request = (): Promise<ColumnBatch | undefined> => {
      const fetched = this.#fetch(columns, maxRows);
      // Its failure is thrown when it is awaited, possibly later.
      fetched.catch(() => {});
      return fetched;
    };
    const ahead = Array.from({ length: fetchesAhead }, request);
    for (;;) {
      const batch = await ahead.shift()!;
      if (batch === undefined) return;
      if (rows === undefined) maxRows = laterRows;
      ahead.push(request());
      yield batch;
    }
  }

  /** Fetches the next rows. Undefined if there are no more. */
  async #fetch(columns: readonly FetchedColumn[], maxRows: number): Promise<ColumnBatch | undefined> {
    const request = { operationHandle: this.#operation!, orientation: orientation.FETCH_NEXT!, maxRows, fetchType: 0 };
    const decode = (reply: FetchReply): ColumnBatch | undefined => {
      this.#assertDone(reply.status);
      const batch = decodeFetch(columns, reply);
      return batch.rows === 0 ? undefined : batch;
    };
    return await this.#call((driver) => driver.fetch(request, decode), this.#connection.settings.statementTimeout);
  }

  #assertDone(status: (HiveStatus & { statusCode: number }) | null | undefined): void {
    if (!status || status.statusCode === null || !knownStatuses.has(status.statusCode)) {
      throw new MalformedReply('an answer without a status');
    }
    if (status.statusCode !== statusCode.ERROR_STATUS && status.statusCode !== statusCode.INVALID_HANDLE_STATUS) return;
    throw hiveStatementFailure(this.#connection.settings, this.#statement.sql, status, this.#statement.place);
  }

  /** Makes a call of the driver. The statement's deadline and signal end the call by cancelling the statement. */
  async #call<T>(start: (driver: ColumnDriver) => Promise<T>, milliseconds = this.#deadline - performance.now()): Promise<T> {
    const { signal } = this.#statement;
    if (signal?.aborted) throw interruption(signal);
    let stop: (error: AppError) => void = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = reject;
    });
    const onAbort = (): void => stop(interruption(signal!));
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => stop(this.#overTime()), Math.max(1, milliseconds));
    try {
      // The connection's own deadline covers a server that does not answer the cancellation either.
      const answer = this.#connection.call(Math.max(1, milliseconds) + 2 * this.#cancelTimeout, start);
      return await Promise.race([answer, stopped]);
    } catch (error) {
      if (error instanceof AppError) await this.#cancel();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #cancel(): Promise<void> {
    const operationHandle = this.#operation;
    if (this.#connection.isLost) return;
    if (operationHandle === undefined) {
      // Still being compiled: only the session can be cancelled, which ends with its connection.
      await this.#connection.close();
      return;
    }
    await this.#connection.call(this.#cancelTimeout, (driver) => driver.cancelOperation({ operationHandle })).catch(() => {});
  }

  #overTime(): AppError {
    const { settings } = this.#connection;
    const limit = `it took longer than ${settings.statementTimeout / 1000} s (${settingsKey(settings)}.statement_timeout) and was cancelled`;
    return statementLost(settings, this.#statement.sql, limit, this.#statement.place);
  }
}
