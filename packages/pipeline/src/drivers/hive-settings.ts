import { AppError } from '@basketwise/core/error';
import { z } from 'zod';
import { host, name, seedSchema, text, time, variable } from '../values/schemas.ts';
import type { Dataset, ServerAccess } from './driver.ts';
import { tls } from './tls-settings.ts';

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
    .describe('ZooKeeper in which the servers register, instead of `host` and `hosts` (docs/hive.md#zookeeper).'),
  database: text.default('default').describe('Database of tables that are named without one.'),
  auth: z
    .enum(['none', 'ldap', 'kerberos', 'nosasl'])
    .default('none')
    .describe(
      'Authentication that the server asks for. `ldap` also serves PAM and custom classes; `kerberos`: docs/hive.md#kerberos.',
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
  tls: tls.optional().describe('Encrypts the connection; `{}` trusts the authorities that Node trusts.'),
  session: z
    .record(text.meta({ title: 'setting' }), text)
    .optional()
    .describe('Settings of the session, such as the queue. A setting that the server refuses is an error.'),
  pushdown: z
    .boolean()
    .default(false)
    .describe(
      'Leaves customers and holdings on the server; only distinct baskets and counts are transferred (docs/pushdown.md).',
    ),
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
    .describe('Joins of the source as tables, made off-peak by `basketwise work-tables create` (docs/pushdown.md#work-tables).');

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
export function serverAt(address: string, { user, passwordEnv, auth, schema }: ServerAccess): Readonly<Record<string, unknown>> {
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
