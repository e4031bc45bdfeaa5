import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countSegments, segmentLabels, segmentQuery, segmentText } from '@basketwise/clusters';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { psiOf } from '../../../packages/clusters/src/profile/drift.ts';
import type { Segments } from '../../../packages/clusters/src/segments/segment-sql.ts';

let folder: string;
let engine: DuckdbEngine;
const values = [null, -5, 0, 1, 99_999.5, 100_000, 1_599_999, 1_600_000, 12e6, 120e6];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segments-'));
  engine = await openDuckdb({ memory: '256MB', threads: 1, tempDirectory: folder });
  const rows = values.map((value, i) => `(${i}, ${value}, ${i % 3}, ${i % 2 === 0 ? 1 : 'NULL'}, ${i % 4})`);
  await engine.run(
    `CREATE TABLE customers AS SELECT * FROM (VALUES ${rows.join(', ')}) AS t(customer, M3_ABAL1, AA, DEATH, INJURY)`,
  );
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const segments: Segments = {
  balance: {
    column: 'M3_ABAL1',
    bands: [
      { label: 'unknown', null: true },
      { label: 'below 0', to: 0 },
      { label: '0', equals: 0 },
      { label: '1 - 100k', above: 0, to: 100000 },
      { label: '100k - 1.6M', from: 100000, to: 1600000 },
      { label: '1.6M - 12M', from: 1600000, to: 12000000 },
      { label: '12M - 120M', from: 12000000, to: 120000000 },
      { label: '120M and more', from: 120000000 },
    ],
  },
  accounts: {
    column: 'AA',
    bands: [
      { label: 'none', to: 1 },
      { label: '1', from: 1, to: 2 },
      { label: '2 and more', from: 2 },
    ],
  },
  kinds: { flags: ['DEATH', 'INJURY'] },
  map: { cross: ['balance', 'accounts'] },
};

test('bands hold their bounds, flags list what is held, crossings join labels', async () => {
  const rows = await queryRows(engine, segmentQuery(engine.dialect, segments, 'customer', 'customers'));
  expect(rows.map((row) => row.balance)).toEqual([
    'unknown',
    'below 0',
    '0',
    '1 - 100k',
    '1 - 100k',
    '100k - 1.6M',
    '100k - 1.6M',
    '1.6M - 12M',
    '12M - 120M',
    '120M and more',
  ]);
  expect(rows.map((row) => row.kinds)).toEqual([
    ...['DEATH', 'INJURY', 'DEATH+INJURY', 'INJURY', 'DEATH', 'INJURY', 'DEATH+INJURY', 'INJURY', 'DEATH', 'INJURY'],
  ]);
  expect(rows[4]!.map).toBe('1 - 100k | 1');
  const page = await readFile(new URL('../../../docs/customers.md', import.meta.url), 'utf8');
  expect(page).toContain('joins both labels: `under 30 | death+injury`');
});

test('counts per label and crossing, small ones left out; drift against the previous table', async () => {
  const labelsOf = (from: string) => segmentLabels(engine.dialect, segments, from);
  const many = labelsOf('(SELECT c.* FROM customers AS c, range(20)) AS many');
  const before = await countSegments(engine, segments, many);
  expect(before.customers).toBe(200);
  expect(before.segments[0]!.labels.map(({ customers }) => customers)).toEqual([20, 20, 20, 40, 40, 20, 20, 20]);
  expect(before.crossTables[0]).toMatchObject({
    name: 'map',
    rows: { segment: 'balance' },
    columns: { labels: ['none', '1', '2 and more'] },
  });
  expect(before.crossTables[0]!.customers[3]).toEqual([20, 20, 0]);

  expect(before.flagCounts).toEqual([{ name: 'kinds', customers: [0, 160, 40] }]);

  const shifted = labelsOf('(SELECT c.* FROM customers AS c, range(20) WHERE AA < 2) AS shifted');
  const after = await countSegments(engine, segments, shifted, before);
  expect(after.drift.find(({ name }) => name === 'accounts')!.verdict).toBe('shifted');
  expect((await countSegments(engine, segments, many, before)).drift.every(({ psi }) => psi === 0)).toBe(true);

  const few = await countSegments(engine, segments, labelsOf('customers'));
  expect(few.segments[0]!.labels[0]).toEqual({ label: 'unknown', customers: null });
  expect(segmentText(few)).toContain('–');
});

test('population stability index of known shares', () => {
  // (.6 - .5) ln(.6 / .5) + (.4 - .5) ln(.4 / .5)
  expect(psiOf({ a: 50, b: 50 }, { a: 60, b: 40 })).toBeCloseTo(0.04054651, 8);
  expect(psiOf({}, { a: 1 })).toBe(0);
});
