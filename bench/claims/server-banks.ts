// `npm run claim -- server-banks [COUNT] [hive|spark|postgres]`: random banks of up to 40 customers (default 10, of those that a job serves), with ids, names and
// dates as odd as a bank's own, in a real HiveServer2, Spark Thrift Server or PostgreSQL: recommendations from there, directly and, but for PostgreSQL, with
// pushdown, against those from files, byte for byte (probabilities, too), and so counts and report.json. Models in turns: als, automatic, lookup-next. Banks that
// keep their clusters run for the next day, too, by the clusters of the first.
// BASKETWISE_HIVE=host:port, or BASKETWISE_SPARK, uses a running server.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import fc from 'fast-check';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';
import { loadTable as loadIntoPostgres } from '../../test/postgres/fixtures/load.ts';
import { startServer as startPostgres } from '../../test/postgres/fixtures/postgres-server.ts';
import { writeRandomBank } from '../../test/property/pipeline/bank-files.ts';
import { expectedRefusal } from '../../test/property/pipeline/expected-refusal.ts';
import { predicates, type RandomBank, randomBank } from '../../test/property/pipeline/random-bank.ts';
import { startServer as startSpark } from '../../test/spark/fixtures/spark-server.ts';

type Config = Record<'source' | 'tables', Record<string, Record<string, unknown>>> & Record<string, unknown>;

const [count = 10] = process.argv.slice(2).map(Number).filter(Number.isFinite);
const engine = (['spark', 'postgres'] as const).find((name) => process.argv.includes(name)) ?? 'hive';
const tables = ['customers', 'products', 'holdings'] as const;
// what learns from dates, on every bank but the first of three
const models = [undefined, { kind: 'automatic' }, { kind: 'lookup-next', within: 3 }] as const;

/** A bank as a server may have it: no files beside its tables, and dates that need no zone. */
function servable(bank: RandomBank): RandomBank {
  const rules = bank.rules.filter(({ predicate }) => predicate < predicates.length - 1);
  const dateForm = bank.dateForm === 'moment' ? 'date' : bank.dateForm;
  return { ...bank, rules, dateForm, tables: 'parquet', links: 'none', joined: false, repeated: null, formats: ['csv'] };
}

/** Every other bank knows when its customers joined: some of them between the windows, some after the reference date. */
function joining({ tables, derive }: Config, i: number): object {
  if (i % 2 === 0) return {};
  const joined =
    "CASE WHEN age > 75 THEN date '2031-01-01' WHEN age > 50 THEN date '2022-07-31' WHEN age > 25 THEN date '2022-03-15' END";
  return {
    derive: { ...(derive as object), joined },
    tables: { ...tables, customers: { ...tables.customers, since: 'joined' } },
  };
}

/** Ranked by in the banks whose model is learned. */
const features = {
  kind: { column: 'kind', fixed: true },
  age: { sql: 'age', bands: [20, 50], fixed: true },
  both: { cross: ['kind', 'age'] },
};

/**
 * A run's report, and counts of its manifest that the report leaves out as too small: without hashes, times, and what says where the data was. Of clusters
 * that were fitted by an earlier run it is without their columns, for which a run with pushdown fetches no customers.
 */
function toldOf(run: string): string {
  const read = (name: string) => JSON.parse(readFileSync(join(run, name), 'utf8')) as Record<string, unknown>;
  const { run: _r, inputs: _n, stages: _s, ...report } = read('report.json');
  const { extract, segments, clusters, choices, verdicts, campaigns } = read('manifest.json');
  const { dataHash: _d, holdingsHash: _h, inHive: _i, ...counted } = extract as Record<string, unknown>;
  // where a line of the config is differs from source to source
  const warnings = (report.warnings as string[]).map((warning) => warning.replace(/^basketwise\.yaml:\S+ /, ''));
  const kept = (clusters as { scheme: string; fitted: boolean }[]).filter(({ fitted }) => !fitted).map(({ scheme }) => scheme);
  const profiles = report.clusterProfiles as { scheme: string }[];
  const clusterProfiles = profiles.map((profile) => (kept.includes(profile.scheme) ? { ...profile, features: [] } : profile));
  return JSON.stringify(
    [
      { counted, segments, clusters, choices, verdicts, campaigns },
      { ...report, warnings, clusterProfiles },
    ],
    byKey,
  );
}

/** Classes are counted in the order of their names there, in that of products here; runs are named for where their data was. */
function byKey(key: string, value: unknown): unknown {
  if (key === 'run') return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The outcome of a config in a folder of its own, and, where clusters are kept, that of the next day, which takes them as they are. */
async function outcomeOf(folder: string, config: Config): Promise<string> {
  mkdirSync(folder);
  const first = await outcomeIn(folder, config);
  const keeps = Object.values(config.clusters as Record<string, { model?: string }>).some(({ model }) => model !== undefined);
  if (!keeps) return first;
  const next = new Date(Date.parse(config.reference_date as string) + 86_400_000).toISOString().slice(0, 10);
  return `${first}\n${await outcomeIn(folder, { ...config, reference_date: next })}`;
}

/** Runs a config; gives what was recommended, the lines sorted, and the figures of its report, or its exit code. */
async function outcomeIn(folder: string, config: Config): Promise<string> {
  writeFileSync(join(folder, 'basketwise.yaml'), JSON.stringify(config));
  try {
    const { folder: run } = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
    const lines = readFileSync(join(run, 'recommendations.csv'), 'utf8').split('\n');
    return [...lines.sort(), toldOf(run)].join('\n');
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The first place where two outcomes differ, with what is around it in either. */
function differenceOf(found: string, files: string): string {
  const at = found.split('').findIndex((unit, i) => unit !== files[i]);
  const around = (text: string) => text.slice(Math.max(0, at - 100), at + 200);
  return `DIFFERS at ${at} (${around(found)}; from files ${around(files)})`;
}

/** A server that a bank is put on. */
interface Place {
  /** Puts the tables of a folder there, in place of those of another bank. */
  load(folder: string): Promise<void>;
  source(pushdown: boolean): object;
  pushes: boolean;
  stop(): Promise<void>;
}

async function hivePlace(name: 'hive' | 'spark', duckdb: DuckdbEngine): Promise<Place> {
  const auth = name === 'spark' ? 'nosasl' : 'none';
  const database = `bw_banks_${process.pid}`;
  const running = process.env.BASKETWISE_HIVE?.split(':');
  const startHive = () => (running ? { host: running[0]!, port: Number(running[1]), stop: async () => {} } : startServer());
  const server = await (name === 'spark' ? startSpark() : startHive());
  const settings = (changes: Partial<HiveSettings> = {}): HiveSettings =>
    settingsFor(server, { engine: name, auth, connectTimeout: 90_000, ...changes });
  const admin = new HiveEngine(settings());
  return {
    pushes: true,
    async load(folder) {
      await admin.run(`DROP DATABASE IF EXISTS ${database} CASCADE`);
      await admin.run(`CREATE DATABASE ${database}`);
      const inDatabase = new HiveEngine(settings({ database }));
      for (const table of tables) await loadTable(duckdb, inDatabase, table, selectOf(folder, table), join(folder, 'loaded'));
      await inDatabase.close();
    },
    source: (pushdown) => ({ engine: name, [name]: { host: server.host, port: server.port, database, auth, pushdown } }),
    async stop() {
      await admin.run(`DROP DATABASE IF EXISTS ${database} CASCADE`).catch(() => {});
      await admin.close();
      await server.stop();
    },
  };
}

async function postgresPlace(duckdb: DuckdbEngine): Promise<Place> {
  const variable = 'BASKETWISE_BANKS';
  const server = await startPostgres();
  process.env[variable] = server.url();
  return {
    pushes: false,
    async load(folder) {
      for (const table of tables) {
        server.sql(`DROP TABLE IF EXISTS ${table}`);
        await loadIntoPostgres(duckdb, server, table, selectOf(folder, table), folder);
      }
    },
    source: () => ({ engine: 'postgres', postgres: { url_env: variable } }),
    stop: () => server.stop(),
  };
}

function selectOf(folder: string, table: string): string {
  return `SELECT * FROM read_parquet('${join(folder, `${table}.parquet`)}')`;
}

const root = mkdtempSync(join(tmpdir(), 'basketwise-banks-'));
const duckdb = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(root, 'spill') });
const place = engine === 'postgres' ? await postgresPlace(duckdb) : await hivePlace(engine, duckdb);
let differ = 0;
try {
  const banks = fc.sample(
    randomBank.map(servable).filter((bank) => expectedRefusal(bank) === null),
    { seed: 17, numRuns: count },
  );
  for (const [i, bank] of banks.entries()) {
    const folder = join(root, String(i));
    mkdirSync(folder);
    await writeRandomBank(duckdb, folder, bank);
    await place.load(folder);
    const config = JSON.parse(readFileSync(join(folder, 'basketwise.yaml'), 'utf8')) as Config;
    const model = models[i % models.length];
    const campaigns = Object.entries(config.campaigns as object).map(([name, { model: _, ...campaign }]) => [name, campaign]);
    const learned = model && { model, campaigns: Object.fromEntries(campaigns) };
    const plain = {
      ...config,
      ...learned,
      ...joining(config, i),
      ...(i % 3 === 1 && { features }),
      output: { formats: ['csv'] },
    };
    const from = (pushdown: boolean): Config => ({
      ...plain,
      source: { ...config.source, ...place.source(pushdown) } as never,
      tables: Object.fromEntries(tables.map((table) => [table, { ...plain.tables[table], from: table }])),
    });
    const files = await outcomeOf(join(folder, 'files'), { ...plain, source: { ...config.source, path: '..' } as never });
    const comparisons: string[] = [];
    for (const way of place.pushes ? ['direct', 'pushdown'] : ['direct']) {
      const found = await outcomeOf(join(folder, way), from(way === 'pushdown'));
      comparisons.push(`${way} ${found === files ? 'equal' : differenceOf(found, files)}`);
      if (found !== files) differ++;
    }
    const lines = files.split('\n').length;
    console.log(
      `bank ${i}: ${bank.customers.length} customers, ${model?.kind ?? 'als'}, ${lines} lines: ${comparisons.join(', ')}`,
    );
    rmSync(folder, { recursive: true });
  }
} finally {
  await place.stop();
  await duckdb.close();
  rmSync(root, { recursive: true, force: true });
}
console.log(differ === 0 ? 'all hold' : `${differ} do not hold`);
process.exitCode = differ === 0 ? 0 : 1;
