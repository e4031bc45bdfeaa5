// `npm run claim -- server-banks [COUNT] [hive|spark]`: random banks of up to 40 customers (default 10, of those that a job serves), with ids, names and dates as
// odd as a bank's own, in a real HiveServer2 or Spark Thrift Server: recommendations from there, directly and with pushdown, against those from
// files, byte for byte. BASKETWISE_HIVE=host:port, or BASKETWISE_SPARK, uses a running server.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { HiveEngine, type HiveSettings, openDuckdb } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import fc from 'fast-check';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';
import { writeRandomBank } from '../../test/property/pipeline/bank-files.ts';
import { expectedRefusal } from '../../test/property/pipeline/expected-refusal.ts';
import { predicates, type RandomBank, randomBank } from '../../test/property/pipeline/random-bank.ts';
import { startServer as startSpark } from '../../test/spark/fixtures/spark-server.ts';

type Config = Record<'source' | 'tables', Record<string, Record<string, unknown>>> & Record<string, unknown>;

const [count = 10] = process.argv.slice(2).map(Number).filter(Number.isFinite);
const engine = process.argv.includes('spark') ? 'spark' : 'hive';
const auth = engine === 'spark' ? 'nosasl' : 'none';
const database = `bw_banks_${process.pid}`;
const tables = ['customers', 'products', 'holdings'] as const;
// what learns from dates, on every bank but the first of three
const models = [undefined, { kind: 'automatic' }, { kind: 'lookup-next', within: 3 }] as const;
const running = process.env.BASKETWISE_HIVE?.split(':');
const startHive = () => (running ? { host: running[0]!, port: Number(running[1]), stop: async () => {} } : startServer());

/** A bank as a server may have it: no files beside its tables, and dates that need no zone. */
function servable(bank: RandomBank): RandomBank {
  const rules = bank.rules.filter(({ predicate }) => predicate < predicates.length - 1);
  const dateForm = bank.dateForm === 'moment' ? 'date' : bank.dateForm;
  return { ...bank, rules, dateForm, tables: 'parquet', links: 'none', joined: false, repeated: null, formats: ['csv'] };
}

/** Runs a config from a folder of its own; gives what was recommended, the lines sorted, or the code that it ended with. */
async function outcomeOf(folder: string, config: Config): Promise<string> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), JSON.stringify(config));
  try {
    const { folder: run } = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
    return readFileSync(join(run, 'recommendations.csv'), 'utf8').split('\n').sort().join('\n');
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const server = await (engine === 'spark' ? startSpark() : startHive());
const settings = (changes: Partial<HiveSettings> = {}): HiveSettings =>
  settingsFor(server, { engine, auth, connectTimeout: 90_000, ...changes });
const root = mkdtempSync(join(tmpdir(), 'basketwise-banks-'));
const duckdb = await openDuckdb({ memory: '500MB', threads: 2, tempDirectory: join(root, 'spill') });
const admin = new HiveEngine(settings());
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
    await admin.run(`CREATE DATABASE ${database}`);
    const inDatabase = new HiveEngine(settings({ database }));
    for (const table of tables) {
      const select = `SELECT * FROM read_parquet('${join(folder, `${table}.parquet`)}')`;
      await loadTable(duckdb, inDatabase, table, select, join(folder, 'loaded'));
    }
    await inDatabase.close();
    const config = JSON.parse(readFileSync(join(folder, 'basketwise.yaml'), 'utf8')) as Config;
    const model = models[i % models.length];
    const campaigns = Object.entries(config.campaigns as object).map(([name, { model: _, ...campaign }]) => [name, campaign]);
    const learned = model && { model, campaigns: Object.fromEntries(campaigns) };
    const plain = { ...config, ...learned, calibrate: false, output: { formats: ['csv'], report: false } };
    const from = (pushdown: boolean): Config => ({
      ...plain,
      source: { ...config.source, engine, [engine]: { host: server.host, port: server.port, database, auth, pushdown } } as never,
      tables: Object.fromEntries(tables.map((table) => [table, { ...config.tables[table], from: table }])),
    });
    const files = await outcomeOf(join(folder, 'files'), { ...plain, source: { ...config.source, path: '..' } as never });
    const direct = await outcomeOf(join(folder, 'direct'), from(false));
    const pushed = await outcomeOf(join(folder, 'pushed'), from(true));
    await admin.run(`DROP DATABASE ${database} CASCADE`);
    const told = [direct, pushed].map((found) => (found === files ? 'equal' : `DIFFERS (${found.slice(0, 300)})`));
    console.log(
      `bank ${i}: ${bank.customers.length} customers, ${model?.kind ?? 'als'}, ${files.split('\n').length - 2} rows: direct ${told[0]}, pushdown ${told[1]}`,
    );
    if (direct !== files || pushed !== files) differ++;
    rmSync(folder, { recursive: true });
  }
} finally {
  await admin.run(`DROP DATABASE IF EXISTS ${database} CASCADE`).catch(() => {});
  await admin.close();
  await duckdb.close();
  await server.stop();
  rmSync(root, { recursive: true, force: true });
}
console.log(differ === 0 ? 'all hold' : `${differ} do not hold`);
process.exitCode = differ === 0 ? 0 : 1;
