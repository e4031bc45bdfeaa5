import type { TlsSettings } from '../engine/tls.ts';

/** Where HiveServer2, or a server of its protocol, is and how to talk to it. */
export interface HiveSettings {
  /** The program that answers there. Default: `hive`. */
  engine?: 'hive' | 'spark' | undefined;
  host: string;
  port: number;
  /** Further servers of the same tables, each tried when those before it cannot be reached. */
  others?: readonly { host: string; port: number }[] | undefined;
  database: string;
  /**
   * As `hive.server2.authentication` of the server: `none` (any user; a NOSASL server is recognised), `nosasl`, `plain`
   * (LDAP, PAM, CUSTOM: user and password) or `kerberos` (refused with a clear message: not there yet).
   */
  auth: 'none' | 'nosasl' | 'plain' | 'ldap' | 'kerberos';
  user: string;
  password?: string | undefined;
  transport: 'binary' | 'http';
  /** Path of the HTTP transport. */
  httpPath?: string | undefined;
  /** How the server is known where the connection is encrypted; absent: it is not. */
  tls?: TlsSettings | undefined;
  /** Milliseconds within which a connection and its session must stand. */
  connectTimeout: number;
  /** Milliseconds a statement may run before it is cancelled; every fetch has as long. */
  statementTimeout: number;
  /** Session settings, e.g. `tez.queue.name`. */
  session?: Readonly<Record<string, string>> | undefined;
}

/** `Hive at host:port`, as messages name the server. */
export function serverName({ engine, host, port }: Pick<HiveSettings, 'engine' | 'host' | 'port'>): string {
  return `${engine === 'spark' ? 'Spark' : 'Hive'} at ${host}:${port}`;
}

/** Where the config says how to reach the server. */
export function settingsKey({ engine }: Pick<HiveSettings, 'engine'>): string {
  return `source.${engine ?? 'hive'}`;
}
