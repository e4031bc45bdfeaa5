import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import {
  dateFormatFault,
  type ExtractRequest,
  extractSnapshot,
  hiveDialect,
  openRelation,
  postgresDialect,
  queryRows,
} from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

const formatsAndValues: Readonly<Record<string, readonly string[]>> = {
  'DD/MM/YYYY': ['31/12/2019', ' 29/02/2020 ', '29/02/2019', '1/2/2020', '01/02/20', '2020-02-01', '12-12-2019', ''],
  'MM/DD/YYYY': ['12/31/2019', '02/29/2020', '31/12/2019', '', '', '', '', ''],
  'YYYY.MM.DD': ['2019.12.31', '2020.02.29', '2019x12x31', '', '', '', '', ''],
  DDMMYYYY: ['31122019', '29022020', '20191231', '', '', '', '', ''],
  'D.M.YYYY HH:mm': ['31.12.2019 23:59', '29.2.2020 00:00', '29.2.2020', '', '', '', '', ''],
  'YYYY년 MM월 DD일': ['2019년 12월 31일', '2020년 02월 29일', '2019년 13월 01일', '', '', '', '', ''],
  excel: ['43830', '43890.75', '60', '4000000', 'x', '', '', ''],
};

test('dates in each format, and no others', async () => {
  const folder = await temporaryFolder();
  const formats = Object.keys(formatsAndValues);
  const header = ['id', ...formats.map((_, i) => `day_${i}`)].join(',');
  const lines = [...Array(8).keys()].map((row) => [row, ...formats.map((format) => formatsAndValues[format]![row])].join(','));
  await writeBank(folder, { dates: `${[header, ...lines].join('\n')}\n` });
  const engine = await openEngine(folder);
  const dateFormat = Object.fromEntries(formats.map((format, i) => [`day_${i}`, format]));
  const { from } = await openRelation(engine, { from: 'dates.csv', dateFormat }, {});
  const days = formats.map((_, i) => `CAST(day_${i} AS VARCHAR) AS day_${i}`);
  const rows = await queryRows(engine, `SELECT ${days.join(', ')} FROM ${from} ORDER BY id`);
  for (const [i, format] of formats.entries())
    expect([format, ...rows.map((row) => row[`day_${i}`])]).toEqual([format, '2019-12-31', '2020-02-29', ...Array(6).fill(null)]);
});

test('integers that have lost the zero before the day', async () => {
  const folder = await temporaryFolder();
  const engine = await openEngine(folder);
  await engine.run(`COPY (SELECT 1022020 AS day UNION ALL SELECT 31122019) TO '${folder}/days.parquet' (FORMAT parquet)`);
  const { from } = await openRelation(engine, { from: 'days.parquet', dateFormat: { DAY: 'DDMMYYYY' } }, {});
  const rows = await queryRows(engine, `SELECT CAST(day AS VARCHAR) AS day FROM ${from} ORDER BY 1`);
  expect(rows.map(({ day }) => day)).toEqual(['2019-12-31', '2020-02-01']);
});

test.each(['DD/MM/YYYY', 'D.M.YYYY', 'YYYYMMDD', 'DD-MM-YYYY HH:mm:ss', 'excel'])('%s is a format', (format) => {
  expect(dateFormatFault(format)).toBeUndefined();
});

test.each([
  ['DD/MM/YY', /two digits.*two centuries/],
  ['MM/YYYY', /one year, one month and one day/],
  ['DD/MM/YYYY/DD', /one day/],
  ['dd/mm/yyyy', /expected YYYY/],
  ['DD-Mon-YYYY', /expected YYYY/],
  ["DD'MM'YYYY", /expected YYYY/],
  ['DMYYYY', /put signs around them/],
])('%s is no format', (format, why) => {
  expect(dateFormatFault(format)).toMatch(why);
});

/** The small bank with the dates of holdings as a Spanish export has them. */
const spanishHoldings = smallBank.holdings
  .replaceAll(/,((?:19|20)\d\d)(\d\d)(\d\d)/g, ',$3/$2/$1')
  .replaceAll('99991231', '31/12/9999');
const { holdings, customers } = smallRequest();
const formats = { open_dt: 'DD/MM/YYYY', close_dt: 'DD/MM/YYYY' };

async function extract(bank: Partial<typeof smallBank>, request: Partial<ExtractRequest>) {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, ...bank });
  return extractSnapshot(await openEngine(folder), smallRequest(request), join(folder, 'snapshot'));
}

test('a bank with formatted dates and numbers has the snapshot of one without', async () => {
  expect(spanishHoldings).toContain('29/02/2020');
  const plain = await extract({}, {});
  const formatted = await extract(
    { holdings: spanishHoldings, customers: smallBank.customers.replace('3.5', '"3,5"') },
    { holdings: { ...holdings, dateFormat: formats }, customers: { ...customers, decimalComma: ['HD'] } },
  );
  expect(formatted.dataHash).toBe(plain.dataHash);
});

test('a value without the format is refused with its row and the number of rows, and not quoted', async () => {
  const spoilt = spanishHoldings.replace('29/02/2020', '29/02/2021').replace('31/08/2022', '08/31/2022');
  const error = await extract({ holdings: spoilt }, { holdings: { ...holdings, dateFormat: formats } }).catch((cause) => cause);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: 'bad-data',
    message: 'tables.holdings: open_dt of holdings.csv is no date in the format DD/MM/YYYY in 1 rows (row 2)',
    hint: expect.stringContaining('date_format'),
  });
});

test('a number without a decimal comma is refused where the config says that it has one', async () => {
  const request = { customers: { ...customers, decimalComma: ['HD'] } };
  const error = await extract({}, request).catch((cause) => cause);
  expect(error).toMatchObject({
    code: 'bad-data',
    message: 'tables.customers: HD of customers.csv is no number with a decimal comma in 1 rows (row 5)',
  });
});

test('a format of a column that is not there names the column most like it', async () => {
  const error = await extract({}, { holdings: { ...holdings, dateFormat: { opened_dt: 'DD/MM/YYYY' } } }).catch((cause) => cause);
  expect(error).toMatchObject({ code: 'bad-data', hint: 'Did you mean open_dt?' });
});

test.each([
  ['Hive', hiveDialect, "RLIKE '^([0-9]{2}/[0-9]{2}/[0-9]{4})$'", 'CAST(DATE_ADD(DATE '],
  ['PostgreSQL', postgresDialect, "~ '^([0-9]{2}/[0-9]{2}/[0-9]{4})$'", "DATE '1899-12-30' + CAST("],
])('SQL of %s tests the format, then the day', async (_, dialect, pattern, serial) => {
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'opened', type: dialect === hiveDialect ? 'string' : 'text' },
    { name: 'serial', type: dialect === hiveDialect ? 'int' : 'integer' },
  ];
  const engine = {
    ...{ dialect, columns: async () => columns, tables: async () => [], run: async () => {}, close: async () => {} },
    async *query() {},
    relation: async () => ({ from: 'contracts', label: 'contracts' }),
  };
  const source = { from: 'contracts', dateFormat: { opened: 'DD/MM/YYYY', serial: 'excel' } };
  const { from, formatted } = await openRelation(engine, source, {});
  expect(from).toMatch(/^\(SELECT .id., .* FROM contracts t\)$/s);
  expect(from).toContain(pattern);
  expect(from).toContain(serial);
  const text = `trim(${dialect.asText(dialect.identifier('opened'))})`;
  expect(from).toContain(`concat(substr(${text}, 7, 4), '-', substr(${text}, 4, 2), '-', substr(${text}, 1, 2))`);
  expect(formatted.map(({ name }) => name)).toEqual(['opened', 'serial']);
});
