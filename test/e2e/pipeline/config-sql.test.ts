import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, testBank } from './small-bank.ts';

const small = smallBank();
const rule = (sql: string) => small.config.replace(`"consent = 'Y'"`, () => JSON.stringify(sql));
const customers = (sql: string) => small.config.replace('customers: { from: customers.csv', `customers: { sql: "${sql}"`);

/** Runs a config over the small bank; the error that it ends with. */
async function failureOf(config: string, statements: readonly string[] = []): Promise<AppError> {
  const { folder } = await testBank({ ...small, config });
  mkdirSync(join(folder, 'lists'));
  writeFileSync(join(folder, 'lists/out.csv'), 'id\nnone\n');
  if (statements.length > 0) {
    const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
    await engine.run(`ATTACH '${join(folder, 'bank.duckdb')}' AS bank`);
    for (const table of ['customers', 'products', 'holdings']) {
      const read = `read_csv('${join(folder, `${table}.csv`)}', all_varchar = true)`;
      await engine.run(`CREATE TABLE bank.${table}${table === 'customers' ? '_' : ''} AS FROM ${read}`);
    }
    for (const statement of statements) await engine.run(`USE bank; ${statement}`);
    await engine.close();
  }
  const outcome = await loadConfig(join(folder, 'basketwise.yaml'))
    .then((settings) => runJob(settings))
    .catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(AppError);
  expect(existsSync(join(folder, 'out/latest'))).toBe(false);
  return outcome as AppError;
}

const inSql = [
  ['a sample', customers("SELECT * FROM 'customers.csv' USING SAMPLE 50%"), 'SAMPLE'],
  ['a comment in a call', rule('random/**/() < 2'), 'random/**/()'],
  ['a call in quotes', rule('year("now"()) > 2000'), '"now"()'],
  ['an age with calls in calls', rule("age(CAST(trim(concat('2020-01', '-01')) AS date)) > INTERVAL 1 DAY"), 'age(CAST(trim('],
  ['a clock by its whole name', rule("system.main.today() > DATE '2000-01-01'"), 'today'],
  ['a local time', rule('current_localtimestamp() IS NOT NULL'), 'current_localtimestamp()'],
  ['a setting of the engine', rule("current_setting('threads') > 0"), "current_setting('threads')"],
  ['a table of the engine', rule('(SELECT count(*) FROM duckdb_settings()) > 0'), 'duckdb_settings()'],
  ['a table behind such a view', rule('(SELECT count(*) FROM information_schema.tables) > 0'), 'duckdb_tables'],
  ['SQL in a text', rule("(SELECT * FROM query('SELECT random()')) < 2"), 'random'],
  ['a pattern that is no text', rule("(SELECT count(*) FROM glob('li' || 'sts/*')) > 0"), 'glob('],
  ['the network', rule("id NOT IN (SELECT id FROM 'http://localhost:9/out.csv')"), 'http://'],
] as const;
test.each(inSql)('%s is refused with its line', async (_, config, call) => {
  const { code, message } = await failureOf(config);
  expect(code).toBe('config');
  expect(message).toMatch(/^basketwise\.yaml:\d+:\d+ /);
  expect(message).toContain(call);
});

const view = (sql: string) => [`CREATE VIEW customers AS ${sql}`];
const all = 'SELECT id, CAST(age AS int) AS age, consent FROM customers_';
test.each([
  ['a view', view(`${all} WHERE now() > TIMESTAMP '2000-01-01'`), 'now` in `the view customers'],
  ['a name that views keep without quotes', view(`${all} WHERE current_date > DATE '2000-01-01'`), 'current_date` in `the view'],
  [
    'a view of a view of a macro',
    ['CREATE MACRO drawn(x) AS x + random()', 'CREATE VIEW first AS SELECT drawn(1) AS d', ...view(`${all}, first WHERE d > 0`)],
    'random` in `the macro drawn',
  ],
  [
    'a column that is computed when it is read',
    ['CREATE TABLE customers (id text, age int, consent text, d double AS (random()))', `INSERT INTO customers ${all}`],
    'random` in `the table customers',
  ],
])('a clock or chance in %s of a database is refused', async (_, statements, reason) => {
  const config = small.config.replace('path: .', 'path: bank.duckdb').replace(/from: (\w+)\.csv/g, 'from: $1');
  const { code, message } = await failureOf(config, statements);
  expect(code).toBe('config');
  expect(message).toContain(reason);
});

test.each([
  ['a file under a name that is put together', rule("(SELECT count(*) FROM read_text('/etc/pass' || 'wd')) > 0")],
  ['a copy', rule("true); COPY (SELECT 1) TO 'copied.csv'; SELECT (true")],
  ['a copy as a query', customers("COPY (SELECT 1) TO 'copied.csv'")],
  ['another database', customers("ATTACH 'other.duckdb'")],
  ['a setting', customers('SET threads = 1')],
  ['an extension', customers('INSTALL httpfs')],
  ['an extension to load', customers('LOAD httpfs')],
  ['two queries', customers("SELECT 1; SELECT * FROM 'customers.csv'")],
  ['a name in quotes that no column has', rule('"current_date" IS NOT NULL')],
  ['comments in comments without end', rule('/*'.repeat(60_000))],
  ['comments in comments', rule(`${'/*'.repeat(60_000)}${'*/'.repeat(60_000)} true`)],
  ['brackets in brackets', rule(`${'('.repeat(60_000)}true${')'.repeat(60_000)}`)],
  [
    'derived columns on derived columns',
    small.config.replace(
      'rules:',
      `derive:\n${Array.from({ length: 400 }, (_, i) => `  d${i}: ${i === 0 ? 'age' : `d${i - 1} + 1`}`).join('\n')}\nrules:`,
    ),
  ],
])('%s is a fault of the config', async (_, config) => {
  const { code, message } = await failureOf(config);
  expect(code).toBe('config');
  expect(message.length).toBeLessThan(400);
});
