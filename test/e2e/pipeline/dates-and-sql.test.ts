import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { basketwise, smallBank, testBank } from './small-bank.ts';

const bank = smallBank();

/** The bank whose holdings have the texts that `write` makes of their days. */
const dated = (write: (day: string, row: number) => string) => {
  let row = 0;
  return bank.holdings.replace(/\d{4}-\d{2}-\d{2}$/gm, (day) => `"${write(day, row++)}"`);
};

/** Runs a changed bank; the lists, where there are some. */
async function run(changes: Partial<typeof bank>, ...args: string[]) {
  const { folder } = await testBank({ ...bank, ...changes });
  const outcome = await basketwise(folder, 'run', ...args);
  const lists = outcome.exitCode === 0 ? readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8') : '';
  return { ...outcome, lists };
}
const inSeoul = bank.config.replace('source: { path: . }', 'source: { path: ., time_zone: Asia/Seoul }');

longTest('dates that are ISO timestamps in CSV, with and without a zone, give the lists that days give', async () => {
  const { lists } = await run({});
  const times = ['T00:00:00', ' 09:30', 'T23:59:59.123', 'T12:00:00,5', ''];
  expect((await run({ holdings: dated((day, row) => day + times[row % times.length]) })).lists).toBe(lists);
  // 15:30 in UTC of the day before is half past midnight in Seoul
  const moments = ['T15:30:00Z', 'T15:30Z', ' 15:30:00+00', 'T15:30:00.5+00:00', 'T15:30:00+0000'];
  const before = (day: string) => new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
  const zoned = dated((day, row) => before(day) + moments[row % moments.length]);
  expect((await run({ holdings: zoned, config: inSeoul })).lists).toBe(lists);
  const refused = await run({ holdings: zoned });
  expect(refused.exitCode).toBe(78);
  expect(refused.stderr).toMatch(/tables\.holdings: column opened holds moments .*\n.*source\.time_zone/);
});

test.each(['2022-02-30T10:00:00', '2022-01-01T25:00:00', '2022-01-01T10:61', '2022-01-01T10', '2022-01-01T10:00:00 CET'])(
  '%s is no date',
  async (text) => {
    const { exitCode, stderr } = await run({ holdings: dated((day, row) => (row === 4 ? text : day)), config: inSeoul });
    expect(exitCode).toBe(65);
    expect(stderr).toContain('is no date in 1 rows (row 5)');
    expect(stderr).not.toContain(text);
  },
);

test.each([
  [
    '  - { reason: NO_CONSENT, require: "consent = \'Y\'" }',
    '  - { reason: NO_CONSENT, require: "age < year(current_date)" }',
    'current_date',
    9,
  ],
  ['by: name, date: opened }', 'by: name, date: opened, where: "opened < now()" }', 'now()', 6],
  ['rules:', "derive:\n  AGED: \"date_diff('day', TIMESTAMP '2020-01-01', Current_Timestamp)\"\nrules:", 'Current_Timestamp', 9],
  ['rules:', 'features:\n  tenure: { sql: "age(DATE \'2020-01-01\')" }\nrules:', "age(DATE '2020-01-01')", 9],
  ['from: customers.csv,', 'sql: "SELECT *, today ( ) AS day FROM \'customers.csv\'",', 'today ( )', 4],
  ['rules:', 'clusters:\n  all: { k: 2, numeric: [age], where: "random() < 0.5" }\nrules:', 'random()', 9],
] as const)('%s becomes %s: refused with 78, the call and its line', async (from, to, call, line) => {
  const { exitCode, stderr } = await run({ config: bank.config.replace(from, to) });
  expect(exitCode).toBe(78);
  expect(stderr).toContain(`\`${call}\``);
  expect(stderr).toMatch(new RegExp(`basketwise\\.yaml:${line}:\\d+`));
  if (call !== 'random()') expect(stderr).toContain('write `:date`, the reference date');
});

test(':date stands in queries of tables, and files beside it are input; a column, a text and a comment named like a clock stay', async () => {
  const config = bank.config
    .replace(
      'from: customers.csv,',
      `sql: "SELECT id, age, consent, 'now()' AS \\"current_date\\" FROM 'customers.csv' /* now() */ WHERE :date > DATE '2000-01-01'",`,
    )
    .replace(
      'from: holdings.csv,',
      `sql: "SELECT * FROM read_csv('holdings.csv', all_varchar = true) WHERE opened <= CAST(:date AS VARCHAR)",`,
    )
    .replace(`"consent = 'Y'"`, `"consent = 'Y' AND \\"current_date\\" = 'now()'"`);
  const leading = {
    customers: bank.customers.replace(/^(\d{4})/gm, 'c$1'),
    holdings: bank.holdings.replace(/^(\d{4})/gm, 'c$1'),
  };
  const { lists } = await run(leading);
  const asked = await run({ ...leading, config });
  expect(asked.stderr).not.toContain('error');
  expect(asked.lists).toBe(lists);
});

test('an unknown encoding is refused with its line', async () => {
  const { exitCode, stderr } = await run({ config: bank.config.replace('path: .', 'path: ., encoding: klingon') });
  expect(exitCode).toBe(78);
  expect(stderr).toMatch(/basketwise\.yaml:2:\d+ source\.encoding: expected an encoding such as/);
});
