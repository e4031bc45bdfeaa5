import { AppError } from '@basketwise/core/error';
import type { TlsSettings } from './tls.ts';

/** Address of a PostgreSQL database, and the user. */
export interface PostgresSettings {
  /** Name, address, or folder of a socket. */
  host: string;
  port: number;
  database: string;
  user: string;
  password?: string | undefined;
  /** Verification of the server. Absent: the connection is not encrypted. */
  tls?: TlsSettings | undefined;
  /** Milliseconds for opening a connection. */
  connectTimeout: number;
  /** Milliseconds before a statement is cancelled. The limit also applies to every part of a transfer. */
  statementTimeout: number;
  /** Time zone of the session. Default: `UTC`. */
  timeZone?: string | undefined;
  /** Schemas searched for names without one, in order. Default: the server's own for the user. */
  schema?: string | undefined;
}

/** Host, port, database, user and password. */
export type PostgresAddress = Pick<PostgresSettings, 'host' | 'port' | 'database' | 'user' | 'password'>;

/**
 * Parts of `postgres://user:password@host:port/database`. `?host=/run/postgresql` names the folder of a socket.
 * @param place its config key, for messages; the address itself may contain a password and is never shown
 * @throws AppError config
 */
export function parseAddress(url: string, place: string): PostgresAddress {
  const hint = 'Write postgres://user:password@host:5432/database; `tls` in the config turns TLS on.';
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new AppError('config', `${place}: this is no address`, hint);
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw new AppError('config', `${place}: this is no address of PostgreSQL`, hint);
  const unknown = [...parsed.searchParams.keys()].find((name) => name !== 'host');
  if (unknown !== undefined) throw new AppError('config', `${place}: the address has ?${unknown.slice(0, 40)}`, hint);
  const decoded = decodedParts(parsed, place, hint);
  const host = parsed.searchParams.get('host') ?? parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '' || decoded.user === '' || decoded.database === '')
    throw new AppError('config', `${place}: the address lacks its host, its user or its database`, hint);
  return {
    ...{ host, port: parsed.port === '' ? 5432 : Number(parsed.port), database: decoded.database, user: decoded.user },
    ...(decoded.password !== '' && { password: decoded.password }),
  };
}

function decodedParts({ username, password, pathname }: URL, place: string, hint: string) {
  try {
    const [user, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
    return { user: user!, password: secret!, database: database! };
  } catch {
    throw new AppError('config', `${place}: a percent sign in the address does not begin an escaped character`, hint);
  }
}

/** Place in messages: `host:port/database`. */
export function placeName({ host, port, database }: Pick<PostgresSettings, 'host' | 'port' | 'database'>): string {
  return `${host}:${port}/${database}`;
}
