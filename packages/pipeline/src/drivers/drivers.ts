import { AppError } from '@basketwise/core/error';
import { z } from 'zod';
import { size, timeZone } from '../values/schemas.ts';
import type { AnyDriver, Dataset, ServerAccess, WorkTables } from './driver.ts';
import { duckdb } from './duckdb.ts';
import { hive } from './hive.ts';
import { postgres } from './postgres.ts';
import { spark } from './spark.ts';

/** Drivers of all engines. No other file lists them. The first engine is the default. */
export const drivers = [duckdb, hive, spark, postgres] as const;

/** Intersection of all types of a union. */
type Intersection<Union> = (Union extends unknown ? (of: Union) => void : never) extends (of: infer Both) => void ? Both : never;

type DriverKeys = Intersection<(typeof drivers)[number]['keys']>;
/** Name of an engine in a config. */
export type EngineName = (typeof drivers)[number]['engine'];

/** Engines whose tables can receive results, in the order of publication. Each is a key of `output`. */
export const targets = ['hive', 'spark', 'postgres'] as const satisfies readonly EngineName[];
export type Target = (typeof targets)[number];

const [first, ...others] = drivers.map(({ engine }) => engine) as [EngineName, ...EngineName[]];

/** Schema of `source`: the engine, its memory, and the location of the tables. */
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

/** Values of `source` in a config. */
export type SourceConfig = z.output<typeof sourceSchema>;

/** Driver of the engine that a config names. */
export function driverOf({ engine }: Pick<SourceConfig, 'engine'>): AnyDriver {
  const found = drivers.find((driver) => driver.engine === engine);
  if (found) return found;
  throw new AppError('bug', `there is no engine ${engine}`, 'Report this.');
}

/**
 * Makes `source` for a server that the command line names. Returns the keys to write in the config, and the settings with defaults.
 * @throws AppError usage for an invalid server
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

/** Whether customers and holdings stay on the server, and only distinct baskets are transferred. */
export function isPushdown({ source }: { source: SourceConfig }): boolean {
  return driverOf(source).pushdown?.(source) ?? false;
}

/** As `isPushdown`, for values that are not checked yet. False if they are invalid. */
export function asksPushdown(source: unknown): boolean {
  const parsed = sourceSchema.safeParse(source);
  return parsed.success && isPushdown({ source: parsed.data });
}

/** Work tables that are read in place of the config's tables. Undefined if the bank's own tables are read. */
export function workTablesIn(source: SourceConfig): WorkTables | undefined {
  return driverOf(source).workTables?.(source);
}

/** Engine that makes the work tables of a config: the engine of the source, if it can have work tables. Otherwise the first engine that can. */
export function workTablesEngine({ engine }: Pick<SourceConfig, 'engine'>): EngineName {
  const able = drivers.filter((driver) => 'workTables' in driver);
  return (able.find((driver) => driver.engine === engine) ?? able[0]!).engine;
}

/** Name of a config's table in lineage catalogues. @param path resolves a path of the config to an absolute path */
export function datasetOf(source: SourceConfig, path: (relative: string) => string, from: string): Dataset {
  return driverOf(source).dataset({ source, path }, from);
}

/** Values in `source` that identify the tables and determine how their values are read. */
export function sourceIdentity(source: SourceConfig): object {
  return Object.assign(
    { engine: source.engine, time_zone: source.time_zone },
    ...(drivers as readonly AnyDriver[]).map((one) => one.identity(source)),
  );
}

/** npm packages of the engines that a config names. The program's hash in a run's identity covers them. */
export function enginePackages({ source, output }: NamedEngines): string[] {
  const named: readonly string[] = [source.engine, ...targets.filter((target) => output[target] !== undefined)];
  const packages = (drivers as readonly AnyDriver[]).flatMap(({ engine, package: of }) =>
    of && named.includes(engine) ? of : [],
  );
  return [...new Set(packages)];
}

/** Parts of a config that name engines. */
interface NamedEngines {
  source: Pick<SourceConfig, 'engine'>;
  output: Readonly<Partial<Record<Target, unknown>>>;
}
