// `npm run claim -- hive-pushdown [CUSTOMERS] [spark] [--model als] [--engine 300MB] [--memory 4g] [--bank FOLDER]`: a generated bank (default 1 million customers)
// in a real HiveServer2, or a Spark Thrift Server, one run of the sample's config (default: its default model, with features) with pushdown that publishes there.
// Rows that were fetched against distinct baskets and cells, bytes that came, seconds per stage, and the run's own peak memory, 1 GiB at most. --engine is what
// DuckDB may use here (default 4GB), --memory the server's heap (default 1g). A bank in a named folder is generated once and used again. BASKETWISE_HIVE=host:port,
// or BASKETWISE_SPARK, uses a running server.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDuckdb, queryRows } from '@basketwise/data';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { sampleOnServer } from '../../test/hive/fixtures/sample-on-server.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';
import { startServer as startSpark } from '../../test/spark/fixtures/spark-server.ts';
import { openBank } from '../scale/bank-folder.ts';
import { printRun } from '../scale/bank-run.ts';
import { countingPort, megabytes } from '../scale/counting-port.ts';
import { gibibytes, type Printed, runProgram } from '../scale/program.ts';

const { values, positionals } = parseArgs({
  options: {
    model: { type: 'string', default: 'automatic' },
    engine: { type: 'string', default: '4GB' },
    memory: { type: 'string', default: '1g' },
    bank: { type: 'string' },
  },
  allowPositionals: true,
});
const [customers = 1_000_000] = positionals.map(Number).filter(Number.isFinite);
const engine = positionals.includes('spark') ? 'spark' : 'hive';
const { memory } = values;
const auth = engine === 'spark' ? 'nosasl' : 'none';
const database = `bw_accept_${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-pushdown-'));
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

interface Manifest {
  campaigns: { campaign: string; baskets: number; rows: number }[];
  extract: { customers: { kept: number }; products: { read: number } };
  fetched: Record<string, number>;
}

/** Loads the generated bank as Parquet files. */
async function loadBank(hive: HiveEngine): Promise<void> {
  const bank = await openBank({ customers, products: 430, named: values.bank });
  const duckdb = await openDuckdb({ memory: '1GB', threads: 2, tempDirectory: join(folder, 'spill') });
  for (const table of ['customers', 'products', 'holdings']) {
    const select = `SELECT * FROM read_parquet('${join(bank.folder, `${table}.parquet`)}')`;
    await loadTable(duckdb, hive, table, select, join(folder, 'loaded'));
  }
  await duckdb.close();
  bank.remove();
}

async function rowsIn(file: string): Promise<number> {
  const duckdb = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  const [row] = await queryRows(duckdb, `SELECT count(*) AS rows FROM read_parquet('${file}')`);
  await duckdb.close();
  return Number(row!.rows);
}

/** @throws Error where no such model is known here */
function modelOf(name: string): 'als' | 'automatic' {
  if (name === 'als' || name === 'automatic') return name;
  throw new Error(`--model ${name}: als or automatic`);
}

/** The sample's config over the server: no files, so that no customer has a reason to come here. */
function writeConfig(host: string, port: number): void {
  const session = engine === 'hive' ? ', session: { hive.auto.convert.join: "false" }' : '';
  const server = `{ host: ${host}, port: ${port}, database: ${database}, auth: ${auth}, statement_timeout: 4h, pushdown: true${session} }`;
  const text = sampleOnServer(`engine: ${engine}\n  ${engine}: ${server}`, { model: modelOf(values.model) })
    .replace('memory: 4GB', `memory: ${values.engine}`)
    .replace('formats: [parquet, csv]', 'formats: []')
    .replace(/^output:\n/m, `output:\n  ${engine}: { table: ${database}.recommendations, shared: ./shared }\n`);
  writeFileSync(join(folder, 'basketwise.yaml'), text);
}

const running = process.env.BASKETWISE_HIVE?.split(':');
const startHive = () =>
  running ? { host: running[0]!, port: Number(running[1]), stop: async () => {} } : startServer({ memory, compiles: 'full' });
const server = await (engine === 'spark' ? startSpark({ memory, compiles: 'full' }) : startHive());
const settings = (changes: Partial<HiveSettings> = {}): HiveSettings =>
  settingsFor(server, { engine, auth, statementTimeout: 4 * 3_600_000, connectTimeout: 90_000, ...changes });
const counting = await countingPort(server);
const hive = new HiveEngine(settings());
let failed = 0;
const check = (what: string, found: number, wanted: number): void => {
  console.log(`${found === wanted ? 'ok  ' : 'FAIL'} ${what}: ${found}, expected ${wanted}`);
  if (found !== wanted) failed++;
};
try {
  await hive.run(`CREATE DATABASE ${database}`);
  await hive.close();
  const inDatabase = new HiveEngine(settings({ database }));
  const start = performance.now();
  await loadBank(inDatabase);
  console.log(`     ${customers} customers generated and loaded: ${seconds(start)}`);
  mkdirSync(join(folder, 'shared'));
  writeConfig('127.0.0.1', counting.port);
  const run = await runProgram(folder);
  if (run.code !== 0) throw new Error(`the run ended with ${run.code}`);
  const report = JSON.parse(run.stdout) as Printed;
  printRun(report);
  const fits = run.peak <= 2 ** 30;
  console.log(`${fits ? 'ok  ' : 'FAIL'} run: ${run.seconds.toFixed(1)} s, peak memory ${gibibytes(run.peak)}, 1 GiB at most`);
  if (!fits) failed++;
  const [made] = readdirSync(join(folder, 'out/runs'));
  const manifest = JSON.parse(readFileSync(join(folder, 'out/runs', made!, 'manifest.json'), 'utf8')) as Manifest;
  const baskets = manifest.campaigns.reduce((sum, campaign) => sum + campaign.baskets, 0);
  check('distinct baskets fetched', manifest.fetched['distinct baskets']!, baskets);
  check('products fetched', manifest.fetched.products!, manifest.extract.products.read);
  for (const [what, file] of Object.entries({ 'cells of acquisitions': 'acquired', 'cells of windows': 'windows' })) {
    check(`${what} fetched`, manifest.fetched[what]!, await rowsIn(join(folder, 'out/runs', made!, `${file}.parquet`)));
  }
  console.log(`     ${megabytes(counting.bytes())} MB came from the server`);
  for (const [what, rows] of Object.entries(manifest.fetched)) console.log(`     ${what}: ${rows} rows`);
  console.log(`     published: ${manifest.campaigns.reduce((sum, { rows }) => sum + rows, 0)} rows in ${engine}`);
  await inDatabase.close();
} finally {
  await hive.run(`DROP DATABASE IF EXISTS ${database} CASCADE`).catch(() => {});
  await hive.close();
  counting.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all hold' : `${failed} do not hold`);
process.exitCode = failed === 0 ? 0 : 1;
