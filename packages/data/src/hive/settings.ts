import type { TlsSettings } from '../engine/tls.ts';

/** Where HiveServer2 is and how to talk to it. */
export interface HiveSettings {
  host: string;
  port: number;
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

/** `host:port`, as messages name the server. */
export function serverName(settings: HiveSettings): string {
  return `${settings.host}:${settings.port}`;
}
