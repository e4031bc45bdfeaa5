import { AppError } from '@basketwise/core/base';
import type { TlsSettings } from './tls.ts';

/** Login to a server, and the protection of its password. */
export interface Login {
  host: string;
  user: string;
  password?: string | undefined;
  /** How the server's certificate is verified. Absent: the connection is not encrypted. */
  tls?: TlsSettings | undefined;
  /** Whether the password may cross the network in clear text. Default: no. */
  unencryptedLogin?: boolean | undefined;
}

/**
 * Whether a password would cross a network in clear text without leave. Sockets and loopback addresses are no network: who listens there is root, or
 * took the address on this machine.
 */
export function isExposed({ host, password, tls, unencryptedLogin }: Login): boolean {
  const isThisMachine = /^(\/.*|localhost|127(\.\d+){3}|::1)$/i.test(host);
  return password !== undefined && tls === undefined && unencryptedLogin !== true && !isThisMachine;
}

/** Error about a password that is not sent, because it would cross a network in clear text. */
export function exposedPassword(server: string): AppError {
  return new AppError(
    'not-permitted',
    `${server} wants the password in clear text, and the connection is not encrypted: it was not sent`,
    'Set `tls` beside the address of the server: `tls: {}`, or `tls: { ca: FILE }`. `unencrypted_login: true` in its place sends it all the same.',
  );
}

/** Removes the password of a login from a text that a server wrote, also as in an address and in a header of HTTP. */
export function withoutPassword(text: string, { user, password }: Pick<Login, 'user' | 'password'>): string {
  if (password === undefined || password === '') return text;
  const base64 = (word: string) => Buffer.from(word).toString('base64');
  const forms = [
    base64(`${user}:${password}`),
    base64(`\0${user}\0${password}`),
    base64(password),
    encodeURIComponent(password),
    password,
  ];
  return forms.reduce((rest, form) => rest.replaceAll(form, '…'), text);
}

/** Address of a PostgreSQL database, login and time limits. The host may be the folder of a local socket. */
export interface PostgresSettings extends Login {
  port: number;
  database: string;
  /** Time limit for opening a connection, in milliseconds. */
  connectTimeout: number;
  /** Time limit of a statement in milliseconds, after which it is cancelled. Each part of a transfer has the same limit. */
  statementTimeout: number;
  /** Time zone of the session. Default: `UTC`. */
  timeZone?: string | undefined;
  /** Schemas, in order, in which a name without a schema is looked up. Default: the server's setting for the user. */
  schema?: string | undefined;
}

/** Parts of the address that a URL can give. */
export type PostgresAddress = Pick<PostgresSettings, 'host' | 'port' | 'database' | 'user' | 'password'>;

/**
 * Splits `postgres://user:password@host:port/database` into its parts. `?host=/run/postgresql` names the folder of a local
 * socket.
 * @param place key of the config, for messages. The address itself is not shown, because it may have a password
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

/** Name of the database for messages: `host:port/database`. */
export function placeName({ host, port, database }: Pick<PostgresSettings, 'host' | 'port' | 'database'>): string {
  return `${host}:${port}/${database}`;
}
