// `npm run claim -- hive-pushdown [CUSTOMERS]`: a generated bank (default 1 million customers) in a real HiveServer2, one run with pushdown that
// publishes there. Rows that were fetched against distinct baskets, and seconds per stage. BASKETWISE_HIVE=host:port uses a running server.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HiveEngine, openDuckdb } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';

const customers = Number(process.argv[2] ?? 1_000_000);
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
  await generateBank({ folder: join(folder, 'data'), customers, seed: 1 });
  const duckdb = await openDuckdb({ memory: '1GB', threads: 2, tempDirectory: join(folder, 'spill') });
  for (const table of ['customers', 'products', 'holdings']) {
    const select = `SELECT * FROM read_parquet('${join(folder, 'data', `${table}.parquet`)}')`;
    await loadTable(duckdb, hive, table, select, join(folder, 'loaded'));
  }
  await duckdb.close();
  rmSync(join(folder, 'data'), { recursive: true });
}

/** The sample's config over Hive: no files, so that no customer has a reason to come here. */
function writeConfig(host: string, port: number): string {
  const session = '{ hive.auto.convert.join: "false" }';
  const hive = `hive: { host: ${host}, port: ${port}, database: ${database}, pushdown: true, session: ${session} }`;
  const text = sampleConfig({ model: 'als' })
    .replace('engine: duckdb', `engine: hive\n  ${hive}`)
    .replaceAll(/from: (\w+)\.parquet/g, 'from: $1')
    .replace('formats: [parquet, csv]', 'formats: []')
    .replace(/^output:\n/m, `output:\n  hive: { table: ${database}.recommendations, shared: ./shared }\n`);
  const file = join(folder, 'basketwise.yaml');
  writeFileSync(file, text);
  return file;
}

const running = process.env.BASKETWISE_HIVE?.split(':');
const server = running ? { host: running[0]!, port: Number(running[1]), stop: async () => {} } : await startServer();
const hive = new HiveEngine(settingsFor(server, { statementTimeout: 1_800_000 }));
let failed = 0;
const check = (what: string, found: number, wanted: number): void => {
  console.log(`${found === wanted ? 'ok  ' : 'FAIL'} ${what}: ${found}, expected ${wanted}`);
  if (found !== wanted) failed++;
};
try {
  await hive.run(`CREATE DATABASE ${database}`);
  await hive.close();
  const inDatabase = new HiveEngine(settingsFor(server, { database, statementTimeout: 1_800_000 }));
  let start = performance.now();
  await loadBank(inDatabase);
  console.log(`     ${customers} customers generated and loaded: ${seconds(start)}`);
  start = performance.now();
  mkdirSync(join(folder, 'shared'));
  const settings = await loadConfig(writeConfig(server.host, server.port));
  const report = await runJob(settings, {
    listener: {
      stage: (stage) => {
        if (stage.status !== 'running') console.log(`     ${stage.name}: ${stage.seconds} s`);
      },
    },
  });
  console.log(`     run: ${seconds(start)}`);
  const [run] = readdirSync(join(folder, 'out/runs'));
  const manifest = JSON.parse(readFileSync(join(folder, 'out/runs', run!, 'manifest.json'), 'utf8')) as Manifest;
  const baskets = report.campaigns.reduce((sum, campaign) => sum + campaign.baskets, 0);
  check('distinct baskets fetched', manifest.fetched['distinct baskets']!, baskets);
  check('products fetched', manifest.fetched.products!, manifest.extract.products.read);
  for (const [what, rows] of Object.entries(manifest.fetched)) console.log(`     ${what}: ${rows} rows`);
  console.log(`     published: ${manifest.campaigns.reduce((sum, { rows }) => sum + rows, 0)} rows in Hive`);
  await inDatabase.close();
} finally {
  await hive.run(`DROP DATABASE IF EXISTS ${database} CASCADE`).catch(() => {});
  await hive.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all hold' : `${failed} do not hold`);
process.exitCode = failed === 0 ? 0 : 1;
