import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdb, queryRows } from '@basketwise/data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parquetRows } from '../e2e/pipeline/parquet-rows.ts';
import { basketwise, smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const files = ['recommendations', 'offers', 'contact-list', 'clusters', 'segments', 'suppressed-customers'];
const small = smallBank(300);
/** Numbers beyond what a double holds, some of them negative. */
const withNumbers = (lines: string) => lines.replace(/^\d{4}(?=,)/gm, (id) => String((BigInt(id) - 3n) * 3_002_399_751_580_331n));
const config = small.config
  .replace('insurance-cross: { kind: cross, ', 'insurance-cross: { kind: cross, by_cluster: age, ')
  .replace('output: { ', 'output: { suppressed_customers: true, ')
  .concat(
    'clusters:\n  age: { k: 3, numeric: [age], starts: 1 }\n',
    'segments:\n  age: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }\n',
    'offers: { value: 10, capacity: { calls: { most: 40 } }, control: { share: 0.2, salt: s } }\n',
  );

let bank: Awaited<ReturnType<typeof writeBank>>;
beforeAll(async () => {
  bank = await writeBank({ ...small, customers: withNumbers(small.customers), holdings: withNumbers(small.holdings), config });
  expect((await basketwise(bank.folder, 'run', '--json')).stderr).not.toContain('rror');
});
afterAll(() => bank.remove());

const configFile = () => join(bank.folder, 'basketwise.yaml');
const setOutput = (text: string) => writeFileSync(configFile(), config.replace('output: { ', `output: { ${text}, `));
const latest = (file: string) => readFileSync(join(bank.folder, 'out/latest', file));

test('integer ids: numbers in every file of Parquet, the same rows, the same CSV', async () => {
  const texts = await Promise.all(files.map((file) => parquetRows(bank.folder, `out/latest/${file}.parquet`)));
  const csv = ['recommendations.csv', 'offers.csv', 'contact-list.csv'].map((file) => latest(file).toString());
  setOutput('parquet: { integer_ids: true }');
  expect((await basketwise(bank.folder, 'run')).exitCode).toBe(0);
  expect(['recommendations.csv', 'offers.csv', 'contact-list.csv'].map((file) => latest(file).toString())).toEqual(csv);
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(bank.folder, 'spill') });
  const relation = (file: string) => `read_parquet('${join(bank.folder, `out/latest/${file}.parquet`)}')`;
  try {
    for (const [i, file] of files.entries()) {
      const [column] = await queryRows(engine, `SELECT typeof(customer) AS type FROM ${relation(file)} LIMIT 1`);
      expect(column, file).toEqual({ type: 'BIGINT' });
      const asTexts = `SELECT * REPLACE (CAST(customer AS VARCHAR) AS customer) FROM ${relation(file)}`;
      expect(await queryRows(engine, asTexts), file).toEqual(texts[i]);
    }
    // bounds in the file let a filter find all customers
    const ids = [...new Set(texts[0]!.map(({ customer }) => String(customer)))];
    for (const id of ids.slice(0, 20)) {
      const [found] = await queryRows(engine, `SELECT count(*) AS n FROM ${relation('recommendations')} WHERE customer = ${id}`);
      expect(Number(found!.n)).toBe(texts[0]!.filter(({ customer }) => customer === id).length);
    }
  } finally {
    await engine.close();
  }
});

test('integer ids: runs are explained, compared and read out as before', async () => {
  const [{ customer } = {}] = await parquetRows(bank.folder, 'out/latest/clusters.parquet');
  const explained = await basketwise(bank.folder, 'explain', '--', String(customer));
  expect(explained.stderr).toBe('');
  expect(explained.exitCode).toBe(0);
  expect((await basketwise(bank.folder, 'explain', 'nobody')).exitCode).toBe(66);
  expect((await basketwise(bank.folder, 'outcomes')).stderr).not.toContain('rror');
});

test('integer ids: an id that would lose its leading zeros ends the run with 65 and the place', async () => {
  writeFileSync(join(bank.folder, 'customers.csv'), withNumbers(small.customers).replace('\n3002399751580331,', '\n007,'));
  setOutput('dir: ./other, parquet: { integer_ids: true }');
  const { exitCode, stderr } = await basketwise(bank.folder, 'run');
  expect(exitCode).toBe(65);
  expect(stderr).toContain('output.parquet.integer_ids: 1 ids of tables.customers.id are no integers');
  expect(stderr).not.toContain('007');
});
