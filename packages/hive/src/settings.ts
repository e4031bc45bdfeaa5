import { AppError } from '@basketwise/core';
import {
  type HiveLike,
  type HiveServer,
  type HiveSource,
  membersOf,
  tlsSettings,
  type WorkTables,
} from '@basketwise/pipeline/engine';
import { type HiveSettings, serverName } from './server/settings.ts';

/** Session setting of the zone that determines the day of a moment. */
const zoneSettings = { hive: 'hive.local.time.zone', spark: 'spark.sql.session.timeZone' } as const;

/**
 * Connection settings of Hive, or Spark, from the config and, for the password, the environment. `path` makes a path of the
 * config absolute.
 * @throws AppError config without its keys, not-permitted if the password's variable is not set
 */
export function hiveSettings(
  source: HiveSource,
  path: (relative: string) => string,
  environment: NodeJS.ProcessEnv = process.env,
  engine: HiveLike = 'hive',
): HiveSettings {
  const server = source[engine];
  const key = `source.${engine}`;
  if (!server) throw new AppError('config', `${key}: required, and missing`, `Name the server: ${key}: { host, ... }.`);
  const password = server.password_env === undefined ? undefined : environment[server.password_env];
  if (server.password_env !== undefined && password === undefined) {
    throw new AppError(
      'not-permitted',
      `${key}.password_env: the environment variable that it names is not set`,
      'Set it to the password, only in the environment of the batch.',
    );
  }
  const zone = source.time_zone === undefined ? {} : { [zoneSettings[engine]]: source.time_zone };
  return {
    ...{ engine, host: server.host ?? '', port: server.port, database: server.database, auth: server.auth },
    zookeeper: server.zookeeper && { ...server.zookeeper, quorum: membersOf(server.zookeeper) },
    others: server.hosts.map((other) => {
      const [host, port] = other.split(':');
      return { host: host!, port: port === undefined ? server.port : Number(port) };
    }),
    ...{ transport: server.transport, user: server.user ?? 'anonymous', password, httpPath: server.http_path },
    tls: server.tls && tlsSettings(server.tls, path),
    kerberos: kerberosSettings(server),
    session: { ...server.session, ...zone },
    ...{ connectTimeout: server.connect_timeout, statementTimeout: server.statement_timeout },
  };
}

/** Service of `auth: kerberos`, and the client principal. */
function kerberosSettings({ auth, principal = 'hive/_HOST', user }: HiveServer): HiveSettings['kerberos'] {
  if (auth !== 'kerberos') return undefined;
  const [name = '', realm] = principal.split('@');
  const [service = '', host] = name.split('/');
  return { service, host: host === '_HOST' ? undefined : host, realm, client: user };
}

/** Server and its authentication, for the doctor. */
export function describeServer(settings: HiveSettings): { name: string; login: string } {
  const { auth, user, kerberos } = settings;
  const login = auth === 'kerberos' ? `by Kerberos${kerberos?.client ? ` as ${kerberos.client}` : ''}` : `as ${user}`;
  return { name: serverName(settings), login };
}

/** Engine of HiveServer2's protocol that a config reads from. Hive if it reads from neither. */
export function hiveLikeOf({ engine }: { engine: string }): HiveLike {
  return engine === 'spark' ? 'spark' : 'hive';
}

/** Location of a pushdown run's tables. */
export function runTablesPlace(source: HiveSource, engine: HiveLike): WorkTables {
  const { database, work_tables: place } = source[engine]!;
  return place ?? { schema: database, prefix: 'bw_', format: engine === 'spark' ? 'parquet' : 'orc' };
}

/** Work tables of a config. @throws AppError config if it has none */
export function workTablesOf(source: HiveSource, engine: HiveLike): WorkTables {
  const tables = source[engine]?.work_tables;
  if (tables) return tables;
  throw new AppError(
    'config',
    `source.${engine}.work_tables: required, and missing`,
    'Name a separate schema: work_tables: { schema: work }.',
  );
}
