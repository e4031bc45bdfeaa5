import { AppError, type PlainDate } from '@basketwise/core';
import {
  type HiveLike,
  type HiveServer,
  type HiveSource,
  membersOf,
  protectionSettings,
  type Settings,
  settingsPath,
  sourceRequest,
  type WorkTable,
  type WorkTableAction,
  type WorkTableOptions,
  type WorkTables,
} from '@basketwise/pipeline';
import { HiveEngine } from './server/engine.ts';
import { type HiveSettings, serverName } from './server/settings.ts';
import { createWorkTables, dropWorkTables, planWorkTables } from './server/work-tables.ts';

/** Name of the session setting for the time zone that determines the day of a timestamp. */
const zoneSettings = { hive: 'hive.local.time.zone', spark: 'spark.sql.session.timeZone' } as const;

/**
 * Connection settings of Hive or Spark. They come from the config, and the password from the environment. `path` converts a path
 * of the config to an absolute one.
 * @throws AppError config if a required key is missing, not-permitted if the environment variable of the password is not set
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
    ...protectionSettings(server, path),
    kerberos: kerberosSettings(server),
    session: { ...server.session, ...zone },
    ...{ connectTimeout: server.connect_timeout, statementTimeout: server.statement_timeout },
  };
}

/** Service and client names for `auth: kerberos`. Undefined for other authentications. */
function kerberosSettings({ auth, principal = 'hive/_HOST', user }: HiveServer): HiveSettings['kerberos'] {
  if (auth !== 'kerberos') return undefined;
  const [name = '', realm] = principal.split('@');
  const [service = '', host] = name.split('/');
  return { service, host: host === '_HOST' ? undefined : host, realm, client: user };
}

/** Names the server and the login, for the output of `doctor`. */
export function describeServer(settings: HiveSettings): { name: string; login: string } {
  const { auth, user, kerberos } = settings;
  const login = auth === 'kerberos' ? `by Kerberos${kerberos?.client ? ` as ${kerberos.client}` : ''}` : `as ${user}`;
  return { name: serverName(settings), login };
}

/** Engine that uses HiveServer2's protocol: `spark` if the config reads from Spark, else `hive`. */
export function hiveLikeOf({ engine }: { engine: string }): HiveLike {
  return engine === 'spark' ? 'spark' : 'hive';
}

/** Database and name prefix of a pushdown run's tables. */
export function runTablesPlace(source: HiveSource, engine: HiveLike): WorkTables {
  const { database, work_tables: place } = source[engine]!;
  return place ?? { schema: database, prefix: 'bw_', format: engine === 'spark' ? 'parquet' : 'orc' };
}

/**
 * Database and name prefix of the work tables of a config.
 * @throws AppError config if it has none
 */
function workTablesOf(source: HiveSource, engine: HiveLike): WorkTables {
  const tables = source[engine]?.work_tables;
  if (tables) return tables;
  throw new AppError(
    'config',
    `source.${engine}.work_tables: required, and missing`,
    'Name a separate schema: work_tables: { schema: work }.',
  );
}

/** Command `work-tables`: shows, makes or drops the precomputed tables of a config. */
export async function runWorkTables(
  settings: Settings,
  action: WorkTableAction,
  options: WorkTableOptions,
): Promise<readonly WorkTable[]> {
  const { source } = settings.config;
  const engine = hiveLikeOf(source);
  const hive = new HiveEngine(hiveSettings(source, (path) => settingsPath(settings, path), process.env, engine));
  try {
    // The statements do not depend on the date, so any day gives the same ones.
    const referenceDate = settings.config.reference_date ?? ('1970-01-01' as PlainDate);
    const tables = planWorkTables(sourceRequest(settings.config, referenceDate), workTablesOf(source, engine), hive.dialect);
    if (action === 'create') await createWorkTables(hive, tables, options);
    if (action === 'drop') await dropWorkTables(hive, tables, options);
    return tables;
  } finally {
    await hive.close();
  }
}
