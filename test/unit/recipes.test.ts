import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDuckdb } from '@basketwise/data';
import { diagnose } from '@basketwise/insight';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { some } from '../cases.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/tables.md', import.meta.url)), 'utf8');
const recipes = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => parse(text!) as Recipe);

interface Recipe {
  source?: object;
  tables?: Record<string, object>;
}

/** Config of the bank that recipes replace a table of. */
const base = {
  reference_date: '2023-12-31',
  source: { path: '.' },
  tables: {
    customers: { from: 'clients.csv', id: 'client' },
    products: { from: 'items.csv', code: 'code', name: 'title', class: 'family' },
    holdings: { from: 'accounts.parquet', customer: 'holder', product: 'product', by: 'code', date: 'opened' },
  },
  campaigns: { 'fund-cross': { kind: 'cross', class: 'fund' } },
};

const customers = 40;
const id = (i: string) => `printf('%06d', (${i}) % ${customers})`;

/** Queries of the tables that recipes read, by file. */
const tables: Readonly<Record<string, string>> = {
  'clients.csv': `SELECT ${id('i')} AS client, 'Ana' AS name FROM range(${customers}) t(i)`,
  'consents.csv': `SELECT ${id('i')} AS client, 'marketing' AS purpose, DATE '2023-01-11' + i::INT AS given_on, 'Y' AS granted FROM range(60) t(i)`,
  'items.csv': `SELECT 'P' || i AS code, 'Plan ' || i AS title, ['deposit', 'fund'][1 + i % 2] AS family FROM range(8) t(i)`,
  'contracts.csv': `SELECT (i % ${customers})::VARCHAR AS client, 'P' || i % 8 AS product, DATE '2021-01-01' + i::INT AS opened FROM range(99) t(i)`,
  'accounts.parquet': `SELECT ${id('i')} AS holder, holder AS client, ${id('i + 1')} AS second_holder, 'P' || i % 8 AS product,
    DATE '2021-01-01' + i::INT AS opened, ['ACTIVE', 'CLOSED'][1 + i % 2] AS status, DATE '2023-05-01' AS status_date FROM range(99) t(i)`,
  'contracts.parquet': `SELECT i AS contract, 'P' || i % 8 AS product, DATE '2021-01-01' + i::INT AS opened FROM range(99) t(i)`,
  'holders.parquet': `SELECT i AS contract, ${id('i')} AS client, 'HOLDER' AS role FROM range(99) t(i)`,
  'changes.parquet': `SELECT i % 99 AS contract, ${id('i % 99')} AS client, 'P' || (i % 99) % 8 AS product, DATE '2021-01-01' + i::INT AS changed,
    CASE WHEN i > 150 THEN 'CLOSED' ELSE 'OPEN' END AS status FROM range(198) t(i)`,
  'clients.parquet': `SELECT ${id('i')} AS client, 10.5 AS balance, 'EUR' AS currency FROM range(${customers}) t(i)`,
  'versions.parquet': `SELECT ${id('i')} AS client, DATE '2020-01-01' + 366 * (i // ${customers})::INT AS valid_from, CASE WHEN i < ${customers} THEN DATE '2021-01-01' END AS valid_to FROM range(${2 * customers}) t(i)`,
  'months.parquet': `SELECT i % 99 AS account, ${id('i % 99')} AS client, 'P' || (i % 99) // 13 AS product, last_day(DATE '2023-01-01' + 31 * (i // 99)::INT) AS month_end FROM range(990) t(i) WHERE i % 99 > 20 OR i < 500`,
  'rates.parquet': `SELECT 'EUR' AS currency, DATE '2023-01-01' AS day, 1.0 AS rate`,
};

/** Files in forms of other countries. */
const written: Readonly<Record<string, string>> = {
  'kunden.csv': `client;joined;balance\n${Array.from({ length: customers }, (_, i) => `${String(i).padStart(6, '0')};01.02.2015;1.234,${10 + i}\n`).join('')}`,
  'vertraege.csv': 'client,product,opened\n000001,P1,31/12/2021\n000002,P2,28/02/2022\n',
  'products.csv': `code;title;family;rate;valid_from\n${Array.from({ length: 8 }, (_, i) => `P${i};Ahorro fácil ${i};${i % 2 ? 'fund' : 'deposit'};1.5;2020-01-01\n`).join('')}`,
};

const folder = mkdtempSync(join(tmpdir(), 'basketwise-recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  for (const [name, text] of Object.entries(written)) writeFileSync(join(folder, name), Buffer.from(text, 'latin1'));
  const engine = await openDuckdb({ memory: '200MB', threads: 1, tempDirectory: join(folder, 'spill') });
  for (const [name, query] of Object.entries(tables)) await engine.run(`COPY (${query}) TO '${join(folder, name)}'`);
  await engine.close();
});

const ofTables = recipes
  .filter(({ tables: own }) => own)
  .map((recipe) => ({ recipe, of: Object.keys(recipe.tables!).join(', ') }));

test.each(some(ofTables, 3))('the recipe %# for $of reads its tables as it stands on the page', async ({ recipe }) => {
  const config = { ...base, ...recipe, tables: { ...base.tables, ...recipe.tables } };
  const file = join(folder, 'basketwise.yaml');
  writeFileSync(file, stringify(config));
  const { checks, data } = await diagnose(file, { data: true });
  expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(data?.faults).toEqual([]);
});
