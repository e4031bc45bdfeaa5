// `npm run claim -- hive`: fetching 1 million rows of 6 columns against pyhive and impyla, same server, one run. Ratios only.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { required } from '@basketwise/core/parts';
import { openDuckdb } from '@basketwise/data';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { cacheFolder, fillOnce } from '../../test/hive/fixtures/cache.ts';
import { startServer } from '../../test/hive/fixtures/hive-server.ts';
import { loadTable } from '../../test/hive/fixtures/load.ts';
import { settingsFor } from '../../test/hive/fixtures/settings.ts';
import { type Check, record } from '../records/record.ts';
import { fixed } from '../records/table-text.ts';

const rows = 1_000_000;
const repeats = 3;
const peers = join(import.meta.dirname, '../peers/hive');
/** Least ratio of rows per second: ours to a peer's. */
const least = { NOSASL: { pyhive: 2.5, impyla: 1.7 }, PLAIN: { pyhive: 2 } } as const;
const mostMegabytes = 200;

const bank = `SELECT CASE WHEN i % 100 <> 0 THEN lpad(CAST(i AS VARCHAR), 10, '0') END AS csno,
  CASE WHEN i % 101 <> 0 THEN '우체국 정기예금 ' || (i % 300) END AS prod, CASE WHEN i % 103 <> 0 THEN DATE '2015-01-01' + CAST(i % 3000 AS INTEGER) END AS jdate,
  CASE WHEN i % 107 <> 0 THEN CAST(i % 50 AS INTEGER) END AS cnt, CASE WHEN i % 109 <> 0 THEN CAST(i * 7.31 AS DECIMAL(18,2)) END AS amt,
  CASE WHEN i % 113 <> 0 THEN i / 7 END AS score FROM range(${rows}) t(i)`;

function python(): string {
  const folder = join(cacheFolder(), 'hive-peers');
  const packages = ['pyhive==0.7.0', 'impyla==0.24.0', 'thrift', 'thrift_sasl', 'pure-sasl'];
  fillOnce(folder, ['bash', '-c', `python3 -m venv . && bin/pip install -q ${packages.join(' ')}`]);
  return join(folder, 'bin/python');
}

const run = (program: string, ...given: string[]): string => execFileSync(program, given, { encoding: 'utf8' });

const interpreter = python();
const checks: Check[] = [];
const table: (string | number)[][] = [];

for (const auth of ['NOSASL', 'PLAIN'] as const) {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-fetch-'));
  const server = await startServer({ auth: auth === 'PLAIN' ? 'NONE' : 'NOSASL', compiles: 'full' });
  try {
    const duckdb = await openDuckdb({ memory: '1GB', threads: 2, tempDirectory: join(folder, 'spill') });
    const hive = new HiveEngine(settingsFor(server, { auth: auth === 'PLAIN' ? 'plain' : 'nosasl' }));
    await loadTable(duckdb, hive, 'bank', bank, folder);
    await hive.close();
    await duckdb.close();
    const best = new Map<string, number>();
    const note = (way: string, perSecond: number): void => void best.set(way, Math.max(perSecond, best.get(way) ?? 0));
    let megabytes = 0;
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const ours = JSON.parse(run(process.execPath, join(peers, 'fetch.mjs'), auth, String(server.port), 'bank'));
      if (ours.rows !== rows) throw new Error(`${ours.rows} rows came, not ${rows}`);
      // the first time is the server's own warming up
      if (repeat === 0) continue;
      note('ours', ours.perSecond);
      megabytes = Math.max(megabytes, ours.megabytes);
      for (const peer of ['pyhive', 'impyla']) {
        const ways = JSON.parse(run(interpreter, join(peers, 'fetch.py'), peer, auth, String(server.port), 'bank'));
        for (const [way, perSecond] of Object.entries(ways)) note(`${peer}, ${way}`, Number(perSecond));
      }
    }
    for (const [way, perSecond] of best) {
      const peer = way.split(',')[0]!;
      // values that a peer leaves unconverted are shown, and not judged
      const needed = way.includes('unconverted') ? 0 : ((least[auth] as Record<string, number>)[peer] ?? 0);
      const ratio = required(best, 'ours') / perSecond;
      table.push([auth, way, Math.round(perSecond), fixed(ratio, 2)]);
      if (peer !== 'ours')
        checks.push({ text: `${auth}: at least ${needed} times the rows per second of ${way}`, holds: ratio >= needed });
    }
    checks.push({ text: `${auth}: ${megabytes} MB in memory, below ${mostMegabytes}`, holds: megabytes < mostMegabytes });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
record({
  title: 'Reading from Hive',
  about: 'Fetching 1 million rows of 6 columns from the same server, each client in each of its ways; the best of 3 repeats.',
  tables: [{ columns: ['login', 'client', 'rows per second', 'ours: times'], rows: table }],
  checks,
  peers: { pyhive: '0.7.0', impyla: '0.24.0' },
});
