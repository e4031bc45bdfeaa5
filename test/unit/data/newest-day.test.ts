import { newestCertainDay, newestDay } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallRequest, temporaryFolder } from './bank.ts';

const { holdings } = smallRequest();

test('the newest day is that of the holdings, without mistakes far after all others', async () => {
  const folder = await temporaryFolder();
  const engine = await openEngine(folder);
  const days = `SELECT CAST(DATE '2015-01-01' + CAST(i % 3000 AS INTEGER) AS VARCHAR) AS open_dt FROM range(6000) t(i)`;
  await engine.run(
    `COPY (${days} UNION ALL SELECT '2099-01-01' UNION ALL SELECT '9999-12-31') TO '${folder}/holdings.parquet' (FORMAT parquet)`,
  );
  const request = (changes: object) => smallRequest({ holdings: { ...holdings, from: 'holdings.parquet', ...changes } });
  expect(await newestDay(engine, request({}))).toBe('2023-03-19');
  await expect(newestDay(engine, request({ date: null }))).rejects.toMatchObject({ code: 'config' });
  await expect(newestDay(engine, request({ from: null, sql: "SELECT '' AS open_dt" }))).rejects.toMatchObject({
    code: 'missing-input',
  });
});

/** `count` days from a date, with `n` rows each. */
function daysFrom(start: string, count: number, n: number) {
  return Array.from({ length: count }, (_, i) => ({
    day: new Date(Date.parse(start) + i * 86_400_000).toISOString().slice(0, 10),
    n,
  }));
}

test.each([
  ['a long history, whose last day has few of all rows', daysFrom('2010-01-01', 4000, 5), '2020-12-13'],
  ['a mistake in the next week', [...daysFrom('2020-01-01', 100, 500), ...daysFrom('2020-04-15', 1, 1)], '2020-04-09'],
  ['a mistake years later', [...daysFrom('2020-01-01', 3000, 1), ...daysFrom('2050-01-01', 1, 1)], '2028-03-18'],
  ['one day', daysFrom('2020-01-01', 1, 1), '2020-01-01'],
  ['no day', [], undefined],
])('%s', (_, days, expected) => {
  const total = days.reduce((sum, { n }) => sum + n, 0);
  const rows = days.toReversed().map((day) => ({ ...day, total }));
  expect(newestCertainDay(rows.slice(0, 400))).toBe(expected);
});
