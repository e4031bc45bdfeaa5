import { mkdtempSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { publishToHive } from '../../packages/hive/src/server/publish.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { basketwise } from '../hive/fixtures/command.ts';
import { useDatabase } from '../hive/fixtures/database.ts';
import { failureTests } from '../hive/fixtures/failing-commands.ts';
import { killWhileFetching } from '../hive/fixtures/killed-fetch.ts';
import { loadTable } from '../hive/fixtures/load.ts';
import { publishingTests } from '../hive/fixtures/publishing.ts';
import { pushdownTests } from '../hive/fixtures/pushdown.ts';
import { releaseTests } from '../hive/fixtures/releases.ts';
import { briefSample, sampleOnServer } from '../hive/fixtures/sample-on-server.ts';
import { rows, settingsFor } from '../hive/fixtures/settings.ts';
import { keepTalkOf } from '../privacy/talk.ts';
import { running, type SparkServer, startServer, whyNoServer } from './fixtures/spark-server.ts';

const missing = whyNoServer();
const database = 'bw_source';
const tables = ['customers', 'products', 'holdings'];
const sparkSettings = (server: SparkServer): HiveSettings =>
  settingsFor(server, { engine: 'spark', auth: 'nosasl', connectTimeout: 90_000 });
/** Keeps the server busy for minutes. */
const endless = 'SELECT count(*) AS n FROM range(1000000000000)';

const fromSpark = (port: number): string =>
  `engine: spark\n  spark: { host: 127.0.0.1, port: ${port}, database: ${database}, auth: nosasl, connect_timeout: 90s }`;

/** Writes the sample's config over another source, for a run of its own. */
function writeConfig(folder: string, name: string, source: string): string {
  const options = { model: 'als', path: './data', output: `./${name}` } as const;
  const file = join(folder, `${name}.yaml`);
  const text = source.includes('spark')
    ? sampleOnServer(source, options)
    : sampleConfig(options).replace('engine: duckdb', source);
  writeFileSync(file, briefSample(text));
  return file;
}

describe.skipIf(missing)(`Spark Thrift Server${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: SparkServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.stop();
  });

  describe('as a source', () => {
    const bench = useDatabase(database, () => sparkSettings(server));
    const { folder } = bench;
    let engine: HiveEngine;

    beforeAll(async () => {
      await generateBank({ folder: join(folder, 'data'), customers: 4_000, seed: 1 });
      for (const table of tables) {
        const rows = `SELECT * FROM read_parquet('${join(folder, 'data', `${table}.parquet`)}')`;
        await loadTable(bench.duckdb, bench.hive, table, rows, join(folder, 'loaded'));
      }
    });
    afterEach(() => engine?.close());

    const engineFor = (changes: Partial<HiveSettings> = {}): HiveEngine => {
      engine = new HiveEngine({ ...sparkSettings(server), database, ...changes });
      return engine;
    };
    const config = (name: string, source: string): string => writeConfig(folder, name, source);

    it('recommends what it recommends from files, byte for byte', async () => {
      expect(await basketwise('run', '-c', config('files', 'engine: duckdb'))).toMatchObject({ code: 0 });
      expect(await basketwise('run', '-c', config('direct', fromSpark(server.port)))).toMatchObject({ code: 0 });
      const [files, direct] = ['files', 'direct'].map((name) =>
        readFileSync(join(folder, name, 'latest', 'recommendations.csv'), 'utf8'),
      );
      expect(files!.split('\n').length).toBeGreaterThan(4_000);
      expect(direct === files).toBe(true);
    });

    it('gives the same from work tables, and publishes it into a table of its own', async () => {
      const source = fromSpark(server.port).replace('auth', `work_tables: { schema: ${database} }, auth`);
      const file = config('worked', source);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/^output:\n/m, 'output:\n  spark: { table: recommendations, shared: ./shared }\n'),
      );
      expect(await basketwise('work-tables', 'create', '-c', file)).toMatchObject({ code: 0 });
      expect(await basketwise('run', '-c', file)).toMatchObject({ code: 0 });
      const [files, worked] = ['files', 'worked'].map((name) =>
        readFileSync(join(folder, name, 'latest', 'recommendations.csv'), 'utf8'),
      );
      expect(worked === files).toBe(true);
      const lines = files!.trimEnd().split('\n').length - 1;
      expect(await rows(engineFor(), 'SELECT CAST(count(*) AS int) AS n FROM recommendations')).toEqual([{ n: lines }]);
      expect(await basketwise('work-tables', 'drop', '-c', file)).toMatchObject({ code: 0 });
      await engine.run('DROP TABLE recommendations');
      expect([...(await engine.tables())].sort()).toEqual([...tables].sort());
    });

    it('values come exactly, and its tables are named without their database', async () => {
      const [found] = await rows(
        engineFor(),
        `SELECT '행복한 \\'정기\\' \\\\예금 😀' AS name, date '1932-02-29' AS day, 9007199254740993 AS big, true AS flag, CAST(NULL AS string) AS nothing,
       CAST('1234567890123456789012345678.0123456789' AS decimal(38,10)) AS exact, CAST(0.1 AS double) AS score, CAST(-7 AS smallint) AS small`,
      );
      expect(found).toEqual({
        ...{ name: "행복한 '정기' \\예금 😀", day: -13821, big: 9007199254740993n, flag: 1, nothing: null },
        ...{ exact: '1234567890123456789012345678.0123456789', score: 0.1, small: -7 },
      });
      expect([...(await engine.tables())].sort()).toEqual([...tables].sort());
      const dates = ['20240229', '20230229', '2024-02-29', '2024-13-01', 'x'].map((text, i) => `(${i}, '${text}')`).join(', ');
      const days = await rows(
        engine,
        `SELECT i, ${engine.dialect.asDate('t', 'text')} AS day FROM VALUES ${dates} AS v(i, t) ORDER BY i`,
      );
      expect(days.map(({ day }) => day)).toEqual([19782, null, 19782, null, null]);
      expect(await rows(engine, `SELECT t FROM VALUES ('1'), ('x') AS v(t) WHERE ${engine.dialect.isNoNumber('t')}`)).toEqual([
        { t: 'x' },
      ]);
    });

    it('its settings are those of the session; one that it does not let change is named', async () => {
      const zone = async (changes: Partial<HiveSettings>) =>
        (await rows(engineFor(changes), 'SELECT current_timezone() AS zone'))[0]!.zone;
      expect(await zone({})).toBe('UTC');
      expect(await zone({ session: { 'spark.sql.session.timeZone': 'Asia/Seoul' } })).toBe('Asia/Seoul');
      for (const name of ['spark.sql.warehouse.dir', 'hive.nonsense']) {
        const refused = engineFor({ session: { [name]: 'x' } }).run('SELECT 1');
        await expect(refused, name).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining(name) });
      }
    });

    it.each([
      ['no table', 'SELECT * FROM nowhere', 'missing-input'],
      ['no column', 'SELECT nothing FROM customers', 'bad-data'],
      ['SQL that is none', 'SELECT )', 'config'],
      ['a row that fails', "SELECT raise_error('9001019999999') AS v", 'unreachable'],
    ])('%s', async (_, sql, code) => {
      const failure = await rows(engineFor(), sql).catch((error: Error) => error);
      expect(failure).toMatchObject({ code });
      expect((failure as Error).message).toContain(`Spark at 127.0.0.1:${server.port}`);
      expect((failure as Error).message).not.toContain('9001019999999');
    });

    it('a folder that cannot be written: 74', async () => {
      // the user of the tests may write everywhere: only the kernel says no
      const closed = join(folder, 'closed');
      await engineFor().run(`CREATE DATABASE closed_mart LOCATION 'file:${closed}'`);
      rmdirSync(closed);
      symlinkSync('/proc', closed);
      const publication = { table: 'closed_mart.recommendations', referenceDate: '2022-08-31', campaigns: ['up'], run: 'a1' };
      const from = "(SELECT '1' AS customer, 'up' AS campaign) r";
      const published = publishToHive(engine, bench.duckdb, from, { ...publication, publisher: 'test' });
      await expect(published).rejects.toMatchObject({
        code: 'cannot-write',
        message: expect.stringContaining('closed_mart.recommendations'),
        hint: expect.stringContaining('source.spark'),
      });
      rmSync(closed);
      await engine.run('DROP DATABASE closed_mart');
    });

    it('over its time limit: 69; a signal cancels: 130; the server goes on', async () => {
      await expect(engineFor({ statementTimeout: 1_000 }).run(endless)).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('source.spark.statement_timeout'),
      });
      await engine.close();
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 1_000);
      await expect(engineFor().run(endless, { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
      await engine.close();
      expect(await rows(engineFor(), 'SELECT count(*) AS n FROM customers')).toEqual([{ n: 4_000n }]);
    });
  });

  describe('publishing', () => {
    publishingTests({ server: () => sparkSettings(server), brief: true });
  });

  describe('pushdown', () => {
    const keys = ', auth: nosasl, connect_timeout: 90s';
    pushdownTests({ engine: 'spark', keys, server: () => sparkSettings(server), customers: 4_000, brief: true });
  });

  describe('releases', () => {
    releaseTests({ engine: 'spark', keys: ', auth: nosasl, connect_timeout: 90s', server: () => sparkSettings(server) });
  });

  describe('failures of commands', () => {
    const keys = ', auth: nosasl, connect_timeout: 90s';
    failureTests({ engine: 'spark', keys, server: () => sparkSettings(server), endless });
  });

  it.skipIf(running)('a server that is gone: 69', async () => {
    // a kill in the middle of a result
    const sql = "SELECT id, repeat('x', 200) AS text FROM range(10000000)";
    const { code, errors } = await killWhileFetching(server, sparkSettings(server), sql);
    expect(code).toBe(69);
    expect(errors).toContain(`Spark at 127.0.0.1:${server.port}`);
    const folder = mkdtempSync(join(tmpdir(), 'basketwise-spark-gone-'));
    expect(await basketwise('run', '-c', writeConfig(folder, 'gone', fromSpark(server.port)))).toMatchObject({ code: 69 });
    keepTalkOf(folder);
    rmSync(folder, { recursive: true });
  });
});
