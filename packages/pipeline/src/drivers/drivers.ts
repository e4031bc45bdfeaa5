import { AppError, bug } from '@basketwise/core/base';
import {
  type DuckdbOptions,
  duckdbDialect,
  type Engine,
  hiveDialect,
  isEncoding,
  postgresDialect,
  sparkDialect,
} from '@basketwise/data';
import { z } from 'zod';
import { size, text, timeZone } from '../values/schemas.ts';
import {
  type AnyDriver,
  type Dataset,
  defineDriver,
  type ServerAccess,
  type Source,
  type SourcePlace,
  type WorkTables,
} from './driver.ts';
import {
  hiveDataset,
  hiveOptions,
  postgresPlace,
  postgresSource,
  protectionAt,
  serverAt,
  serverProblems,
  sparkOptions,
  whichServer,
} from './server-settings.ts';

/** Driver of HiveServer2. With pushdown, customers and holdings stay on the server. */
const hive = defineDriver({
  engine: 'hive',
  package: '@basketwise/hive',
  dialect: hiveDialect,
  keys: { hive: hiveOptions.optional().describe('HiveServer2 (docs/servers.md#set-up).') },
  secrets: [['hive', 'session', '*']],
  problems(source, chosen) {
    const { hive } = source;
    if (chosen && !hive) return [{ path: ['engine'], message: '`engine: hive` needs `hive: { host, ... }`' }];
    if (!chosen && hive?.pushdown) return [{ path: ['hive', 'pushdown'], message: 'pushdown needs `engine: hive`' }];
    return serverProblems('hive', source);
  },
  /** Server and database are part of the identity, because servers can have tables of the same names. */
  identity: ({ hive }) =>
    hive ? { ...whichServer(hive), database: hive.database, ...(hive.pushdown && { pushdown: true }) } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('hive', source, from),
  sourceAt: (address, access) => ({ hive: serverAt(address, access) }),
  pushdown: ({ hive }) => hive?.pushdown === true,
  workTables: ({ hive }) => hive?.work_tables,
});

/** Driver of a Spark Thrift Server: the protocol of HiveServer2, and the SQL of Spark. With pushdown, customers and holdings stay on the server. */
const spark = defineDriver({
  engine: 'spark',
  package: '@basketwise/hive',
  dialect: sparkDialect,
  keys: { spark: sparkOptions.optional().describe('Spark Thrift Server (docs/servers.md).') },
  secrets: [['spark', 'session', '*']],
  problems(source, chosen) {
    const { spark } = source;
    if (chosen && !spark) return [{ path: ['engine'], message: '`engine: spark` needs `spark: { host, ... }`' }];
    if (!chosen && spark?.pushdown) return [{ path: ['spark', 'pushdown'], message: 'pushdown needs `engine: spark`' }];
    return serverProblems('spark', source);
  },
  /** Server and database are part of the identity, because servers can have tables of the same names. */
  identity: ({ spark }) =>
    spark ? { spark: { ...whichServer(spark), database: spark.database, ...(spark.pushdown && { pushdown: true }) } } : {},
  readsFiles: false,
  dataset: ({ source }, from) => hiveDataset('spark', source, from),
  sourceAt: (address, access) => ({ spark: serverAt(address, access) }),
  pushdown: ({ spark }) => spark?.pushdown === true,
  workTables: ({ spark }) => spark?.work_tables,
});

/** Driver of PostgreSQL. The server runs the queries, and the local DuckDB engine stores their rows. */
const postgres = defineDriver({
  engine: 'postgres',
  package: '@basketwise/postgres',
  dialect: postgresDialect,
  keys: { postgres: postgresSource.optional().describe('PostgreSQL database (docs/servers.md).') },
  problems({ postgres }, chosen) {
    if (chosen && !postgres) return [{ path: ['engine'], message: '`engine: postgres` needs `postgres: { url_env }`' }];
    return [];
  },
  /** Server, database and schema are part of the identity, because databases can have tables of the same names. */
  identity: ({ postgres }) => (postgres ? { postgres: { place: postgresPlace(postgres), schema: postgres.schema } } : {}),
  readsFiles: false,
  dataset({ source: { postgres } }, from) {
    const place = postgresPlace(postgres!);
    const table = from.includes('.') ? from : `${postgres!.schema}.${from}`;
    if (place === null) return { namespace: 'postgres', name: table };
    return { namespace: `postgres://${place.host}:${place.port}`, name: `${place.database}.${table}` };
  },
  sourceAt(variable, { user, passwordEnv, auth, schema, ...access }) {
    if (user !== undefined || passwordEnv !== undefined || auth !== undefined)
      throw new AppError(
        'usage',
        'user and password of PostgreSQL are part of its address',
        'Set the variable to postgres://user:password@host:5432/database.',
      );
    return { postgres: { url_env: variable, ...(schema === undefined ? {} : { schema }), ...protectionAt(access) } };
  },
});

/** Name of the encoding of CSV files, in lower case. */
const fileEncoding = text
  .toLowerCase()
  .refine(isEncoding, 'expected an encoding such as `utf-8`, `cp949`, `shift_jis`, `windows-1252` or `utf-16`');

/** Keys of `source` for files. */
interface FileSource {
  path: string;
  encoding: string;
  time_zone?: string | undefined;
}

/** Files and DuckDB databases, read by the embedded engine. */
const duckdb = defineDriver({
  engine: 'duckdb',
  dialect: duckdbDialect,
  keys: {
    path: text.default('./data').describe('Folder of the files, or the DuckDB database file.'),
    encoding: fileEncoding
      .default('utf-8')
      .describe(
        'Encoding of CSV files that `from` names: utf-8, cp949, shift_jis, gb18030, windows-1252, utf-16, cp437 and others that browsers or iconv know.',
      ),
  },
  /** The path is no part of the identity. Equal files in another folder are the same input. */
  identity: ({ encoding }) => ({ encoding }),
  readsFiles: true,
  dataset: ({ source, path }, from) => ({ namespace: 'file', name: `${path(source.path)}/${from}` }),
});

/** Opens DuckDB for files and DuckDB databases. */
export async function openFiles({ source, path, workbench }: SourcePlace<FileSource>): Promise<Source> {
  const { openDuckdb } = await import('@basketwise/data');
  const engine = await openDuckdb({
    ...{ ...workbench, path: path(source.path) },
    ...{ encoding: source.encoding, timeZone: source.time_zone },
  });
  return { engine, workbench: engine, close: () => engine.close() };
}

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
      'Engine of the tables: `duckdb` for files or a DuckDB database file, `hive` (docs/servers.md), `spark` (docs/servers.md), `postgres` (docs/servers.md).',
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
  throw bug(`there is no engine ${engine}`);
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

/** Source that reads the tables of a server. A separate DuckDB engine joins and writes rows. */
export async function serverSource(engine: Engine, options: DuckdbOptions): Promise<Source> {
  const { openDuckdb } = await import('@basketwise/data');
  const workbench = await openDuckdb(options);
  return { engine, workbench, close: async () => void (await Promise.all([engine.close(), workbench.close()])) };
}
