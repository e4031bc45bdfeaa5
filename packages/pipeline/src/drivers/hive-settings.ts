import { AppError } from '@basketwise/core';
import type { HiveSettings, WorkTables } from '@basketwise/data';
import { z } from 'zod';
import { name, text, time } from '../values/schemas.ts';
import { tls, tlsSettings } from './tls-settings.ts';

/** How HiveServer2 is reached, and what it does for a run. */
export const hive = z.strictObject({
  host: text,
  port: z.int().min(1).max(65_535).default(10_000),
  database: text.default('default'),
  auth: z.enum(['none', 'ldap', 'kerberos', 'nosasl']).default('none'),
  user: text.optional(),
  password_env: text.optional(),
  transport: z.enum(['binary', 'http']).default('binary'),
  http_path: text.optional(),
  tls: tls.optional(),
  /** Settings of the session, such as the queue. */
  session: z.record(text, text).optional(),
  pushdown: z.boolean().default(false),
  work_tables: z
    .strictObject({ schema: text, prefix: name.default('bw_'), format: z.enum(['orc', 'parquet']).default('orc') })
    .optional(),
  connect_timeout: time.default(10_000),
  statement_timeout: time.default(1_800_000),
});

/** `source` of a config, as far as it is about Hive. */
interface HiveSource {
  hive?: z.output<typeof hive> | undefined;
  time_zone?: string | undefined;
}

/**
 * How to reach Hive, from the config and, for the password, the environment; `path` makes a path of the config absolute.
 * @throws AppError config without source.hive, not-permitted where the password's variable is not set
 */
export function hiveSettings(
  source: HiveSource,
  path: (relative: string) => string,
  environment: NodeJS.ProcessEnv = process.env,
): HiveSettings {
  const { hive } = source;
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
    ...{ user: hive.user ?? 'anonymous', password, httpPath: hive.http_path, session: sessionOf(source) },
    tls: hive.tls && tlsSettings(hive.tls, path),
    ...{ connectTimeout: hive.connect_timeout, statementTimeout: hive.statement_timeout },
  };
}

/** Settings of the session; the zone of the config is that in which Hive gives a moment its day. */
function sessionOf({ time_zone: zone, hive }: HiveSource): HiveSettings['session'] {
  return zone === undefined ? hive?.session : { ...hive?.session, 'hive.local.time.zone': zone };
}

/** The work tables of a config. @throws AppError config where there are none in it */
export function workTablesOf({ hive }: HiveSource): WorkTables {
  const tables = hive?.work_tables;
  if (tables) return tables;
  throw new AppError(
    'config',
    'source.hive.work_tables: required, and missing',
    'Name a schema of your own: work_tables: { schema: work }.',
  );
}
