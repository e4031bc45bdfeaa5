import type { ConnectionOptions } from 'node:tls';
import { AppError } from '@basketwise/core';
import { exposedPassword, interruption, isExposed, isRefusedCertificate, tlsOptions } from '@basketwise/data';
import { HiveClient, type HiveDriver, thrift } from 'hive-driver';
import { ColumnDriver } from './driver.ts';
import { isRefusedLogin, serverReason, wordsOf } from './failure.ts';
import { closedByServer, expectsSasl, type Login, login } from './login.ts';
import { MalformedReply } from './message-end.ts';
import { type HiveSettings, serverName, settingsKey } from './settings.ts';

type SessionHandle = Awaited<ReturnType<HiveDriver['openSession']>>['sessionHandle'];

/** Protocol version. Results in columns exist since V6. Every supported server (Hive 1.2 and later) has V8. */
const protocol = 'HIVE_CLI_SERVICE_PROTOCOL_V8';

/** Session settings that Basketwise needs: rows are sent as soon as they exist, names stay as written, and one time zone. */
const wanted: Readonly<Record<'hive' | 'spark', Readonly<Record<string, string>>>> = {
  hive: {
    'hive.fetch.task.caching': 'false',
    'hive.resultset.use.unique.column.names': 'false',
    'hive.local.time.zone': 'UTC',
  },
  // Rows part by part instead of the whole result in the server's memory. A cast that fails returns null, as in Hive.
  spark: {
    'spark.sql.thriftServer.incrementalCollect': 'true',
    'spark.sql.ansi.enabled': 'false',
    'spark.sql.session.timeZone': 'UTC',
  },
};

/**
 * Server messages that say that a setting cannot be changed. In order: Hive's; Spark's for a name of Hive; Spark's for a name of
 * Spark.
 */
const settingRefusals = [
  /Cannot modify (\S+) at runtime/,
  /hive configuration (\S+) does not exist/,
  /Cannot modify the value of a (?:static|Spark) config: "?([\w.]+)/i,
];

/**
 * One connection to HiveServer2 with one session. Every call ends: with an answer, or with an error if the connection fails or
 * the deadline passes.
 * hive-driver would leave a call pending forever if the server dies, refuses or stays silent, and Node would then exit with code
 * 0.
 */
export class HiveConnection {
  readonly settings: HiveSettings;
  readonly #login: Login;
  readonly #pending = new Set<(reason: Error) => void>();
  #lost: Error | undefined;
  #driver: ColumnDriver | undefined;
  #session: SessionHandle | undefined;

  private constructor(settings: HiveSettings, raw: boolean, secure: ConnectionOptions | undefined) {
    this.settings = settings;
    this.#login = login(settings, raw, secure, (reason) => this.#lose(reason));
  }

  /**
   * Connects, logs in and opens a session, within the settings' connect timeout or until the signal.
   * @throws AppError unreachable (also if the server's certificate is refused), not-permitted (refused login, no ticket, or a password that would
   * be sent in clear text) or config (Kerberos without its package)
   */
  static async open(settings: HiveSettings, signal?: AbortSignal): Promise<HiveConnection> {
    // Every way to log in with a password sends it as it is.
    if (isExposed(settings)) throw exposedPassword(serverName(settings));
    const deadline = performance.now() + settings.connectTimeout;
    const raw = settings.auth === 'nosasl' || settings.auth === 'none';
    const secure = settings.tls && (await tlsOptions(settings.tls, settings.host));
    const first = new HiveConnection(settings, raw && settings.transport === 'binary', secure);
    try {
      return await first.#open(deadline, signal);
    } catch (error) {
      if (settings.auth !== 'none' || settings.transport !== 'binary' || !expectsSasl(first.#lost)) throw error;
      return await new HiveConnection(settings, false, secure).#open(deadline, signal);
    }
  }

  /** Whether the connection is lost. The caller can then retry statements that are safe to repeat, on a new connection. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Handle of the session in which statements run. */
  get session(): SessionHandle {
    return this.#session!;
  }

  /**
   * Makes one call of the driver. Rejects with the reason if the connection fails, or if no answer comes within `milliseconds`.
   * In the second case the connection is abandoned, because a late reply could be taken for that of another call.
   */
  async call<T>(milliseconds: number, start: (driver: ColumnDriver) => Promise<T>): Promise<T> {
    return await this.#race(milliseconds, () => start(this.#driver!));
  }

  /** Closes the session and the connection. Never throws, and waits only a short time for the server. */
  async close(): Promise<void> {
    if (this.#lost === undefined && this.#session !== undefined) {
      await this.call(2_000, (driver) => driver.closeSession({ sessionHandle: this.session })).catch(() => {});
    }
    this.#lose(new Error('the connection is closed'));
  }

  async #open(deadline: number, signal: AbortSignal | undefined): Promise<HiveConnection> {
    const stop = (): void => this.#lose(interruption(signal!));
    signal?.addEventListener('abort', stop, { once: true });
    try {
      if (signal?.aborted) throw interruption(signal);
      await this.#connect(deadline);
      this.#session = await this.#openSession(deadline);
      return this;
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(String(error)));
      throw hiveConnectFailure(this.settings, error);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async #connect(deadline: number): Promise<void> {
    const { host, port } = this.settings;
    const { provider, authentication, options } = this.#login;
    const client = new HiveClient(thrift.TCLIService, thrift.TCLIService_types);
    client.on('error', (reason: Error) => this.#lose(reason));
    client.on('close', () => this.#lose(new Error(closedByServer)));
    await this.#race(millisecondsLeft(deadline), () => client.connect({ host, port, options }, provider, authentication));
    this.#driver = new ColumnDriver(client.getClient());
  }

  /** Opens a session with the requested settings. Settings that the server does not allow to change are left out. */
  async #openSession(
    deadline: number,
    settings: Readonly<Record<string, string>> = wanted[this.settings.engine ?? 'hive'],
  ): Promise<SessionHandle> {
    const { database, session, user, password } = this.settings;
    const set = Object.entries({ ...settings, ...session }).map(([name, value]) => [`set:hiveconf:${name}`, value]);
    const opened = await this.call(millisecondsLeft(deadline), (driver) =>
      driver.openSession({
        client_protocol: thrift.TCLIService_types.TProtocolVersion[protocol],
        username: user,
        password: password ?? 'anonymous',
        configuration: { 'use:database': database, ...Object.fromEntries(set) },
      }),
    );
    if (opened.sessionHandle !== null && opened.sessionHandle !== undefined) return opened.sessionHandle;
    if (!opened.status) throw new MalformedReply('a session without a status');
    const reason = serverReason(opened.status, this.settings);
    const refused = settingRefusals.map((refusal) => refusal.exec(reason)?.[1]).find((name) => name !== undefined);
    if (refused === undefined || !(refused in settings)) throw new Error(reason);
    const { [refused]: _refused, ...others } = settings;
    return await this.#openSession(deadline, others);
  }

  #race<T>(milliseconds: number, start: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise<T>((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        action();
      };
      const fail = (reason: Error): void => settle(() => reject(reason));
      // A timer that keeps the process alive: it must not exit with code 0 while an answer is due.
      const timer = setTimeout(() => this.#lose(new Error(`no answer within ${seconds(milliseconds)}`)), milliseconds);
      this.#pending.add(fail);
      const work = (async () => await start())();
      work.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => {
          const reason = error instanceof Error ? error : new Error(String(error));
          // A server with a malformed answer is not retried.
          if (reason instanceof MalformedReply) this.#lose(reason);
          fail(reason);
        },
      );
    });
  }

  #lose(reason: Error): void {
    this.#lost ??= reason;
    this.#login.destroy();
    for (const fail of [...this.#pending]) fail(this.#lost);
  }
}

function millisecondsLeft(deadline: number): number {
  return Math.max(1, deadline - performance.now());
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

function hiveConnectFailure(settings: HiveSettings, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = wordsOf(error, settings);
  const key = settingsKey(settings);
  if (isRefusedCertificate(error)) {
    return new AppError(
      'unreachable',
      `${serverName(settings)}: the certificate is refused: ${reason}`,
      `Check ${key}.host, tls.ca (the authority that signed it) and tls.server_name (the name in it), and ask the administrator of the server for a valid one.`,
      { cause: error },
    );
  }
  if (isRefusedLogin(error)) {
    if (settings.auth === 'kerberos') {
      return new AppError(
        'not-permitted',
        `${serverName(settings)} refuses the ticket: ${reason}`,
        `Check ${key}.principal, the server's keytab and the clocks; its log says more.`,
        { cause: error },
      );
    }
    return new AppError(
      'not-permitted',
      `${serverName(settings)} refused user "${settings.user}": ${reason}`,
      `Check ${key}.user, ${key}.auth and the password in the variable that ${key}.password_env names.`,
      { cause: error },
    );
  }
  return new AppError(
    'unreachable',
    `${serverName(settings)} cannot be reached: ${reason}`,
    `Check ${key}.host, port, transport, tls and auth, and that the server is up. Connecting may take ${seconds(settings.connectTimeout)} (${key}.connect_timeout).`,
    { cause: error },
  );
}
