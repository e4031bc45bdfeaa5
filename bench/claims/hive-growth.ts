// `npm run claim -- hive-growth [CUSTOMERS...]`: what crosses the wire and how long it takes, extracting the sample bank of 0.1 and 1
// million customers from a HiveServer2, directly and from work tables.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDuckdb, type SnapshotManifest } from '@basketwise/data';
import { generateBank } from '@basketwise/sample/write';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { sampleOnServer } from '../../test/hive/fixtures/sample-on-server.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';
import { countingPort, megabytes } from '../scale/counting-port.ts';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');
const roles = ['customers', 'products', 'holdings'] as const;
const sizes = process.argv.slice(2).map(Number);

async function basketwise(...options: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, [program, ...options], { maxBuffer: 1 << 26 });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function measure(customers: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-growth-'));
  const server = await startServer({ compiles: 'full' });
  const counting = await countingPort(server);
  const { port, bytes } = counting;
  const duckdb = await openDuckdb({ memory: '2GB', threads: 2, tempDirectory: join(folder, 'spill') });
  const hive = new HiveEngine(settingsFor({ host: '127.0.0.1', port }, { statementTimeout: 600_000 }));
  try {
    await generateBank({ folder: join(folder, 'data'), customers, seed: 1 });
    for (const role of roles) {
      const file = join(folder, 'data', `${role}.parquet`);
      await loadTable(duckdb, hive, role, `SELECT * FROM read_parquet('${file}')`, join(folder, 'loaded'));
    }
    for (const way of ['direct', 'work tables']) {
      const extra = way === 'direct' ? '' : ', work_tables: { schema: default, prefix: bw_ }';
      const config = join(folder, 'basketwise.yaml');
      const source = `engine: hive\n  hive: { host: 127.0.0.1, port: ${port}, database: default, statement_timeout: 10m${extra} }`;
      writeFileSync(config, sampleOnServer(source, { model: 'als', path: './data', output: `./${way}` }));
      if (extra !== '') {
        const seconds = await timed(() => basketwise('work-tables', 'create', '-c', config));
        console.log(`${customers} customers, making the work tables: ${seconds.toFixed(1)} s`);
      }
      const before = bytes();
      const seconds = await timed(() => basketwise('run', '--stage', 'extract', '-c', config));
      const came = bytes() - before;
      const runs = join(folder, way, 'runs');
      const snapshot = join(runs, readdirSync(runs)[0]!, 'snapshot');
      const manifest = JSON.parse(readFileSync(join(snapshot, 'manifest.json'), 'utf8')) as SnapshotManifest;
      const kept = roles.reduce((sum, role) => sum + statSync(join(snapshot, `${role}.parquet`)).size, 0);
      console.log(
        `${customers} customers, ${way}: ${roles.map((role) => `${manifest[role].read} ${role}`).join(', ')}; ` +
          `${megabytes(came)} MB came, ${megabytes(kept)} MB in the snapshot, ${seconds.toFixed(1)} s`,
      );
    }
  } finally {
    await hive.close();
    await duckdb.close();
    counting.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const customers of sizes.length > 0 ? sizes : [100_000, 1_000_000]) await measure(customers);
