import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, exitCodes } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';
import { diagnose } from '@basketwise/insight';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HiveEngine } from '../../packages/hive/src/server/engine.ts';
import { publishToHive } from '../../packages/hive/src/server/publish.ts';
import type { HiveSettings } from '../../packages/hive/src/server/settings.ts';
import { freePort, type HiveServer, startServer, whyNoServer } from './fixtures/hive-server.ts';
import { killWhileFetching } from './fixtures/killed-fetch.ts';
import { sampleOnServer } from './fixtures/sample-on-server.ts';
import { rows, rowsOf, settingsFor } from './fixtures/settings.ts';

const missing = process.env.BASKETWISE_HIVE === undefined ? whyNoServer() : 'it kills its server';

/** Keeps map-reduce busy for minutes. */
const endless = `SELECT count(DISTINCT hash(a.v, b.v, c.v)) AS n FROM ${rowsOf(3000, 'a')} CROSS JOIN ${rowsOf(3000, 'b')} CROSS JOIN ${rowsOf(3000, 'c')}`;

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => expect.fail('did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

async function secondsOf<T>(work: Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = performance.now();
  return { value: await work, seconds: (performance.now() - start) / 1000 };
}

describe.skipIf(missing)(`failures of HiveServer2${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let server: HiveServer;
  const engines: HiveEngine[] = [];
  const engineFor = (changes: Partial<HiveSettings> = {}): HiveEngine => {
    const engine = new HiveEngine(settingsFor(server, { auth: 'plain', password: 'secret', ...changes }));
    engines.push(engine);
    return engine;
  };

  beforeAll(async () => {
    server = await startServer({ auth: 'CUSTOM', transport: 'all', engine: 'mr', sqlStandardAuthorization: true });
    const admin = engineFor();
    await admin.run('SET ROLE admin');
    await admin.run('CREATE TABLE secrets (id string, amount int)');
    await admin.run("INSERT INTO secrets VALUES ('7001011234567', 5)");
  });

  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });

  afterAll(async () => {
    await server?.stop();
  });

  it.each(['nosasl', 'plain', 'http'])('connection refused (%s): 69', async (way) => {
    const port = await freePort();
    const changes: Partial<HiveSettings> = way === 'http' ? { port, transport: 'http' } : { port, auth: way as 'plain' };
    const error = await failureOf(rows(engineFor(changes), 'SELECT 1'));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('raw thrift to a server that wants SASL: 69, not a hang; auth none greets it so', async () => {
    const error = await failureOf(rows(engineFor({ auth: 'nosasl' }), 'SELECT 1'));
    expect(error.code).toBe('unreachable');
    expect(await rows(engineFor({ auth: 'none' }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each(['binary', 'http'] as const)('wrong password (%s): 77, the password not named', async (transport) => {
    const port = transport === 'http' ? server.httpPort : server.port;
    const error = await failureOf(rows(engineFor({ transport, port, password: 'guess-1234' }), 'SELECT 1'));
    expect(error.code).toBe('not-permitted');
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain('guess-1234');
  });

  it('the doctor finds a wrong password, and lists what the right one reads', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'basketwise-doctor-'));
    const file = join(folder, 'basketwise.yaml');
    const hive = `hive: { host: 127.0.0.1, port: ${server.port}, auth: ldap, user: hive, password_env: BASKETWISE_TEST_PASSWORD }`;
    writeFileSync(file, sampleOnServer(`engine: hive\n  ${hive}`, { model: 'als', path: './data', output: './out' }));
    const looked = async (password: string) => {
      process.env.BASKETWISE_TEST_PASSWORD = password;
      return await diagnose(file);
    };
    try {
      const wrong = await looked('guess-1234');
      expect(wrong.exitCode).toBe(77);
      expect(wrong.checks.find(({ exitCode }) => exitCode === 77)).toMatchObject({ name: `Hive at 127.0.0.1:${server.port}` });
      expect(JSON.stringify(wrong)).not.toContain('guess-1234');
      const right = await looked('secret');
      expect(right.checks.find(({ name }) => name.startsWith('Hive'))).toMatchObject({
        status: 'ok',
        text: expect.stringMatching(/^reachable, logged in as hive; .* a trivial query \d+\.\d\d s$/),
      });
      // the tables of the sample are not there
      expect(right.exitCode).toBe(66);
      expect(right.checks.filter(({ exitCode }) => exitCode === 66).map(({ name }) => name)).toEqual([
        ...['tables.customers', 'tables.products', 'tables.holdings'],
      ]);
    } finally {
      delete process.env.BASKETWISE_TEST_PASSWORD;
      rmSync(folder, { recursive: true });
    }
  });

  it('right password: in, over TCP and HTTP', async () => {
    expect(await rows(engineFor(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await rows(engineFor({ transport: 'http', port: server.httpPort }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('Kerberos without its package: 78, and how to install it', async () => {
    const error = await failureOf(rows(engineFor({ auth: 'kerberos' }), 'SELECT 1'));
    expect(error.code).toBe('config');
    expect(error.message).toContain('needs the package kerberos, which is not installed');
    expect(error.hint).toContain('npm install kerberos@7');
  });

  it.each([
    { what: 'missing table', sql: 'SELECT * FROM nowhere', code: 66, names: ['table nowhere', 'SELECT * FROM nowhere'] },
    { what: 'missing database', sql: 'SELECT * FROM nodb.nowhere', code: 66, names: ['table nodb.nowhere'] },
    { what: 'missing column', sql: 'SELECT nope FROM secrets', code: 65, names: ['table secrets', "'nope'"] },
    { what: 'bad SQL', sql: 'SELEC 1 FROM secrets', code: 78, names: ['table secrets', 'SELEC 1'] },
    {
      what: 'failing job',
      sql: 'SELECT assert_true(count(*) < 0) FROM secrets',
      code: 69,
      names: ['table secrets', 'assert_true'],
    },
  ])('$what: $code', async ({ sql, code, names }) => {
    const admin = engineFor();
    await admin.run('SET ROLE admin');
    const error = await failureOf(rows(admin, sql, { place: 'tables.customers' }));
    expect(exitCodes[error.code]).toBe(code);
    for (const name of [`127.0.0.1:${server.port}`, 'tables.customers', ...names]) expect(error.message).toContain(name);
  });

  it('a failing row: neither its values nor the literals of the statement are in the message', async () => {
    const admin = engineFor();
    await admin.run('SET ROLE admin');
    const error = await failureOf(
      rows(admin, "SELECT assert_true(id <> '7001011234567'), count(*) FROM secrets WHERE id = '7001011234567' GROUP BY id"),
    );
    expect(error.code).toBe('unreachable');
    expect(error.message).not.toContain('7001011');
  });

  it('no privilege to read: 77', async () => {
    const error = await failureOf(rows(engineFor({ user: 'guest' }), 'SELECT * FROM secrets'));
    expect(error.code).toBe('not-permitted');
    for (const name of [`127.0.0.1:${server.port}`, 'table secrets', 'statement "SELECT * FROM secrets"']) {
      expect(error.message).toContain(name);
    }
  });

  it('no permission on the output table: 74', async () => {
    const admin = engineFor();
    await admin.run('SET ROLE admin');
    await admin.run('CREATE DATABASE IF NOT EXISTS closed_mart');
    const spill = mkdtempSync(join(tmpdir(), 'basketwise-spill-'));
    const duckdb = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: spill });
    const publication = {
      table: 'closed_mart.recommendations',
      referenceDate: '2022-08-31',
      campaigns: ['up'],
      run: 'a1',
      publisher: 'test',
    };
    const from = "(SELECT '1' AS customer, 'up' AS campaign) r";
    const error = await failureOf(publishToHive(engineFor({ user: 'guest' }), duckdb, from, publication));
    await duckdb.close();
    rmSync(spill, { recursive: true });
    expect(error.code).toBe('cannot-write');
    expect(error.message).toContain('closed_mart.recommendations');
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(error.message).toContain('statement "CREATE EXTERNAL TABLE');
  });

  it('over its time limit: cancelled, 69; the connection still serves', async () => {
    const engine = engineFor({ statementTimeout: 3_000 });
    const { value: error, seconds } = await secondsOf(failureOf(rows(engine, endless)));
    expect(error.code).toBe('unreachable');
    expect(error.message).toContain('longer than 3 s');
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(error.message).toContain('statement "SELECT count(DISTINCT');
    expect(seconds).toBeLessThan(15);
    expect(await rows(engine, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('a signal cancels the running statement: 130', async () => {
    const controller = new AbortController();
    const engine = engineFor();
    setTimeout(() => controller.abort(), 1_500);
    const { value: error, seconds } = await secondsOf(failureOf(rows(engine, endless, { signal: controller.signal })));
    expect(error.code).toBe('interrupted');
    expect(seconds).toBeLessThan(15);
    expect(await rows(engine, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('opens a new connection when the old one was closed between statements', async () => {
    const engine = engineFor();
    expect(await rows(engine, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await engine.close();
    expect(await rows(engine, 'SELECT 2 AS two')).toEqual([{ two: 2 }]);
  });

  it('kill -9 of the server mid-fetch: the process ends with 69, not 0', async () => {
    const sql = `SELECT a.v AS x, b.v AS y FROM ${rowsOf(1000, 'a')} CROSS JOIN ${rowsOf(1000, 'b')}`;
    const settings = settingsFor(server, { auth: 'plain', password: 'secret', connectTimeout: 5_000, statementTimeout: 60_000 });
    const { code, errors } = await killWhileFetching(server, settings, sql);
    expect(code).toBe(69);
    expect(errors).toContain(`127.0.0.1:${server.port}`);
    expect(errors).toContain('holdings');
    expect(errors).toContain('statement "SELECT a.v AS x');
  });
});
