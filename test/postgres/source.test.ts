import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, localRows, openRelation, type PostgresSettings, parseAddress, refuseFaulty } from '@basketwise/data';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PostgresEngine } from '../../packages/postgres/src/engine.ts';
import { openGate } from '../hive/fixtures/gate.ts';
import { rows } from '../hive/fixtures/settings.ts';
import { type Authority, makeAuthority } from '../tls/authority.ts';
import { type PostgresServer, startServer, whyNoServer } from './fixtures/postgres-server.ts';
import { useServer } from './fixtures/server.ts';

const missing = whyNoServer();
/** Keeps the server busy for minutes. */
const endless = 'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b';
/** Gives rows for minutes. */
const flood = "SELECT a, repeat('x', 200) AS text FROM generate_series(1, 100000000) a";
const drain = async (parts: AsyncIterable<Uint8Array>) => {
  for await (const _ of parts);
};

describe.skipIf(missing)(`PostgreSQL as a source${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let authority: Authority;
  const bench = useServer('source', async () => {
    authority = await makeAuthority();
    return startServer(await authority.sign('127.0.0.1'));
  });
  const { folder } = bench;
  let server: PostgresServer;
  let duckdb: DuckdbEngine;
  let engine: PostgresEngine;

  beforeAll(async () => {
    ({ server, duckdb } = bench);
    writeFileSync(join(folder, 'ca.pem'), authority.ca);
    writeFileSync(join(folder, 'other.pem'), (await makeAuthority()).ca);
  });
  afterEach(() => engine?.close());

  const engineFor = (changes: Partial<PostgresSettings> = {}): PostgresEngine => {
    const address = parseAddress(server.url(), 'test');
    engine = new PostgresEngine({ ...address, connectTimeout: 3_000, statementTimeout: 60_000, ...changes });
    return engine;
  };
  const running = (): string[][] =>
    server.sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'basketwise'");

  const kinds = `SELECT * FROM (VALUES
    (text '0007', varchar(40) '행복한 "정기", 예금 😀', date '1932-02-29', bigint '9007199254740993', numeric(38,10) '1234567890123456789012345678.0123456789',
      0.1::float8, true, smallint '-7', 2147483647, 1.1::real),
    ('', E'a\\nb\\r\\n\\\\.\\n,\\\\N', date '9999-12-31', -9223372036854775808, -0.0000000001, -1e300, false, 0, -2147483648, 0.1),
    (null, null, null, null, null, null, null, null, null, null)) k(id, name, day, big, exact, score, flag, small, int_, float_)`;

  it('dates and numbers in formats of the config have their values, and others are refused with their number', async () => {
    const sql = `SELECT * FROM (VALUES ('31/12/2019', '43830', '1.234,5', 1022020), ('29/02/2020 ', '43890,5', '-7', 31122019), (null, '', ' ', null))
      v(day, serial, amount, short)`;
    const dateFormat = { day: 'DD/MM/YYYY', serial: 'excel', short: 'DDMMYYYY' };
    const source = { sql, dateFormat, decimalComma: ['amount'] };
    const relation = await openRelation(engineFor(), source, { place: 'tables.holdings' });
    await refuseFaulty(engine, relation, {});
    expect(await rows(engine, `SELECT * FROM ${relation.from} t`)).toEqual([
      { day: 18261, serial: 18261, amount: 1234.5, short: 18293 },
      { day: 18321, serial: 18321, amount: -7, short: 18261 },
      { day: null, serial: null, amount: null, short: null },
    ]);
    const spoilt = await openRelation(engine, { ...source, sql: sql.replace('29/02/2020', '29/02/2019') }, {});
    await expect(refuseFaulty(engine, spoilt, {})).rejects.toMatchObject({ message: expect.stringContaining('in 1 rows') });
  });

  it('values come exactly, row by row and through a file', async () => {
    const found = await rows(engineFor(), kinds);
    const [first, second, third] = found;
    expect(first).toEqual({
      ...{ id: '0007', name: '행복한 "정기", 예금 😀', day: -13821, big: 9007199254740993n },
      ...{ exact: '1234567890123456789012345678.0123456789', score: 0.1, flag: 1, small: -7, int_: 2147483647, float_: 1.1 },
    });
    expect(second).toMatchObject({
      id: '',
      name: 'a\nb\r\n\\.\n,\\N',
      day: 2932896,
      big: -9223372036854775808n,
      score: -1e300,
      flag: 0,
    });
    expect(Object.values(third!)).toEqual(Array(10).fill(null));
    const names = Object.keys(first!);
    const fetched = await localRows(
      engine,
      duckdb,
      `SELECT id, name, day, big, CAST(exact AS text) AS exact, score, flag, small, int_ FROM (${kinds}) k`,
      names.slice(0, 9),
    );
    const arrived = await rows(duckdb, `SELECT * FROM ${fetched}`);
    expect(arrived).toHaveLength(3);
    expect(arrived).toContainEqual({ ...first, small: -7n, int_: 2147483647n, float_: undefined });
    expect(arrived).toContainEqual({ ...second, small: 0n, int_: -2147483648n, float_: undefined });
  });

  it('types, by what they can be used for', async () => {
    server.sql("CREATE TYPE colour AS ENUM ('red'); CREATE DOMAIN short AS varchar(3)");
    const items = [
      '1::smallint',
      '1::bigint',
      '1::numeric(10,0)',
      '1::numeric(10,2)',
      '1::numeric',
      "'a'::char(3)",
      "'a'::varchar",
      "'red'::colour",
      "'a'::short",
      'now()',
      'now()::timestamp(3)',
      'true',
      "'{}'::json",
    ];
    const columns = await engineFor().columns(`(SELECT ${items.map((sql, i) => `${sql} AS c${i}`).join(', ')}) t`);
    const { kindOf, isZoned } = engine.dialect;
    expect(columns.map(({ type }) => kindOf(type))).toEqual([
      ...[
        'integer',
        'integer',
        'integer',
        'number',
        'number',
        'text',
        'text',
        'text',
        'text',
        'date',
        'date',
        'boolean',
        'other',
      ],
    ]);
    expect(columns.map(({ type }) => isZoned(type)).indexOf(true)).toBe(9);
  });

  it('texts are dates where there is such a day, as in the engine of files', async () => {
    const texts = [
      '20240229',
      '20230229',
      '2000-02-29',
      '1900-02-29',
      '2024-13-01',
      '2024-04-31',
      ' 2024-04-30 ',
      '2024-0430',
      '',
      'x',
      '99991231',
      '20240100',
    ];
    const values = texts.map((text, i) => `(${i}, '${text}')`).join(', ');
    const select = (dialect: typeof engine.dialect) =>
      `SELECT i, ${dialect.asDate('t', 'text')} AS day FROM (VALUES ${values}) v(i, t) ORDER BY i`;
    const found = await rows(engineFor(), select(engine.dialect));
    expect(found).toEqual(await rows(duckdb, select(duckdb.dialect as typeof engine.dialect)));
    expect(found.filter(({ day }) => day !== null)).toHaveLength(4);
    const numbers = ['1', ' -2.5e3 ', '.5', 'NaN', 'x', '', '1,5', 'infinity', '1e']
      .map((text, i) => `(${i}, '${text}')`)
      .join(', ');
    const bad = await rows(
      engine,
      `SELECT t FROM (VALUES ${numbers}) v(i, t) WHERE ${engine.dialect.isNoNumber('t')} ORDER BY i`,
    );
    expect(bad.map(({ t }) => t)).toEqual(['x', '', '1,5', '1e']);
  });

  it('a moment has its day in the zone of the config', async () => {
    const day = async (timeZone?: string) =>
      (
        await rows(
          engineFor({ timeZone }),
          `SELECT ${engine.dialect.asDate("timestamptz '2024-02-28 20:00:00+00'", 'date')} AS day`,
        )
      )[0]!.day;
    expect(await day('Asia/Seoul')).toBe(((await day()) as number) + 1);
  });

  it('all statements see the tables as they were at the first', async () => {
    server.sql('CREATE TABLE moving AS SELECT 1 AS x');
    expect(await rows(engineFor(), 'SELECT count(*) AS n FROM moving')).toEqual([{ n: 1n }]);
    server.sql('INSERT INTO moving SELECT 2');
    expect(await rows(engine, 'SELECT count(*) AS n FROM moving')).toEqual([{ n: 1n }]);
    await expect(engine.run('INSERT INTO moving SELECT 3')).rejects.toMatchObject({ code: 'config' });
    // a statement that failed does not end the others
    expect(await rows(engine, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each([
    ['no table', 'SELECT * FROM nowhere', 'missing-input'],
    ['no column', 'SELECT nothing FROM pg_class', 'bad-data'],
    ['a value that does not convert', "SELECT CAST(v AS int) FROM (VALUES ('9001019999999')) t(v)", 'bad-data'],
    ['SQL that is none', 'SELECT FROM WHERE', 'config'],
    ['no right', 'SELECT * FROM secret.salaries', 'not-permitted'],
  ])('%s: %#', async (_, sql, code) => {
    server.sql(
      "CREATE SCHEMA IF NOT EXISTS secret; CREATE TABLE IF NOT EXISTS secret.salaries (x int); DO $$BEGIN CREATE ROLE teller LOGIN PASSWORD 'teller'; EXCEPTION WHEN duplicate_object THEN NULL; END$$; GRANT USAGE ON SCHEMA secret TO teller",
    );
    const failure = await rows(engineFor(parseAddress(server.url({ user: 'teller', password: 'teller' }), 'test')), sql).catch(
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code });
    expect((failure as Error).message).toContain(`127.0.0.1:${server.port}/postgres`);
    expect(JSON.stringify([(failure as Error).message])).not.toContain('9001019999999');
  });

  it.each([
    ['a wrong password', { password: 'guess-1234' }, 'not-permitted'],
    ['no such database', { database: 'nowhere' }, 'missing-input'],
    ['no server there', { port: 1 }, 'unreachable'],
  ])('%s', async (_, changes, code) => {
    const failure = await engineFor(changes)
      .run('SELECT 1')
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code });
    expect(JSON.stringify([(failure as Error).message, (failure as unknown as { hint: string }).hint])).not.toContain(
      'guess-1234',
    );
  });

  it('over its time limit: 69; a signal cancels on the server: 130', async () => {
    await expect(engineFor({ statementTimeout: 500 }).run(endless)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('timeout'),
    });
    await engine.close();
    for (const work of [
      (signal: AbortSignal) => engineFor().run(endless, { signal }),
      (signal: AbortSignal) => engineFor().copyOut(flood, drain, { signal }),
      (signal: AbortSignal) => rows(engineFor(), flood, { signal }),
    ]) {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 500);
      await expect(work(stop.signal)).rejects.toMatchObject({ code: 'interrupted' });
      await expect.poll(running).toEqual([['0']]);
      await engine.close();
    }
  });

  it('rows that cannot be put away: that failure, and the server stops sending', async () => {
    const fetching = engineFor().copyOut(flood, async (parts) => {
      for await (const _ of parts) throw new AppError('cannot-write', 'the disk is full', 'none');
    });
    await expect(fetching).rejects.toMatchObject({ code: 'cannot-write', message: 'the disk is full' });
    await expect.poll(running).toEqual([['0']]);
    await engine.close();
  });

  it('a connection that is cut, or goes silent, while rows come: 69, never a hang', async () => {
    const ways = {
      file: () => engine.copyOut(flood, drain),
      rows: () => rows(engine, flood),
    };
    for (const end of ['cut', 'silence'] as const) {
      for (const [way, fetch] of Object.entries(ways)) {
        const gate = await openGate({ host: '127.0.0.1', port: server.port });
        engineFor({ port: gate.port, statementTimeout: 1_000 });
        setTimeout(() => gate[end](), 400);
        await expect(fetch(), `${end}, ${way}`).rejects.toMatchObject({ code: 'unreachable' });
        gate.cut();
        await gate.shut();
        await engine.close();
      }
    }
  });

  it('a peer that accepts and stays silent: 69 within the connect timeout', async () => {
    const gate = await openGate({ host: '127.0.0.1', port: server.port });
    gate.silence();
    const failure = await engineFor({ port: gate.port, connectTimeout: 500 })
      .run('SELECT 1')
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining(`127.0.0.1:${gate.port}`) });
    gate.cut();
    await gate.shut();
  });

  it('TLS: in with a certificate that is known, refused with the reason otherwise', async () => {
    const ca = join(folder, 'ca.pem');
    const encrypted = await rows(
      engineFor({ tls: { ca, verify: true } }),
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    expect(encrypted).toEqual([{ ssl: 1 }]);
    await engine.close();
    const refused = async (tls: PostgresSettings['tls'], reason: RegExp) => {
      const failure = await engineFor({ tls })
        .run('SELECT 1')
        .catch((error: Error) => error);
      expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/the certificate is refused/) });
      expect((failure as Error).message).toMatch(reason);
      await engine.close();
    };
    await refused({ verify: true }, /verify|issuer/);
    await refused({ ca: join(folder, 'other.pem'), verify: true }, /verify|issuer|signature/);
    await refused({ ca, serverName: 'bank.example', verify: true }, /altnames/);
    const expired = await startServer(await authority.sign('127.0.0.1', -1));
    try {
      const failure = await engineFor({ port: expired.port, tls: { ca, verify: true } })
        .run('SELECT 1')
        .catch((error: Error) => error);
      expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('expired') });
      expect(await rows(engineFor({ port: expired.port, tls: { verify: false } }), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await engine.close();
      await expired.stop();
    }
  });

  it('a server that is killed while rows come: 69', async () => {
    const own = await startServer();
    const fetching = engineFor(parseAddress(own.url(), 'test')).copyOut(flood, drain);
    setTimeout(() => own.kill(), 500);
    await expect(fetching).rejects.toMatchObject({ code: 'unreachable' });
    await own.stop();
  });
});
