import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DuckdbEngine,
  duckdbDialect,
  hiveDialect,
  openDuckdb,
  postgresDialect,
  queryRows,
  sparkDialect,
  sqlUses,
  undecidedIn,
  withDerivedTexts,
} from '@basketwise/data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
let engine: DuckdbEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-sql-'));
  mkdirSync(join(folder, 'data/lists'), { recursive: true });
  mkdirSync(join(folder, 'own'));
  for (const name of ['data/lists/out.csv', 'beside.csv', 'named.csv']) writeFileSync(join(folder, name), 'id\n1\n');
  engine = await openDuckdb({
    ...{ memory: '200MB', threads: 1 },
    ...{ tempDirectory: join(folder, 'spill'), path: join(folder, 'data') },
  });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

describe('an expression', () => {
  const uses = (sql: string) => sqlUses(engine, { sql, isQuery: false, place: 'rules[0].require' });
  test.each([
    "'now()' = x",
    '"current_date" IS NULL',
    't.current_date IS NULL',
    '/* now() /* now() */ now() */ x',
    '$$now()$$ = x',
    'age(x, y) > z',
    "error('x')",
    'now',
    "EXISTS (SELECT 1 FROM 'lists/out.csv' USING SAMPLE reservoir(10 ROWS) REPEATABLE (1))",
    "(SELECT count(*) FROM read_csv(['lists/out.csv'], all_varchar = true), range(3)) > 0",
    'list_transform(x, y -> y + 1)[1]',
  ])('%s depends on tables alone', async (sql) => {
    expect((await uses(sql)).fault).toBeUndefined();
  });

  test('names the files that it reads, wherever they stand', async () => {
    const { patterns } = await uses(
      "x IN (WITH a AS (FROM 'lists/a.csv') SELECT (SELECT max(b) FROM read_csv(['lists/b.csv', $$lists/c.csv$$])) FROM a, \"lists/d.csv\")",
    );
    expect(patterns).toEqual(expect.arrayContaining(['lists/a.csv', 'lists/b.csv', 'lists/c.csv', 'lists/d.csv']));
  });
});

describe('SQL for servers', () => {
  test.each([
    [postgresDialect, 'random/**/() < 1', 'random/**/()'],
    [postgresDialect, '"now"() > x', '"now"()'],
    [postgresDialect, 'pg_catalog.clock_timestamp() > x', 'clock_timestamp()'],
    [postgresDialect, 'age(greatest(a, b)) > x', 'age(greatest(a, b))'],
    [postgresDialect, "x > date 'today'", "'today'"],
    [postgresDialect, "x > 'now'::date", "'now'"],
    [postgresDialect, 'SELECT * FROM t TABLESAMPLE system (50)', 'TABLESAMPLE system (50)'],
    [hiveDialect, 'SELECT * FROM t TABLESAMPLE(50 PERCENT)', 'TABLESAMPLE(50 PERCENT)'],
    [sparkDialect, '`rand`() < 1', '`rand`()'],
    [sparkDialect, '/* /* */ now() */ current_timestamp', 'current_timestamp'],
  ] as const)('$name: %s', (dialect, sql, call) => {
    expect(undecidedIn(dialect, sql)?.call).toBe(call);
  });
  test.each([
    [postgresDialect, '"current_date" = $a$now()$a$ /* /* */ now() */'],
    [postgresDialect, 'age(greatest(a, b), c) > x'],
    [postgresDialect, 'SELECT * FROM t TABLESAMPLE system (50) REPEATABLE (1)'],
    [postgresDialect, "status = 'now'"],
    [hiveDialect, 'SELECT * FROM t TABLESAMPLE(BUCKET 1 OUT OF 4 ON id)'],
    [hiveDialect, "unix_timestamp(x) > rand(7) AND \"it's now()\" = 'a\\'now()'"],
    [sparkDialect, 'c.current_date > `now`'],
  ] as const)('$name depends on tables alone: %s', (dialect, sql) => {
    expect(undecidedIn(dialect, sql)).toBeUndefined();
  });
});

test('derived columns are found by their names, not in texts and comments, and each once', () => {
  const derive = { a: 'age', b: 'a + a', c: "'b' || 'x' -- b", d: '"B" + c' };
  expect(withDerivedTexts(duckdbDialect, 'd', derive)).toEqual(['d', derive.d, derive.c, derive.b, derive.a]);
  expect(withDerivedTexts(duckdbDialect, 'c', derive)).toEqual(['c', derive.c]);
});

test('a confined engine reads its folders and what is named, and its settings stay', async () => {
  await engine.confine([join(folder, 'own')], [join(folder, 'named.csv'), 'lists/*.csv', 'lists/none.csv']);
  const count = async (from: string) => (await queryRows(engine, `SELECT count(*) AS n FROM ${from}`))[0]!.n;
  expect(await count("'lists/*.csv'")).toBe(1);
  expect(await count(`'${join(folder, 'named.csv')}'`)).toBe(1);
  await engine.run(`COPY (SELECT 1) TO '${join(folder, 'own/written.csv')}'`);
  await expect(count("read_csv('lists/none.csv')")).rejects.toMatchObject({ code: 'missing-input' });
  for (const from of [`'${join(folder, 'beside.csv')}'`, "read_text('/etc/passwd')", "glob('/etc/*')", "'../beside.csv'"])
    await expect(count(from), from).rejects.toMatchObject({ code: 'config' });
  for (const sql of [
    `COPY (SELECT 1) TO '${join(folder, 'written.csv')}'`,
    `ATTACH '${join(folder, 'other.duckdb')}'`,
    "SET memory_limit = '1GB'",
    'SET GLOBAL enable_external_access = true',
    'INSTALL httpfs',
    'LOAD httpfs',
  ])
    await expect(engine.run(sql), sql).rejects.toMatchObject({ code: 'config' });
});
