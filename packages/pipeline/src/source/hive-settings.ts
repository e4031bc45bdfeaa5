import { AppError } from '@basketwise/core';
import type { HiveSettings, WorkTables } from '@basketwise/data';
import type { Settings } from '../config/load.ts';
import type { Config } from '../config/schema.ts';

/**
 * How to reach Hive, from the config and, for the password, the environment.
 * @throws AppError config without source.hive, not-permitted where the password's variable is not set
 */
export function hiveSettings({ config }: Settings, environment: NodeJS.ProcessEnv = process.env): HiveSettings {
  const { hive } = config.source;
  if (!hive)
    throw new AppError('config', 'source.hive: required, and missing', 'Say where HiveServer2 is: source.hive: { host, ... }.');
  const password = hive.password_env === undefined ? undefined : environment[hive.password_env];
  if (hive.password_env !== undefined && password === undefined) {
    throw new AppError(
      'not-permitted',
      `source.hive.password_env: the environment variable ${hive.password_env} is not set`,
      'Set it to the password, in the environment of the batch alone.',
    );
  }
  return {
    ...{ host: hive.host, port: hive.port, database: hive.database, auth: hive.auth, transport: hive.transport },
    ...{ user: hive.user ?? 'anonymous', password, httpPath: hive.http_path, session: sessionOf(config) },
    ...{ connectTimeout: hive.connect_timeout, statementTimeout: hive.statement_timeout },
  };
}

/** Settings of the session; the zone of the config is that in which Hive gives a moment its day. */
function sessionOf({ source: { time_zone: zone, hive } }: Config): HiveSettings['session'] {
  return zone === undefined ? hive?.session : { ...hive?.session, 'hive.local.time.zone': zone };
}

/** The work tables of a config. @throws AppError config where there are none in it */
export function workTablesOf({ config }: Settings): WorkTables {
  const tables = config.source.hive?.work_tables;
  if (tables) return tables;
  throw new AppError(
    'config',
    'source.hive.work_tables: required, and missing',
    'Name a schema of your own: work_tables: { schema: work }.',
  );
}
