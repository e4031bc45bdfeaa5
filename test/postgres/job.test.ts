import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckdbEngine } from '@basketwise/data';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBasketwise } from '../e2e/pipeline/small-bank.ts';
import { basketwise, doctorIn } from '../hive/fixtures/command.ts';
import { loadTable } from './fixtures/load.ts';
import { type PostgresServer, whyNoServer } from './fixtures/postgres-server.ts';
import { useServer } from './fixtures/server.ts';

const missing = whyNoServer();
const variable = 'BASKETWISE_TEST_POSTGRES';

describe.skipIf(missing)(`the nightly job on PostgreSQL${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = useServer('job');
  const { folder } = bench;
  let server: PostgresServer;
  let duckdb: DuckdbEngine;

  beforeAll(async () => {
    ({ server, duckdb } = bench);
    process.env[variable] = server.url();
    await generateBank({ folder: join(folder, 'data'), customers: 1_500, seed: 1 });
    for (const table of ['customers', 'products', 'holdings'])
      await loadTable(duckdb, server, table, `SELECT * FROM read_parquet('${join(folder, 'data', `${table}.parquet`)}')`, folder);
    server.sql('CREATE SCHEMA screens');
    server.sql(
      "CREATE TABLE changed AS SELECT * FROM customers LIMIT 20; ALTER TABLE changed ALTER m3_abal1 TYPE text USING 'about ' || m3_abal1",
    );
  });
  afterAll(() => {
    delete process.env[variable];
  });

  const config = (name: string, { source = 'engine: duckdb', output = '' }): string => {
    const text = sampleConfig({ model: 'als', path: './data', output: `./${name}` })
      .replace('k: 8', 'k: 3')
      .replace('k: 7', 'k: 2')
      .replace('engine: duckdb', source)
      .replace(/^output:\n/m, `output:\n${output}`);
    const file = join(folder, `${name}.yaml`);
    const inPostgres = text
      .replaceAll(/from: (\w+)\.parquet/g, 'from: $1')
      .replace(/year\(:date\) - .*, 1, 0\)/, 'cast(extract(year from age(:date, BIRTH_DT)) as integer)');
    writeFileSync(file, source.includes('postgres') ? inPostgres : text);
    return file;
  };
  const fromPostgres = `engine: postgres\n  postgres: { url_env: ${variable} }`;
  const toPostgres = `  postgres: { url_env: ${variable}, schema: screens }\n`;
  const latest = (name: string, file: string): string => readFileSync(join(folder, name, 'latest', file), 'utf8');

  it('recommends what it recommends from files, byte for byte', async () => {
    expect(await basketwise('run', '-c', config('files', {}))).toMatchObject({ code: 0 });
    expect(await basketwise('run', '-c', config('direct', { source: fromPostgres }))).toMatchObject({ code: 0 });
    const [files, direct] = ['files', 'direct'].map((name) => latest(name, 'recommendations.csv'));
    expect(files!.split('\n').length).toBeGreaterThan(4_000);
    expect(direct === files).toBe(true);
  });

  it('publishes; the table has the rows of the file, and only what changed is done again', async () => {
    const file = config('files', { output: toPostgres });
    const first = await basketwise('run', '-c', file, '--json');
    expect(first).toMatchObject({ code: 0 });
    const rows = (): string[][] =>
      server.sql('SELECT campaign, customer, rank, product_code, product_name, score, cluster FROM screens.recommendations');
    const sorted = (lists: string[][]): string[] => lists.map((row) => row.join('|')).sort();
    const parquet = `read_parquet('${join(folder, 'files', 'latest', 'recommendations.parquet')}')`;
    await duckdb.run(
      `COPY (SELECT campaign, customer, rank, product_code, product_name, CAST(score AS VARCHAR), cluster FROM ${parquet}) TO '${join(folder, 'rows.csv')}' (FORMAT csv, HEADER false, DELIMITER '|', QUOTE '')`,
    );
    server.sql('CREATE TABLE expected (LIKE screens.recommendations)');
    server.sql(
      `\\copy expected (campaign, customer, rank, product_code, product_name, score, cluster) from '${join(folder, 'rows.csv')}' csv delimiter '|'`,
    );
    const expected = server.sql('SELECT campaign, customer, rank, product_code, product_name, score, cluster FROM expected');
    expect(rows().length).toBeGreaterThan(4_000);
    expect(sorted(rows())).toEqual(sorted(expected));
    expect(server.sql('SELECT DISTINCT reference_date FROM screens.recommendations')).toHaveLength(1);
    // a second run does nothing; one to another table publishes, and nothing else
    const stages = async (path: string): Promise<Record<string, string>> => {
      const run = await basketwise('run', '-c', path);
      expect(run).toMatchObject({ code: 0 });
      const names = readdirSync(join(folder, 'files', 'runs')).sort();
      const state = JSON.parse(latest('files', 'run.json')) as { stages: { name: string; status: string }[] };
      expect(names.length).toBeGreaterThan(0);
      return Object.fromEntries(state.stages.map(({ name, status }) => [name, status]));
    };
    server.sql('TRUNCATE screens.recommendations');
    await stages(file);
    expect(rows()).toEqual([]);
    const elsewhere = await stages(config('files', { output: toPostgres.replace('screens', 'screens, table: other') }));
    expect(elsewhere['publish-postgres']).toBe('done');
    expect(elsewhere.extract).toBe('skipped');
    expect(server.sql('SELECT count(*) FROM screens.other')).toEqual([[String(expected.length)]]);
  });

  it('publishes offers beside the recommendations, with both arms', async () => {
    const file = config('offering', { output: toPostgres.replace('screens', 'screens, table: listed, offers_table: offered') });
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}offers: { value: 10, capacity: { calls: { most: 500 } }, control: { share: 0.2, salt: a } }\n`,
    );
    expect(await basketwise('run', '-c', file)).toMatchObject({ code: 0 });
    await duckdb.run(
      `COPY (SELECT customer, "order", campaign, product_code, arm FROM read_parquet('${join(folder, 'offering', 'latest', 'offers.parquet')}')) TO '${join(folder, 'offers.csv')}' (FORMAT csv, HEADER false, DELIMITER '|', QUOTE '')`,
    );
    const expected = readFileSync(join(folder, 'offers.csv'), 'utf8').trim().split('\n').sort();
    const rows = server.sql('SELECT customer, "order", campaign, product_code, arm FROM screens.offered');
    expect(rows.map((row) => row.join('|')).sort()).toEqual(expected);
    expect(new Set(rows.map((row) => row.at(-1)))).toEqual(new Set(['offered', 'control']));
    expect(Number(server.sql('SELECT count(*) FROM screens.listed')[0]![0])).toBeGreaterThan(rows.length);
  });

  it.each([
    ['a type that has changed', 'changed', 65, 'M3_ABAL1'],
    ['no table', 'nowhere', 66, 'nowhere'],
  ])('%s', async (_, table, code, named) => {
    const file = config(table, { source: fromPostgres });
    writeFileSync(file, readFileSync(file, 'utf8').replace('from: customers', `from: ${table}`));
    const run = await basketwise('run', '-c', file);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(named);
  });

  it('Ctrl-C while the server works: 130, and it stops', async () => {
    const file = config('stopped', { source: fromPostgres });
    const endless = 'SELECT count(*) AS n FROM generate_series(1, 100000) a, generate_series(1, 1000000) b';
    const slow = `sql: "SELECT c.* FROM customers c CROSS JOIN (${endless}) e WHERE e.n > 0"`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('from: customers', slow));
    const working = () =>
      server.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()",
      );
    const { child, ended } = startBasketwise(folder, ['run', '-c', file]);
    await expect.poll(working).toEqual([['1']]);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ exitCode: 130 });
    expect(working()).toEqual([['0']]);
  });

  it('an address that is not set: 77 before anything is done; a wrong password: 77 from the doctor', async () => {
    const file = config('unset', { output: toPostgres.replace(variable, 'BASKETWISE_NOT_SET') });
    const run = await basketwise('run', '-c', file);
    expect(run.code).toBe(77);
    expect(run.stderr).toContain('output.postgres.url_env: the environment variable that it names is not set');
    process.env.BASKETWISE_WRONG = server.url({ password: 'guess-1234' });
    const doctor = await doctorIn({}, config('wrong', { source: fromPostgres.replace(variable, 'BASKETWISE_WRONG') }));
    delete process.env.BASKETWISE_WRONG;
    expect(doctor.code).toBe(77);
    expect(doctor.stdout + doctor.stderr).toContain(`PostgreSQL at 127.0.0.1:${server.port}/postgres`);
    expect(doctor.stdout + doctor.stderr).not.toContain('guess-1234');
    const right = await doctorIn({}, config('right', { source: fromPostgres }));
    expect(right.stdout).toContain('1500 rows');
  });
});
