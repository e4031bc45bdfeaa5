import { contextAt, required } from '@basketwise/core';
import { queryRows, type Snapshot } from '@basketwise/data';
import { customerContexts } from '@basketwise/pipeline';
import { type CodedFeature, type ColumnCoding, columnCode, contextsOf, withCrossings } from '@basketwise/recommend';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codeCategories, fitCodings } from '../../../packages/pipeline/src/features/fit-codings.ts';
import { type CustomerFeature, featureContexts } from '../../../packages/recommend/src/campaigns/customer-features.ts';
import { rareBelow } from '../../../packages/recommend/src/campaigns/feature-levels.ts';
import { hiveLike } from '../data/hive-like.ts';
import { emptyEngine, now, snapshotOf, snapshotWith, then } from './feature-snapshot.ts';

let opened: Awaited<ReturnType<typeof emptyEngine>>;
beforeAll(async () => {
  opened = await emptyEngine();
});
afterAll(() => opened.remove());

/** Customers 0 .. n - 1 with a column of text, as SQL over `i`. */
async function customersOf(n: number, sql: string): Promise<Snapshot> {
  const { engine } = opened;
  await engine.run(`CREATE OR REPLACE TABLE customers AS SELECT ${sql} AS feature_0 FROM range(${n}) rows(i)`);
  const at = [{ table: 'customers' as const, column: 'feature_0' }];
  return snapshotWith(engine, n, { dates: [now], tableDate: now, columns: [{ name: 'x', kind: 'text', at }] });
}

const x = { x: { column: 'X', fixed: true } };

describe('a feature that cannot be used says why, and what to do', () => {
  const cases: [string, number, string, 'config' | 'bad-data', string][] = [
    ['a key', 1000, 'CAST(i AS VARCHAR)', 'config', '1000 customers have 1000 values: it is a key of customers'],
    ['nearly a key', 1000, 'CAST(i // 1.9 AS VARCHAR)', 'config', 'values: it is a key of customers'],
    ['one value', 1000, "'a'", 'bad-data', 'it has one value, or is in one band, for all customers'],
    ['nulls alone', 1000, 'CAST(NULL AS VARCHAR)', 'bad-data', 'it is null for all customers'],
    [
      'a million values',
      2_500_000,
      'CAST(i * 2 // 5 AS VARCHAR)',
      'config',
      'features.x: it has 1000000 values, at most 10000 can be used',
    ],
    ['rare values alone', 30_000, 'CAST(i // 10 AS VARCHAR)', 'config', 'most of them of fewer than 100 customers'],
    [
      'too many values that are not rare',
      40_000,
      'CAST(i % 300 AS VARCHAR)',
      'config',
      '300 values that are not rare, at most 254',
    ],
  ];
  test.each(cases)('%s', async (_, n, sql, code, message) => {
    const failed = fitCodings(await customersOf(n, sql), x);
    await expect(failed).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/./),
    });
    await expect(failed).rejects.toHaveProperty('message', expect.stringMatching(/^features\.x: /));
  });

  test('numbers that are not finite, at any date', async () => {
    const snapshot = await snapshotOf(opened.engine, [{ name: 'x', now: [1, 2, 3], before: [1, Number.NaN, null] }]);
    const failed = fitCodings(snapshot, { x: { column: 'X', bands: [2], fixed: false } });
    await expect(failed).rejects.toMatchObject({ code: 'bad-data', message: 'features.x: it is not finite for 1 customers' });
  });
});

test('the values of a feature are counted by one query', async () => {
  const snapshot = await customersOf(1000, 'CAST(i % 3 AS VARCHAR)');
  const queries = vi.spyOn(snapshot.engine, 'query');
  const [coded] = await fitCodings(snapshot, x);
  expect(coded!.levels).toEqual(['0', '1', '2', '(unknown)']);
  expect(queries.mock.calls.filter(([sql]) => /count\(/.test(sql))).toHaveLength(1);
  queries.mockRestore();
});

test('rare values: fewer than 100 customers or .1 %, of small banks 1 %', () => {
  expect([60, 300, 5369, 10_000, 100_000, 10_000_000].map(rareBelow)).toEqual([0.6, 3, 53.69, 100, 100, 10_000]);
});

test('a value of half the customers is a band of its own; bounds do not depend on the order of rows', async () => {
  const values = Array.from({ length: 100 }, (_, i) => (i % 2 ? 0 : i));
  const bounds = async (rows: number[]) => {
    const snapshot = await snapshotOf(opened.engine, [{ name: 'x', now: rows }]);
    const [coded] = await fitCodings(snapshot, { x: { column: 'X', bands: 4, fixed: true } });
    const contexts = (await customerContexts(snapshot, [coded!]).at(now))!;
    return { levels: coded!.levels, contexts: Array.from(contexts.codes, (_, at) => contextAt(contexts, at)) };
  };
  const found = await bounds(values);
  expect(found.levels).toEqual(['below 2', '2 to below 50', '50 and more', '(unknown)']);
  expect(found.contexts).toEqual([['below 2'], ['2 to below 50'], ['50 and more']]);
  expect(await bounds(values.toReversed())).toEqual(found);
});

test('a value has the same level in memory as in the snapshot: bands, rare values, nulls, what was never seen, and crossings', async () => {
  const ages = [...Array.from({ length: 298 }, (_, i) => [19, 20, 44.5, 65][i % 4]!), null, 90];
  const cities = [...Array.from({ length: 297 }, (_, i) => ['Seoul', 'Busan'][i % 2]!), null, 'Mokpo', 'Jeju'];
  const made = await snapshotOf(opened.engine, [
    { name: 'age', now: ages },
    { name: 'city', now: cities },
  ]);
  const wanted = {
    ...{ age: { column: 'AGE', bands: [20, 65], fixed: true }, city: { column: 'CITY', fixed: true } },
    both: { cross: ['age', 'city'] as [string, string] },
  };
  const features = await fitCodings(made, wanted);
  const [age, city] = features as [CodedFeature<ColumnCoding>, CodedFeature<ColumnCoding>];
  const [moreAges, moreCities] = [
    [...ages, 20, 12, null],
    [...cities, 'Tokyo', 'Jeju', null],
  ];
  const others = await snapshotOf(opened.engine, [
    { name: 'age', now: moreAges },
    { name: 'city', now: moreCities },
  ]);
  const codes = [
    Int16Array.from(moreAges, (value) => columnCode(age, value)),
    Int16Array.from(moreCities, (value) => columnCode(city, value)),
  ] as const;
  const ofColumns = new Map([
    ['age', codes[0]],
    ['city', codes[1]],
  ]);
  const crossed = required(withCrossings(features, ofColumns), 'both');
  expect(contextsOf(features, [...codes, crossed], moreAges.length)).toEqual(await customerContexts(others, features).at(now));
  expect(city.levels).toContain('(other)');
  expect(codes[1].at(-3)).toBe(-1);
});

test('features of arrays have the levels and codes of the snapshot', async () => {
  const ages = [...Array.from({ length: 297 }, (_, i) => (i * 37) % 71), 0, 0, null];
  const before = ages.map((age) => (age === null ? 3 : age - 1));
  const cities = [...Array.from({ length: 297 }, (_, i) => ['서울', 'Busan'][i % 2]!), null, 'Mokpo', 'Jeju'];
  const made = await snapshotOf(opened.engine, [
    { name: 'age', now: ages, before },
    { name: 'city', now: cities },
  ]);
  const wanted = {
    ...{ age: { column: 'AGE', bands: 5, fixed: false }, city: { column: 'CITY', fixed: true } },
    both: { cross: ['age', 'city'] as [string, string] },
  };
  const ofSnapshot = customerContexts(made, await fitCodings(made, wanted));
  const features: CustomerFeature[] = [
    { name: 'age', bands: 5, values: (date) => (date === now ? ages : before) },
    { name: 'city', values: cities },
    { name: 'both', cross: ['age', 'city'] },
  ];
  const ofArrays = featureContexts(features, { customers: 300, date: now, isDated: true })!;
  for (const date of [now, then]) expect(await ofArrays.at(date)).toEqual(await ofSnapshot.at(date));
  const numberOf = Int32Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? i / 3 : -1));
  const sample = { customers: 100, numberOf, drawn: 'every third' };
  const whole = (await ofArrays.at(now))!;
  const some = (await ofArrays.at(now, sample))!;
  expect(Array.from({ length: 100 }, (_, i) => contextAt(some, some.ofCustomer[i]!))).toEqual(
    Array.from({ length: 100 }, (_, i) => contextAt(whole, whole.ofCustomer[3 * i]!)),
  );
});

test('values of a date are asked for once, and those of a sample are coded alone', async () => {
  const asked: string[] = [];
  const read: number[] = [];
  const values = (date: string) => {
    asked.push(date);
    return Array.from({ length: 300 }, (_, i) => (date === now ? i % 4 : (i + 1) % 4));
  };
  // text is read only for coding
  const fixed = Array.from({ length: 300 }, (_, i) => ['a', 'b', 'c'][i % 3]!);
  const watched = new Proxy(fixed, {
    get(of, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) read.push(Number(key));
      return Reflect.get(of, key);
    },
  });
  const features: CustomerFeature[] = [
    { name: 'age', values, bands: [1, 2, 3] },
    { name: 'city', values: watched },
  ];
  const contexts = featureContexts(features, { customers: 300, date: now, isDated: true })!;
  const once = read.length;
  const numberOf = Int32Array.from({ length: 300 }, (_, i) => (i < 20 ? i : -1));
  for (const date of [now, then]) await contexts.at(date, { customers: 20, numberOf, drawn: 'the first' });
  await contexts.at(now);
  expect(asked).toEqual([now, then]);
  expect(read.length).toBe(once);
  const one = (await contexts.at(then, 7))!;
  expect(contextAt(one, one.ofCustomer[0]!)).toEqual(['below 1', 'b']);
});

test.each<[CustomerFeature[], boolean, string]>([
  [[{ name: 'x', values: ['a', 'b'] }], true, 'features.x: 2 values on 2022-08-31, of 3 customers'],
  [[{ name: 'x', values: [1, 2, Number.NaN], bands: 2 }], true, 'features.x: it is not finite for 1 customers'],
  [[{ name: 'x', values: [1, 1, 1], bands: 2 }], true, 'features.x: it has one value'],
  [[{ name: 'x', values: [1, 2, 3], bands: [2, 1] }], true, 'the bounds of its bands do not rise'],
  [[{ name: 'x', values: () => [1, 2, 3] }], false, 'features.x: it changes, and holdings have no dates'],
  [
    [{ name: 'x', values: [1, 2, 3], bands: Array.from({ length: 101 }, (_, i) => i) }],
    true,
    '101 bounds, at most 100 can be used',
  ],
  [
    [
      { name: 'y', values: [1, 2, 3], bands: 2 },
      { name: 'x', cross: ['y', 'y'] },
    ],
    true,
    'features.x: it crosses a feature with itself',
  ],
  [[{ name: 'x', cross: ['y', 'z'] }], true, 'features.x: it crosses y, which has no values'],
])('features of arrays that cannot be used are refused: %#', (features, isDated, message) => {
  expect(() => featureContexts(features, { customers: 3, date: now, isDated })).toThrow(message);
});

test('of a date that is not in the snapshot nothing is known', async () => {
  const snapshot = await snapshotOf(opened.engine, [{ name: 'x', now: ['a', 'b'] }]);
  const contexts = customerContexts(snapshot, await fitCodings(snapshot, x));
  expect(await contexts.at('2020-01-01')).toBeNull();
  expect((await contexts.at(now))!.features).toEqual([{ name: 'x', levels: ['a', 'b', '(unknown)'] }]);
  expect(await queryRows(opened.engine, 'SELECT count(*) AS n FROM customers')).toEqual([{ n: 2 }]);
});

test('values of several features are the same from a server, which may refuse cross joins', async () => {
  const { engine } = opened;
  const value = (n: number) => `CASE WHEN i % 7 > 0 THEN CAST(i % ${n} AS VARCHAR) END`;
  await engine.run(`CREATE OR REPLACE TABLE many AS SELECT ${value(3)} AS a, ${value(5)} AS b FROM range(700) rows(i)`);
  const columns = new Map([
    ['first', 'a'],
    ['second', 'b'],
  ]);
  const counted = await codeCategories(engine, 'many', columns, 700);
  expect(await codeCategories(hiveLike(engine), 'many', columns, 700)).toEqual(counted);
  expect([...counted.values()].map((coding) => 'values' in coding && coding.values.length)).toEqual([3, 5]);
});

test('a feature whose values cannot be read is named', async () => {
  const failed = codeCategories(opened.engine, 'many', new Map([['second', 'c']]), 700);
  await expect(failed).rejects.toMatchObject({ message: expect.stringMatching(/^features\.second: /) });
});
