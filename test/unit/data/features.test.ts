import { join } from 'node:path';
import {
  checkSources,
  duckdbDialect,
  type ExtractRequest,
  extractSnapshot,
  type FeatureRequest,
  hiveDialect,
  openSnapshot,
  queryRows,
  withDate,
} from '@basketwise/data';
import { describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

const customers =
  'csno,AGE,SEX_CD,BIRTH,JOINED,HD,CONSENT_YN\n' +
  '007,35,01,1987-08-31,20200101,2,Y\n' +
  '12,17,02,2005-06-15,20220701,0,Y\n' +
  '5,,,,,3.5,Y\n' +
  '가나,41,02,1981-01-01,,,\n';
const history =
  'csno,base,HD,SEX_CD\n' +
  '007,2022-06-30,1,09\n' +
  '007,2022-07-31,7,09\n' +
  '12,2022-06-30,2,09\n' +
  '5,2022-05-01,,09\n' +
  '가나,2022-08-15,4,09\n' +
  '99,2022-06-30,8,09\n' +
  '007,2022-09-30,99,09\n' +
  ',2022-06-30,5,09\n' +
  '12,,5,09\n';

const features: FeatureRequest = {
  dates: ['2022-08-31', '2022-07-31', '2022-06-30'],
  tableDate: '2022-08-31',
  items: [
    { name: 'sex', column: 'SEX_CD', kind: 'text', fixed: true, place: 'features.sex' },
    { name: 'age', sql: "date_diff('year', CAST(BIRTH AS DATE), :date)", kind: 'number', fixed: true, place: 'features.age' },
    { name: 'balance', column: 'HD', kind: 'number', fixed: false, place: 'features.balance' },
    { name: 'twice', column: 'TWICE', kind: 'number', fixed: false, place: 'features.twice' },
  ],
  derive: { TWICE: 'HD * 2', DAYS: "date_diff('day', CAST(BIRTH AS DATE), :date)", WEEKS: 'DAYS // 7' },
  history: { from: 'history.csv', id: 'csno', date: 'base' },
  kept: [],
};

async function bank(tables: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers, history, ...tables });
  return folder;
}

function request(changes: Partial<FeatureRequest> = {}): ExtractRequest {
  const rest = smallRequest({ columns: [], predicates: [], rules: [] });
  return {
    ...rest,
    customers: { from: 'customers.csv', id: 'csno', since: 'JOINED' },
    derive: { TWICE: 'HD * 2', DAYS: "date_diff('day', CAST(BIRTH AS DATE), DATE '2022-08-31')", WEEKS: 'DAYS // 7' },
    features: { ...features, ...changes },
  };
}

async function extract(folder: string, asked = request()) {
  const engine = await openEngine(folder);
  const manifest = await extractSnapshot(engine, asked, join(folder, 'snapshot'));
  const snapshot = await openSnapshot(join(folder, 'snapshot'), engine.options);
  const values = async (name: string, date: string) => {
    const cell = manifest.features!.columns.find((column) => column.name === name)!.at[manifest.features!.dates.indexOf(date)];
    if (!cell) return null;
    const rows = await queryRows(snapshot.engine, `SELECT ${cell.column} AS value FROM ${cell.table} ORDER BY customer`);
    return rows.map(({ value }) => value);
  };
  return { manifest, snapshot, values };
}

test('features are in the snapshot as of every date: fixed, computed from the date, and as the history knew', async () => {
  const { manifest, snapshot, values } = await extract(await bank());
  const [now, july, june] = features.dates as [string, string, string];
  expect(await queryRows(snapshot.engine, 'SELECT id FROM customers ORDER BY customer')).toEqual(
    ['007', '12', '5', '가나'].map((id) => ({ id })),
  );
  for (const date of features.dates) expect(await values('sex', date)).toEqual(['01', '02', null, '02']);
  expect(await values('age', now)).toEqual([35, 17, null, 41]);
  expect(await values('age', june)).toEqual([35, 17, null, 41]);
  expect(await values('balance', now)).toEqual([2, 0, 3.5, null]);
  expect(await values('balance', july)).toEqual([7, 2, null, null]);
  expect(await values('balance', june)).toEqual([1, 2, null, null]);
  expect(await values('twice', july)).toEqual([14, 4, null, null]);
  expect(manifest.features!.history).toEqual({
    ...{ read: 9, withoutKey: 2, afterReference: 1, first: '2022-05-01', last: '2022-08-15' },
  });
  const since = await queryRows(snapshot.engine, 'SELECT CAST(since AS VARCHAR) AS since FROM customers ORDER BY customer');
  expect(since.map((row) => row.since)).toEqual(['2020-01-01', '2022-07-01', null, null]);
  await snapshot.close();
});

test('the same rows in another order give the same bytes, without features those of before', async () => {
  const turned = (text: string) => {
    const [head, ...rows] = text.trimEnd().split('\n');
    return `${[head, ...rows.reverse()].join('\n')}\n`;
  };
  const [first, second] = [
    await extract(await bank()),
    await extract(await bank({ customers: turned(customers), history: turned(history) })),
  ];
  expect(second.manifest.dataHash).toBe(first.manifest.dataHash);
  const { features: _, ...without } = request();
  const plain = await extract(await bank(), { ...without, customers: { from: 'customers.csv', id: 'csno' } });
  expect(plain.manifest).not.toHaveProperty('features');
  const columns = await plain.snapshot.engine.columns('customers');
  expect(columns.map(({ name }) => name)).toEqual(['customer', 'id']);
  for (const { snapshot } of [first, second, plain]) await snapshot.close();
});

longTest(
  'of the customers table on another date than asked about, features that change are only as the history knew them',
  async () => {
    const { values, snapshot } = await extract(await bank(), request({ dates: ['2022-07-31'] }));
    expect(await values('balance', '2022-07-31')).toEqual([7, 2, null, null]);
    await snapshot.close();
    const { history: _, ...none } = features;
    const without = await extract(await bank(), { ...request(), features: none });
    expect(await without.values('balance', '2022-08-31')).toEqual([2, 0, 3.5, null]);
    expect(await without.values('balance', '2022-07-31')).toBeNull();
    await without.snapshot.close();
  },
);

longTest('where the history knows nothing yet, what was kept does', async () => {
  const folder = await bank();
  const engine = await openEngine(folder);
  const file = join(folder, 'kept.parquet');
  await engine.run(`COPY (FROM (VALUES ('12', 5.5), ('007', 6.5), ('x', 1)) kept(id, balance)) TO '${file}' (FORMAT parquet)`);
  const kept = [{ date: '2022-04-30', asOf: '2022-04-01', file, columns: ['balance'] }];
  const { values, snapshot } = await extract(folder, request({ dates: ['2022-08-31', '2022-06-30', '2022-04-30'], kept }));
  expect(await values('balance', '2022-04-30')).toEqual([6.5, 5.5, null, null]);
  expect(await values('balance', '2022-06-30')).toEqual([1, 2, null, null]);
  expect(await values('twice', '2022-04-30')).toBeNull();
  await snapshot.close();
});

longTest('a derived column that depends on the date is computed for each, of the history too', async () => {
  const derive = { ...features.derive, GROWN: 'HD + year(:date) + month(:date)' };
  const item = { name: 'grown', kind: 'number', fixed: false, place: 'features.grown' } as const;
  for (const from of [{ column: 'GROWN' }, { sql: 'Grown / 1' }]) {
    const asked = request({ derive, items: [{ ...item, ...from }] });
    const { values, snapshot } = await extract(await bank(), { ...asked, derive: { ...asked.derive, GROWN: 'HD + 2030' } });
    expect(await values('grown', '2022-08-31')).toEqual([2032, 2030, 2033.5, null]);
    expect(await values('grown', '2022-07-31')).toEqual([2036, 2031, null, null]);
    await snapshot.close();
  }
});

test('a derived column that depends on the date is computed for each', async () => {
  const items = [{ name: 'weeks', sql: 'customers.WEEKS + 0', kind: 'number', fixed: true, place: 'features.weeks' }] as const;
  const { values, snapshot } = await extract(await bank(), request({ items }));
  const weeks = (date: string) => Math.floor((Date.parse(date) - Date.parse('1987-08-31')) / 86_400_000 / 7);
  for (const date of features.dates) expect((await values('weeks', date))![0]).toBe(weeks(date));
  await snapshot.close();
});

describe('bad input', () => {
  const cases: [string, string, string, Record<string, string>, Partial<FeatureRequest>][] = [
    [
      'a column that there is not',
      'bad-data',
      'has no column SEX',
      {},
      { items: [{ ...features.items[0]!, column: 'SEX' } as never] },
    ],
    [
      'bands of text',
      'config',
      'features.sex: this is VARCHAR, and bands need numbers',
      {},
      { items: [{ ...features.items[0]!, kind: 'number' }] },
    ],
    [
      'two expressions',
      'config',
      'features.age: this is 2 expressions',
      {},
      { items: [{ ...features.items[1]!, sql: '1, :date' } as never] },
    ],
    [
      'a history without a column of a feature',
      'bad-data',
      'has no column HD',
      { history: 'csno,base,X\n12,2022-06-30,1\n' },
      { items: [features.items[2]!] },
    ],
    [
      'a history of later dates',
      'bad-data',
      'no row of history.csv has an id and a date up to 2022-08-31',
      { history: 'csno,base,HD\n12,2023-01-01,1\n' },
      {},
    ],
    [
      'a history that ends before the windows',
      'bad-data',
      'history.csv ends on 2021-07-29, more than a year before 2022-07-31',
      { history: 'csno,base,HD\n12,2021-07-29,1\n' },
      {},
    ],
    ['a history without rows', 'missing-input', 'has no rows', { history: 'csno,base,HD\n' }, {}],
    ['a history with a row twice', 'bad-data', 'different values for 1 pairs', { history: `${history}12,2022-06-30,3,1\n` }, {}],
    [
      'a history of no dates',
      'bad-data',
      'base of history.csv is no date in 1 rows (row 10)',
      { history: `${history}12,soon,3,1\n` },
      {},
    ],
    [
      'a day of joining that is none',
      'bad-data',
      'JOINED of customers.csv is no date in 1 rows (row 2)',
      { customers: customers.replace('20220701', '20220732') },
      {},
    ],
  ];
  test.each(cases)('%s', async (_, code, message, tables, changes) => {
    const folder = await bank(tables);
    const failed = extract(folder, request(changes));
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(failed).rejects.toHaveProperty('hint', expect.stringMatching(/./));
  });

  test('a column of the bank named as one of ours is refused where it is asked for', async () => {
    const folder = await bank({ customers: customers.replace('AGE', 'feature_0') });
    const asked = { ...request(), columns: [{ name: 'feature_0', kind: 'number' as const }] };
    await expect(extract(folder, asked)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('reserved') });
  });
});

test('`:date` is replaced by a literal where it stands for a date, and nowhere else', () => {
  const duckdb = (sql: string) => withDate(duckdbDialect, sql, '2022-08-31');
  expect(duckdb("date_diff('year', B,:date) + (:date - C)")).toBe(
    "date_diff('year', B,DATE '2022-08-31') + (DATE '2022-08-31' - C)",
  );
  const left = [
    `B::date`,
    `B :: date`,
    `':date'`,
    `'it''s :date'`,
    `":date"`,
    `1 -- :date`,
    `/* :date */ 1`,
    `:dates`,
    `L[1:date]`,
    `e'\\':date'`,
  ];
  for (const sql of left) expect(duckdb(sql)).toBe(sql);
  expect(duckdb(`'\\' || :date`)).toBe(`'\\' || DATE '2022-08-31'`);
  const hive = (sql: string) => withDate(hiveDialect, sql, '2022-08-31');
  expect(hive(`datediff(:date, B)`)).toBe(`datediff(DATE '2022-08-31', B)`);
  for (const sql of [`'\\' :date'`, `":date"`, '`a:date`']) expect(hive(sql)).toBe(sql);
});

describe('a column that is called fixed is held against the history', () => {
  const people = (value: (i: number) => string) =>
    Array.from({ length: 400 }, (_, i) => `${String(i).padStart(4, '0')},${i % 2 ? '01' : '02'},${value(i)}`);
  const past = (value: (i: number) => string) => people(value).map((row) => row.replace(',', ',2022-06-30,'));
  const askedOf = (column: string) =>
    request({ items: [{ name: 'flag', column, kind: 'text', fixed: true, place: 'features.flag' }], derive: {} });
  const bankWith = (now: (i: number) => string, then: (i: number) => string) =>
    bank({
      customers: `csno,SEX_CD,HAS_FUND,AGE,HD,JOINED,BIRTH\n${people(now).join(',30,1,,\n')},30,1,,\n`,
      history: `csno,base,SEX_CD,HAS_FUND\n${past(then).join('\n')}\n`,
    });

  test('it is refused where what was bought since shows in it', async () => {
    const folder = await bankWith(
      (i) => (i % 4 === 0 ? 'Y' : 'N'),
      (i) => (i % 8 === 0 ? 'Y' : 'N'),
    );
    await expect(extract(folder, askedOf('HAS_FUND'))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(
        /^features\.flag: fixed, but its values of 2022-06-30 differ from today's for 13 % of the customers/,
      ),
    });
    await expect(checkSources(await openEngine(folder), askedOf('HAS_FUND'))).rejects.toMatchObject({ code: 'config' });
    await (await extract(folder, askedOf('SEX_CD'))).snapshot.close();
  });

  test('a few corrections are none', async () => {
    const folder = await bankWith(
      (i) => (i < 4 ? 'Y' : 'N'),
      () => 'N',
    );
    await (await extract(folder, askedOf('HAS_FUND'))).snapshot.close();
  });
});
