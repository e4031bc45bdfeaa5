import { AppError } from '@basketwise/core/error';
import type { WorkTables } from '@basketwise/data';
import { z } from 'zod';
import type { Intersection } from '../values/intersection.ts';
import { size, timeZone } from '../values/schemas.ts';
import type { AnyDriver, Dataset, ServerAccess } from './driver.ts';
import { duckdb } from './duckdb.ts';
import { hive } from './hive.ts';
import { postgres } from './postgres.ts';
import { spark } from './spark.ts';

/** Every engine that a bank's tables can be read from: the only place that names them all. The first is the default. */
export const drivers = [duckdb, hive, spark, postgres] as const;

type DriverKeys = Intersection<(typeof drivers)[number]['keys']>;
type EngineName = (typeof drivers)[number]['engine'];

const [first, ...others] = drivers.map(({ engine }) => engine) as [EngineName, ...EngineName[]];

/** Where the data is, and what the engine may use. */
export const sourceSchema = z.strictObject({
  engine: z
    .enum([first, ...others])
    .default(first)
    .describe(
      'Engine of the tables: `duckdb` for files or a DuckDB database file, `hive` (docs/hive.md), `spark` (docs/spark.md), `postgres` (docs/postgres.md).',
    ),
  memory: size
    .prefault('4GB')
    .describe('Memory of the SQL engine on this machine. Above it, the engine spills to a folder of its own in output.dir.'),
  time_zone: timeZone
    .optional()
    .describe(
      'IANA zone that decides the day of a TIMESTAMP WITH TIME ZONE (Hive: WITH LOCAL TIME ZONE), such as Asia/Seoul. Required where such a column is used.',
    ),
  ...(Object.assign({}, ...drivers.map(({ keys }) => keys)) as DriverKeys),
});

/** `source` of a config. */
export type SourceConfig = z.output<typeof sourceSchema>;

/** The driver of the engine that a config names. */
export function driverOf({ engine }: Pick<SourceConfig, 'engine'>): AnyDriver {
  const found = drivers.find((driver) => driver.engine === engine);
  if (found) return found;
  throw new AppError('bug', `there is no engine ${engine}`, 'Report this.');
}

/**
 * `source` of a config for a server that the command line names: what is to be written, and the whole.
 * @throws AppError usage where it cannot be meant
 */
export function sourceAt(engine: string, address: string, access: ServerAccess) {
  const driver = (drivers as readonly AnyDriver[]).find((one) => one.engine === engine);
  const keys = driver?.sourceAt?.(address, access);
  if (keys === undefined) throw new AppError('usage', `${engine} is no server`, 'Name a folder of files.');
  const written = { engine, ...keys };
  const { success, data, error } = sourceSchema.safeParse(written);
  if (success) return { written, source: data };
  throw new AppError(
    'usage',
    `${engine}: ${error.issues[0]!.message}`,
    `Write it as docs/reference/config.md says of source.${engine}.`,
  );
}

/** Whether customers and holdings stay where they are. */
export function isPushdown({ source }: { source: SourceConfig }): boolean {
  return driverOf(source).pushdown?.(source) ?? false;
}

/** The same of values that were not checked yet; false where they are not valid. */
export function asksPushdown(source: unknown): boolean {
  const parsed = sourceSchema.safeParse(source);
  return parsed.success && isPushdown({ source: parsed.data });
}

/** The work tables that a config's tables are read from; undefined: the bank's own are read. */
export function workTablesIn(source: SourceConfig): WorkTables | undefined {
  return driverOf(source).workTables?.(source);
}

/** A table of the config to a catalogue of lineage; `path` makes a path of the config absolute. */
export function datasetOf(source: SourceConfig, path: (relative: string) => string, from: string): Dataset {
  return driverOf(source).dataset({ source, path }, from);
}

/** Parts of `source` that say which tables are meant, and how their values are read. */
export function sourceIdentity(source: SourceConfig): object {
  return Object.assign(
    { engine: source.engine, time_zone: source.time_zone },
    ...(drivers as readonly AnyDriver[]).map((one) => one.identity(source)),
  );
}
