import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckdbEngine, openDuckdb, queryRows } from '@basketwise/data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { parquetRows } from '../pipeline/parquet-rows.ts';
import { basketwise, smallBank, writeBank } from '../pipeline/small-bank.ts';

const more = `clusters:
  age: { k: 2, numeric: [age] }
segments:
  ages: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }
evaluate: { window: 1 month, gap: 0 days }
offers:
  value: 10
  capacity: { calls: { most: 900 } }
  control: { share: 0.3, salt: spring }
`;

/** Ids that occur in no other text. */
const named = (csv: string) => csv.replaceAll(/^(\d{4}),/gm, 'person-$1,');
const small = smallBank(120);
const bank = {
  ...{ ...small, customers: named(small.customers), holdings: named(small.holdings) },
  config: small.config.replace('output: {', 'output: { suppressed_customers: true,').concat(more),
};

let folder: string;
let remove: () => Promise<void>;
let engine: DuckdbEngine;
let runs: string[];
let id = '';
let other = '';
let before: Record<string, unknown>[];
const out = (...path: string[]) => join(folder, 'out', ...path);

beforeAll(async () => {
  ({ folder, remove } = await writeBank(bank));
  engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  for (const date of ['2022-06-30', '2022-08-31']) {
    expect((await basketwise(folder, 'run', '--reference-date', date, '--accept-drop')).exitCode).toBe(0);
  }
  runs = (await readdir(out('runs'))).sort();
  expect((await basketwise(folder, 'archive')).exitCode).toBe(0);
  expect((await basketwise(folder, 'archive', runs[0]!, '--to', 'elsewhere.tar')).exitCode).toBe(0);
  before = await parquetRows(folder, 'out/latest/recommendations.parquet');
  const offered = await parquetRows(folder, 'out/latest/contact-list.parquet');
  [id, other] = [...new Set(offered.map(({ customer }) => String(customer)))] as [string, string];
});
afterAll(async () => {
  await engine.close();
  await remove();
});

/** Files below a folder in which a text occurs, as bytes or as a value. */
async function filesWith(text: string, place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const hasBytes = (await readFile(path)).includes(text);
    const from = `read_parquet(${engine.dialect.text(path)})`;
    const query = `SELECT count(*) AS rows FROM ${from} t WHERE contains(CAST(t AS VARCHAR), ${engine.dialect.text(text)})`;
    const rows = path.endsWith('.parquet') ? Number((await queryRows(engine, query))[0]!.rows) : 0;
    if (hasBytes || rows > 0) found.push(path.slice(place.length + 1));
  }
  return found.sort();
}

async function unpacked(file: string): Promise<string> {
  spawnSync('mkdir', ['-p', join(folder, 'unpacked')]);
  expect(spawnSync('tar', ['-xf', join(folder, file), '-C', join(folder, 'unpacked')]).status).toBe(0);
  return join(folder, 'unpacked');
}

longTest('a run is made again with its offers, or without them if they depend on an earlier run', async () => {
  const [first, second] = await Promise.all(
    runs.map(async (run) => JSON.parse((await basketwise(folder, 'verify', run, '--json')).stdout).again),
  );
  expect([first.different, first.without]).toEqual([null, []]);
  expect(second.different).toBe(null);
  expect(second.without).toEqual(expect.arrayContaining(['offers.parquet', 'contact-list.csv', 'outcomes.parquet']));
});

test('forget leaves no trace of a customer in run folders and archives, and verify says so', async () => {
  const known = await filesWith(id, out('runs', runs[1]!));
  expect(known).toEqual(expect.arrayContaining(['contact-list.csv', 'offered-before.parquet', 'recommendations.parquet']));
  expect(known).toEqual(expect.arrayContaining(['clusters.parquet', 'segments.parquet', 'snapshot/customers.parquet']));
  const { exitCode, stdout } = await basketwise(folder, 'forget', '--customer', id, '--archive', 'elsewhere.tar');
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('1 customer erased from 4 of 4 run folders and archives')]);
  expect(await filesWith(id, out())).toEqual([]);
  for (const file of [join('out', 'archives', `${runs[1]!}.tar`), 'elsewhere.tar']) {
    expect(await filesWith(id, await unpacked(file))).toEqual([]);
    const found = await basketwise(folder, 'verify', file);
    expect([found.exitCode, found.stdout]).toEqual([71, expect.stringContaining('1 customer was erased')]);
  }
  for (const run of runs) expect((await basketwise(folder, 'verify', run)).stdout).toContain('1 customer was erased');
  const after = await parquetRows(folder, 'out/latest/recommendations.parquet');
  expect(after).toEqual(before.filter(({ customer }) => customer !== id));
  expect((await basketwise(folder, 'forget', '--customer', id)).stdout).toContain('erased from 0 of 3 run folders');
  expect((await basketwise(folder, 'archive', '--to', 'after.tar')).exitCode).toBe(0);
  expect((await basketwise(folder, 'verify', 'after.tar')).stdout).toContain('1 customer was erased');
});

test('all other customers are explained and shown as before, and a second erasure is counted', async () => {
  const file = join('out', 'archives', `${runs[1]!}.tar`);
  const rows = before.filter(({ customer }) => customer === other).length;
  const shown = JSON.parse((await basketwise(folder, 'replay', file, '--customer', other, '--json')).stdout);
  expect(shown.rows).toHaveLength(rows);
  expect((await basketwise(folder, 'explain', other)).exitCode).toBe(0);
  expect((await basketwise(folder, 'replay', file, '--customer', id)).exitCode).toBe(66);
  await writeFile(join(folder, 'ids.txt'), `\ufeff${other}\r\nperson-unknown\n\n${other} \n`);
  const listed = await basketwise(folder, 'forget', '--list', 'ids.txt', '--customer', id);
  expect([listed.exitCode, listed.stdout]).toEqual([66, expect.stringContaining('1 customer erased from 3 of 3 run folders')]);
  expect(listed.stdout).toMatch(/NOT FOUND .*: line 2; line 4; --customer, id 1\n$/);
  expect(listed.stdout).not.toContain('person');
  expect((await basketwise(folder, 'verify', file)).stdout).toContain('2 customers were erased');
  const opened = await readFile(join(folder, file));
  opened[opened.length - 20_000]! ^= 1;
  await writeFile(join(folder, 'damaged.tar'), opened);
  expect((await basketwise(folder, 'verify', 'damaged.tar')).exitCode).toBe(65);
  expect((await basketwise(folder, 'forget')).exitCode).toBe(64);
});

longTest('a run after an erasure does not bring the customer back', async () => {
  const without = (csv: string) => csv.replaceAll(new RegExp(`^${id},.*\n`, 'gm'), '');
  await writeFile(join(folder, 'customers.csv'), without(bank.customers));
  await writeFile(join(folder, 'holdings.csv'), without(bank.holdings));
  expect((await basketwise(folder, 'run', '--reference-date', '2022-09-30', '--accept-drop')).exitCode).toBe(0);
  expect(await filesWith(id, out())).toEqual([]);
});

longTest('a run done again after an erasure, from tables that still have the customer, is whole', async () => {
  await writeFile(join(folder, 'customers.csv'), bank.customers);
  await writeFile(join(folder, 'holdings.csv'), bank.holdings);
  await writeFile(out('runs', runs[1]!, 'validation.json'), '{}\n');
  const args = ['--reference-date', '2022-08-31', '--accept-drop', '--json'];
  const again = JSON.parse((await basketwise(folder, 'run', ...args)).stdout).run as string;
  expect(again).toBe(`${runs[1]}-2`);
  const { exitCode, stdout } = await basketwise(folder, 'verify', again, '--hashes');
  expect([exitCode, stdout]).toEqual([0, expect.not.stringMatching(/erased|in no record/)]);
});
