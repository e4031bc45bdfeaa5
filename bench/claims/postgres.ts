// `npm run claim -- postgres [CUSTOMERS]`: how long rows take out of PostgreSQL and into it, against psql's \copy of the same rows in the same
// run, taken in turns; the median of each. 1 million customers of the sample bank by default.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRows, openDuckdb, parseAddress } from '@basketwise/data';
import { generateBank } from '@basketwise/sample/write';
import { PostgresEngine } from '../../packages/postgres/src/engine.ts';
import { type PostgresStep, publishToPostgres } from '../../packages/postgres/src/publish.ts';
import { loadTable } from '../../test/postgres/fixtures/load.ts';
import { startServer } from '../../test/postgres/fixtures/postgres-server.ts';

const customers = Number(process.argv[2] ?? 1_000_000);
const rounds = 3;
const folder = mkdtempSync(join(tmpdir(), 'basketwise-claim-postgres-'));

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const spreadText = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} s (${values.map((v) => v.toFixed(2)).join(', ')})`;

const server = await startServer();
const duckdb = await openDuckdb({ memory: '2GB', threads: 2, tempDirectory: join(folder, 'spill') });
const settings = { ...parseAddress(server.url(), 'claim'), connectTimeout: 10_000, statementTimeout: 600_000 };
try {
  await generateBank({ folder: join(folder, 'data'), customers, seed: 1 });
  for (const table of ['customers', 'holdings'])
    await loadTable(duckdb, server, table, `SELECT * FROM read_parquet('${join(folder, 'data', `${table}.parquet`)}')`, folder);
  server.sql('VACUUM ANALYZE');
  const file = join(folder, 'psql.csv');
  const out: Record<'ours' | 'psql', number[]> = { ours: [], psql: [] };
  for (const [table, names] of Object.entries(await columnsOf())) {
    const select = `SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM ${table}`;
    for (let round = 0; round < rounds; round++) {
      const engine = new PostgresEngine(settings);
      let fetched = '';
      const ours = await seconds(async () => {
        fetched = await localRows(engine, duckdb, select, names);
      });
      await duckdb.run(`DROP TABLE ${fetched}`);
      await engine.close();
      const psql = await seconds(() => server.sql(`\\copy (${select}) to '${file}' csv`));
      out.ours[round] = (out.ours[round] ?? 0) + ours;
      out.psql[round] = (out.psql[round] ?? 0) + psql;
    }
  }
  console.log(
    `${customers} customers, their holdings: out of PostgreSQL into the workbench ${spreadText(out.ours)}, psql's \\copy to a file ${spreadText(out.psql)}`,
  );
  console.log(`ratio ${(median(out.ours) / median(out.psql)).toFixed(2)}`);

  const results = `(SELECT lpad(CAST(i AS VARCHAR), 10, '0') AS customer, 'deposit-upsell' AS campaign, r AS rank, 'P' || (i * 7 + r) % 400 AS product_code,
    '행복한 정기예금 ' || (i * 7 + r) % 400 AS product_name, CAST(hash(i + r) % 1000000 AS FLOAT) / 1000000 AS score, CAST(0.01 * r AS FLOAT) AS probability,
    'als' AS source, CAST(i % 8 AS INTEGER) AS cluster, 'holds P' || i % 400 AS reason FROM range(${customers}) t(i), range(1, 6) u(r))`;
  await duckdb.run(`COPY (SELECT DATE '2022-08-31', * FROM ${results}) TO '${file}' (FORMAT csv, HEADER false)`);
  const into: Record<'copied' | 'whole' | 'psql', number[]> = { copied: [], whole: [], psql: [] };
  const publication = {
    schema: 'public',
    table: 'results',
    referenceDate: '2022-08-31',
    campaigns: ['deposit-upsell'],
    readers: [],
  };
  const parquet = join(folder, 'results.parquet');
  await duckdb.run(`COPY ${results} TO '${parquet}' (FORMAT parquet)`);
  for (let round = 0; round < rounds; round++) {
    const steps: Partial<Record<PostgresStep, number>> = {};
    const step = (name: PostgresStep): void => {
      steps[name] = performance.now();
    };
    into.whole.push(
      await seconds(() => publishToPostgres(settings, duckdb, `read_parquet('${parquet}')`, publication, { step })),
    );
    into.copied.push((steps.validate! - steps.stage!) / 1000);
    server.sql('DROP TABLE IF EXISTS other; CREATE TABLE other (LIKE results)');
    into.psql.push(await seconds(() => server.sql(`\\copy other from '${file}' csv`)));
  }
  console.log(
    `${5 * customers} recommendations, ${(statSync(file).size / 1e6).toFixed(0)} MB: from Parquet into PostgreSQL ${spreadText(into.copied)}; counted, indexed and swapped, too ${spreadText(into.whole)}; psql's \\copy from a file ${spreadText(into.psql)}`,
  );
  console.log(
    `ratio ${(median(into.copied) / median(into.psql)).toFixed(2)}, of the whole publication ${(median(into.whole) / median(into.psql)).toFixed(2)}`,
  );
  console.log(`peak memory of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB; PostgreSQL ${version()}`);
} finally {
  await duckdb.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function columnsOf(): Promise<Record<string, readonly string[]>> {
  const names = (table: string): string[] =>
    server
      .sql(`SELECT attname FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attnum > 0 ORDER BY attnum`)
      .map(([name]) => name!);
  return { customers: names('customers'), holdings: names('holdings') };
}

function version(): string {
  return execFileSync('bash', ['-c', 'ls /usr/lib/postgresql | tail -1'], { encoding: 'utf8' }).trim();
}
