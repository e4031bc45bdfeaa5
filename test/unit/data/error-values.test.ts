import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: DuckdbEngine;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-errors-'));
  engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: folder });
  await engine.run(`CREATE TABLE t AS SELECT * FROM (VALUES
    ('Planted/Kim 0042', 8200042.5::DOUBLE, 9223372036854775807::BIGINT, '/tmp/planted-0042.csv'),
    ('2022/13/0042', -0.5, 1::BIGINT, 'parquet footer "planted.0042" (')) v(name, amount, big, odd)`);
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

/** Expressions over the planted values that fail on one of them. */
const expressions = [
  'CAST(name AS INTEGER)',
  'CAST(name AS DATE)',
  'CAST(odd AS DOUBLE)',
  'CAST(odd AS BOOLEAN)',
  'CAST(name AS UUID)',
  'CAST(name AS INTERVAL)',
  'CAST(name AS TIME)',
  'CAST(odd AS TIMESTAMP)',
  'CAST(name AS INTEGER[])',
  'CAST(name AS STRUCT(a INTEGER))',
  "CAST(name AS ENUM('a', 'b'))",
  'CAST(amount AS TINYINT)',
  'CAST(amount AS DECIMAL(3, 1))',
  'big + big',
  'big * 10',
  'sqrt(amount)',
  'ln(amount)',
  "strptime(name, '%Y-%m-%d')",
  'regexp_matches(name, odd)',
  'error(name)',
  'error(odd)',
  'date_part(name, DATE 2022-01-01)',
  'date_trunc(name, current_date)',
  "printf(odd || '%d', name)",
  'format(odd, 1)',
  'chr(CAST(big AS INTEGER))',
  'repeat(name, big)',
  'json_extract(name, odd)',
  'CAST(name AS JSON)',
  'map([name, name], [1, 2])',
  'make_date(CAST(amount AS BIGINT), 42, 42)',
  'from_hex(name)',
  'unbin(name)',
  'CAST(name AS BLOB)',
  'CAST(name AS BIT)',
  'factorial(CAST(big % 1000 AS INTEGER))',
  '(SELECT name FROM t)',
];

test.each(expressions)('%s fails, or not, without a value of the data', async (expression) => {
  for (const sql of [
    `SELECT ${expression} FROM t`,
    `SELECT ${expression} FROM t LIMIT 1 OFFSET 1`,
    `CREATE TEMP TABLE made AS SELECT ${expression} FROM t`,
  ]) {
    for (const options of [{}, { place: 'derive.x' }]) {
      const outcome = await engine.run(sql, options).then(
        () => '',
        ({ message, hint }: AppError) => `${message}\n${hint}`,
      );
      await engine.run('DROP TABLE IF EXISTS made');
      expect(outcome).not.toMatch(/planted|kim|0042|8200042|13\/|92233|-0\.5/i);
    }
  }
});

test('most of these expressions do fail', async () => {
  const failed = await Promise.all(
    expressions.map((sql) =>
      engine.run(`SELECT ${sql} FROM t`).then(
        () => 0,
        () => 1,
      ),
    ),
  );
  expect(failed.filter((one) => one === 1).length).toBeGreaterThan(25);
});

test('a missing column of a table with an alias names similar ones as others do', async () => {
  for (const sql of ['SELECT a.amont FROM t a JOIN t b USING (big)', 'SELECT amont FROM t'])
    await expect(engine.run(`CREATE TABLE x AS ${sql}`)).rejects.toMatchObject({ hint: expect.stringMatching(/Similar: "/) });
});
