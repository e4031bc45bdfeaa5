import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckdbEngine, openDuckdb, queryRows, recommendationColumns } from '@basketwise/data';
import { readJson } from '@basketwise/data/base';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvColumns } from '../../../packages/demo/src/engine/results-csv.ts';
import { smallBank, writeBank } from './small-bank.ts';

const pageAt = (path: string) => readFile(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
const page = await pageAt('integrations.md');
const reference = await pageAt('reference/files.md');

const clustersAndSegments = `
clusters:
  all: { where: "age >= 30", method: kmeans, k: 2, numeric: [age], categorical: [consent] }
segments:
  세대: { column: age, bands: [ { label: unknown, null: true }, { label: young, to: 40 }, { label: old, from: 40 } ] }
  half: { column: age, bands: [ { label: unknown, null: true }, { label: lower, to: 50 }, { label: upper, from: 50 } ] }
  kind: { cross: [세대, half] }
`;
/** Names of columns in this bank, by those of the reference that stand for several or depend on the config. */
const names: Record<string, readonly string[]> = {
  '<segment>': ['세대', 'half', 'kind'],
  '<number>': ['age'],
  '<category>': ['consent'],
  'in_scheme_<scheme>': ['in_scheme_all'],
  'rule_<number>': ['rule_0'],
  since: [],
  'feature_<number>': [],
  'feature_<number>_<date>': [],
};

/** The rows of the table below a heading of the reference, without its head. */
function tableBelow(heading: string): string[][] {
  const section = reference.split(`# \`${heading}\`\n`)[1]?.split(/\n##/)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Columns and types that the reference gives a file, in order. */
function documented(file: string): [column: string, type: string][] {
  return tableBelow(file).flatMap(([cell, type]) => {
    const name = cell!.replaceAll('`', '');
    return (names[name] ?? [name]).map((column): [string, string] => [column, type!]);
  });
}

describe('what is published is what docs/integrations.md and the reference say', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let run: string;
  let engine: DuckdbEngine;

  beforeAll(async () => {
    const bank = smallBank();
    ({ folder, remove } = await writeBank({ ...bank, config: bank.config + clustersAndSegments }));
    ({ folder: run } = await runJob(await loadConfig(join(folder, 'basketwise.yaml'))));
    engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: join(folder, 'spill'), path: run });
  });
  afterAll(async () => {
    await engine?.close();
    await remove?.();
  });

  const columnsOf = async (relation: string): Promise<[string, string][]> =>
    (await queryRows(engine, `DESCRIBE FROM ${relation}`)).map((row) => [String(row.column_name), String(row.column_type)]);

  test.each([
    'clusters.parquet',
    'segments.parquet',
    'suppressed.parquet',
    'snapshot/customers.parquet',
    'snapshot/products.parquet',
    'snapshot/holdings.parquet',
  ])('%s', async (file) => {
    expect(await columnsOf(`'${file}'`)).toEqual(documented(file));
  });

  test('every row has a reason and a probability', async () => {
    const sql = "SELECT count(*) AS n, count(reason) AS r, count(probability) AS p FROM 'recommendations.parquet'";
    const [found] = await queryRows(engine, sql);
    expect(Number(found!.n)).toBeGreaterThan(0);
    expect([Number(found!.r), Number(found!.p)]).toEqual([Number(found!.n), Number(found!.n)]);
    const reasons = await queryRows(engine, "SELECT DISTINCT reason FROM 'recommendations.parquet'");
    expect(reasons.length).toBeGreaterThan(2);
    for (const { reason } of reasons) expect(reason).toMatch(/^(popular|holds .+|purchased by customers .+)$/);
  });

  test('recommendations have the columns of the reference in both files, Hive types that fit, and code knows the same', async () => {
    const rows = tableBelow('recommendations.parquet').map(([name, types]) => {
      const [, parquet, hive] = /^(\w+) \(Hive: (\w+)\)$/.exec(types!)!;
      return { name: name!.replaceAll('`', ''), parquet, hive };
    });
    expect(await columnsOf("'recommendations.parquet'")).toEqual(rows.map(({ name, parquet }) => [name, parquet]));
    const header = (await readFile(join(run, 'recommendations.csv'), 'utf8')).split('\n')[0];
    expect(header).toBe(rows.map(({ name }) => name).join(','));
    expect(recommendationColumns.map(({ name, parquet, hive }) => ({ name, parquet, hive }))).toEqual(rows);
  });

  test('a column that is never null has a value in every row', async () => {
    const counts = recommendationColumns.map(({ name }) => `CAST(count(*) - count(${name}) AS INTEGER) AS ${name}`);
    const [nulls] = await queryRows(engine, `SELECT ${counts.join(', ')} FROM 'recommendations.parquet'`);
    for (const { name, nullable } of recommendationColumns) if (!nullable) expect(nulls![name], name).toBe(0);
  });

  test('the CSV of the page has columns of the output, in its order', () => {
    const names = recommendationColumns.map(({ name }) => name);
    expect(csvColumns).toEqual(names.filter((name) => csvColumns.includes(name)));
    expect(csvColumns.length).toBeGreaterThan(5);
  });

  test('the star loads: every recommendation finds one customer and one product', async () => {
    const star = page.match(/^### Star\n.*?```sql\n(.*?)```/ms)![1]!;
    for (const statement of star.split(';').filter((part) => part.trim() !== '')) await engine.run(statement);
    const [counts] = await queryRows(
      engine,
      `SELECT CAST(count(*) AS INTEGER) AS joined, (SELECT CAST(count(*) AS INTEGER) FROM recommendations) AS published
        FROM recommendations JOIN customers USING (customer) JOIN products USING (product_code)`,
    );
    expect(counts!.published).toBeGreaterThan(50);
    expect(counts!.joined).toBe(counts!.published);
    expect((await columnsOf('customers')).map(([name]) => name)).toEqual([
      'customer',
      'age',
      'consent',
      'in_scheme_all',
      'rule_0',
      '세대',
      'half',
      'kind',
    ]);
    expect((await columnsOf('clusters')).map(([name]) => name)).toEqual(['customer', 'scheme', 'cluster']);
  });

  test('the report of CSV alone is that of Parquet', async () => {
    const file = join(folder, 'csv.yaml');
    const config = await readFile(join(folder, 'basketwise.yaml'), 'utf8');
    await writeFile(file, config.replace('output: { formats: [csv, parquet] }', 'output: { formats: [csv], dir: ./csv }'));
    const { folder: other } = await runJob(await loadConfig(file));
    const [mine, its] = await Promise.all(
      [run, other].map((path) => readJson<{ campaigns: { products: unknown[] }[] }>(join(path, 'report.json'))),
    );
    expect(its!.campaigns[0]!.products.length).toBeGreaterThan(0);
    expect(its!.campaigns).toEqual(mine!.campaigns);
  });
});
