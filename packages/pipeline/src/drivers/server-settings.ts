import { AppError } from '@basketwise/core/base';
import { type PostgresSettings, parseAddress, type TlsSettings } from '@basketwise/data';
import { z } from 'zod';
import { host, name, seedSchema, text, time, variable } from '../values/schemas.ts';
import type { Dataset, ServerAccess } from './driver.ts';

/** Keys about the protection of a connection. `tls: {}` trusts the certificate authorities that Node trusts. */
const tls = z.strictObject({
  ca: text
    .optional()
    .describe("PEM file with the authorities that may sign the server's certificate; without it those that Node trusts."),
  server_name: text.optional().describe('Name in the certificate, if it is not `host`.'),
  verify: z.boolean().default(true).describe('Whether the certificate is checked. `false` accepts any server: for trials only.'),
});

export const protection = {
  tls: tls.optional().describe('Encrypts the connection; `{}` trusts the authorities that Node trusts.'),
  unencrypted_login: z
    .boolean()
    .optional()
    .describe('Whether the password may be sent without `tls` to another machine, in clear text: anyone on the way can read it.'),
};

/**
 * Protection of a connection, as the clients take it.
 * @param path resolves a path of the config to an absolute path
 */
export function protectionSettings(
  { tls: given, unencrypted_login: unencryptedLogin }: z.output<z.ZodObject<typeof protection>>,
  path: (relative: string) => string,
): { tls?: TlsSettings | undefined; unencryptedLogin?: boolean | undefined } {
  const ca = given?.ca && path(given.ca);
  return { tls: given && { ca, serverName: given.server_name, verify: given.verify }, unencryptedLogin };
}

/** Keys of the protection that the command line names. */
export function protectionAt({ tls: isSecure, unencryptedLogin }: Pick<ServerAccess, 'tls' | 'unencryptedLogin'>) {
  return { ...(isSecure && { tls: {} }), ...(unencryptedLogin && { unencrypted_login: true }) };
}

/** Keys of a connection to a database. Only the environment has the address, because it can contain a password. */
const access = {
  url_env: variable.describe('Environment variable that holds postgres://user:password@host:port/database.'),
  ...protection,
  connect_timeout: time.prefault('10s').describe('Longest time to connect.'),
  statement_timeout: time.prefault('30m').describe('Longest time of a statement; then it is cancelled.'),
};

/** PostgreSQL database as a source. Tables named without a schema are in `schema`. */
export const postgresSource = z.strictObject({
  ...access,
  schema: text.default('public').describe('Schema of tables that are named without one.'),
});

/** Name of a table. PostgreSQL limits names to 63 bytes, and Basketwise appends suffixes. */
const tableName = text.refine((name) => Buffer.byteLength(name) <= 40, 'expected a name of at most 40 bytes');

/** PostgreSQL tables for the recommendations and, with `offers`, for the offers. */
export const postgresOutput = z.strictObject({
  ...access,
  schema: text.default('public').describe('Schema of the tables; it must exist.'),
  table: tableName.default('recommendations').describe('Table of the recommendations, partitioned by date; at most 40 bytes.'),
  offers_table: tableName.default('offers').describe('Table of the offers; at most 40 bytes.'),
  readers: z.array(text).default([]).describe('Roles that may read the tables.'),
});

/** Connection to a database, as configured. */
export type PostgresAccess = z.output<z.ZodObject<typeof access>>;

/** Server and name of a database. */
type PostgresPlace = Pick<PostgresSettings, 'host' | 'port' | 'database'>;

/** Host, port and name of the database, from the environment variable `url_env`. Null if the variable is unset or invalid. */
export function postgresPlace({ url_env }: Pick<PostgresAccess, 'url_env'>): PostgresPlace | null {
  try {
    const { host, port, database } = parseAddress(process.env[url_env] ?? '', url_env);
    return { host, port, database };
  } catch {
    return null;
  }
}

/** Keys of a connection to a server with the protocol of HiveServer2. */
const server = {
  host: host.optional().describe('Name or address of the server. Required without `zookeeper`.'),
  port: z.int().min(1).max(65_535).default(10_000).describe('Port of `host`, and of `hosts` without a port.'),
  hosts: z
    .array(text.regex(/^[^\s:/@]+(:\d{1,5})?$/, 'expected `host` or `host:port`'))
    .default([])
    .describe('Further servers of the same tables, `host` or `host:port`, tried in turn if `host` cannot be reached.'),
  zookeeper: z
    .strictObject({
      quorum: z
        .array(text.regex(/^[^\s:,/@]+(:\d{1,5})?$/, 'expected `host` or `host:port`'))
        .min(1)
        .describe('Servers of ZooKeeper, `host` or `host:port` (2181 without a port).'),
      namespace: text
        .regex(/^[^/\s]+(\/[^/\s]+)*$/, 'expected a path that neither begins nor ends with `/`')
        .default('hiveserver2')
        .describe('Path under which the servers register.'),
      seed: seedSchema.default(0).describe('Seed of the order in which listed servers are tried.'),
    })
    .optional()
    .describe('ZooKeeper in which the servers register, instead of `host` and `hosts` (docs/servers.md#zookeeper).'),
  database: text.default('default').describe('Database of tables that are named without one.'),
  auth: z
    .enum(['none', 'ldap', 'kerberos', 'nosasl'])
    .default('none')
    .describe(
      'Authentication that the server asks for. `ldap` also serves PAM and custom classes; `kerberos`: docs/servers.md#kerberos.',
    ),
  principal: text
    .regex(/^[^\s/@]+\/[^\s/@]+(@[^\s/@]+)?$/, 'expected `service/host` or `service/host@REALM`; the host may be _HOST')
    .optional()
    .describe("The server's principal, only with `auth: kerberos`; `hive/_HOST` without it. `_HOST` stands for `host`."),
  user: text
    .optional()
    .describe(
      "User of the session; `anonymous` without it. With Kerberos the principal of the ticket: another user's ticket is refused.",
    ),
  password_env: variable.optional().describe('Environment variable that holds the password.'),
  transport: z.enum(['binary', 'http']).default('binary').describe('Transport of the Thrift protocol.'),
  http_path: text.optional().describe('Path of the URL, with `transport: http`; `/cliservice` without it.'),
  ...protection,
  session: z
    .record(text.meta({ title: 'setting' }), text)
    .optional()
    .describe('Settings of the session, such as the queue. A setting that the server refuses is an error.'),
  pushdown: z
    .boolean()
    .default(false)
    .describe('Leaves customers and holdings on the server; only distinct baskets and counts are transferred (docs/servers.md).'),
  connect_timeout: time.prefault('10s').describe('Longest time to connect.'),
  statement_timeout: time.prefault('30m').describe('Longest time of a statement; then it is cancelled.'),
};

const workTablesSchema = (format: 'orc' | 'parquet') =>
  z
    .strictObject({
      schema: text.describe("Schema of Basketwise's own tables."),
      prefix: name.default('bw_').describe('Start of the names of these tables.'),
      format: z.enum(['orc', 'parquet']).default(format).describe('File format of these tables.'),
    })
    .optional()
    .describe('Joins of the source as tables, made off-peak by `basketwise work-tables create` (docs/servers.md#work-tables).');

/** Connection to HiveServer2, and its work tables. */
export const hiveOptions = z.strictObject({ ...server, work_tables: workTablesSchema('orc') });

/** Connection to a Spark Thrift Server, and its work tables. */
export const sparkOptions = z.strictObject({ ...server, work_tables: workTablesSchema('parquet') });

/** Tables in Hive or Spark that receive the results. */
export const hiveOutput = z.strictObject({
  table: text.describe('Table of the recommendations, `table` or `database.table`, partitioned by date and campaign.'),
  offers_table: text.optional().describe('Table of the offers; `offers` in the database of `table` without it.'),
  shared: text
    .optional()
    .describe(
      'Folder that this machine and the server see under the same path, for one Parquet file. Without it rows are inserted by statements, which suit up to about 100,000 rows.',
    ),
});

/** Name of the table of offers. Default: `offers` in the database of the recommendations' table. */
export function offersTableOf({ table, offers_table: named }: z.output<typeof hiveOutput>): string {
  return named ?? [...table.split('.').slice(0, -1), 'offers'].join('.');
}

/** Connection to a Hive or Spark server, as configured. */
export type HiveServer = z.output<typeof sparkOptions>;

/** Engines with the protocol of HiveServer2. */
export type HiveLike = 'hive' | 'spark';

/** Keys of a server that the command line names as `host[:port][/database]`. @throws AppError usage for another form */
export function serverAt(
  address: string,
  { user, passwordEnv, auth, schema, ...access }: ServerAccess,
): Readonly<Record<string, unknown>> {
  const match = /^([^\s:/@]+)(?::(\d{1,5}))?(?:\/(\w+))?$/.exec(address);
  if (!match) throw new AppError('usage', 'this is no address of a server', 'Write host, host:port or host:port/database.');
  const [, host, port, inAddress] = match;
  const database = schema ?? inAddress;
  return {
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(database === undefined ? {} : { database }),
    ...(auth === undefined ? {} : { auth }),
    ...(user === undefined ? {} : { user }),
    ...(passwordEnv === undefined ? {} : { password_env: passwordEnv }),
    ...protectionAt(access),
  };
}

/** Keys of a config's `source` for Hive and Spark. */
export interface HiveSource {
  hive?: z.output<typeof hiveOptions> | undefined;
  spark?: z.output<typeof sparkOptions> | undefined;
  time_zone?: string | undefined;
}

/** Faults of a server's keys, each with its path in `source`. */
export function serverProblems(engine: HiveLike, source: HiveSource): { path: string[]; message: string }[] {
  const server = source[engine];
  if (server === undefined) return [];
  const { host, hosts, zookeeper, auth, principal, password_env } = server;
  const isKerberos = auth === 'kerberos';
  return [
    ...(host === undefined && zookeeper === undefined
      ? [
          {
            path: [engine, 'host'],
            message: 'required, and missing: name the server, or `zookeeper`, where servers register',
          },
        ]
      : []),
    ...(zookeeper !== undefined && (host !== undefined || hosts.length > 0)
      ? [{ path: [engine, 'zookeeper'], message: '`host` and `hosts`, or `zookeeper`: not both' }]
      : []),
    ...(principal !== undefined && !isKerberos
      ? [{ path: [engine, 'principal'], message: '`principal` needs `auth: kerberos`' }]
      : []),
    ...(password_env !== undefined && isKerberos
      ? [{ path: [engine, 'password_env'], message: '`auth: kerberos` takes the ticket in the cache (kinit), no password' }]
      : []),
  ];
}

/** Servers of a ZooKeeper quorum, each as `host:port`. */
export function membersOf({ quorum }: { quorum: readonly string[] }): string[] {
  return quorum.map((member) => (member.includes(':') ? member : `${member}:2181`));
}

/** Identity of a server, without its database. It is a part of a run's identity. */
export function whichServer({ host, port, zookeeper }: z.output<typeof sparkOptions>): object {
  return zookeeper ? { zookeeper: membersOf(zookeeper).sort(), namespace: zookeeper.namespace } : { host, port };
}

/** Address of a server as text: `host:port`, or the ZooKeeper quorum and namespace. */
export function addressOf(server: z.output<typeof sparkOptions>): string {
  const { host, port, zookeeper } = server;
  return zookeeper ? `${membersOf(zookeeper).sort().join(',')}/${zookeeper.namespace}` : `${host}:${port}`;
}

/** Name of a Hive or Spark table in lineage catalogues. */
export function hiveDataset(engine: HiveLike, source: HiveSource, from: string): Dataset {
  const server = source[engine]!;
  const { database } = server;
  return { namespace: `${engine}://${addressOf(server)}`, name: from.includes('.') ? from : `${database}.${from}` };
}
