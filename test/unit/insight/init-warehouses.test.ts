import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnose } from '@basketwise/insight';
import { parseConfig } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import type { Tables } from '../../e2e/cli/strange-banks.ts';
import { basketwise } from '../../e2e/pipeline/small-bank.ts';
import type { Cell } from './strange-tables/plain-bank.ts';
import { type DrawnBank, drawnWarehouse, drawnWideBank } from './strange-tables/warehouses.ts';
import { configured, written } from './strange-tables/written-bank.ts';

/** The first drawn bank whose name has all of some texts. */
function drawn(draw: (seed: number) => DrawnBank, ...texts: string[]): DrawnBank {
  for (let seed = 1; ; seed++) {
    const bank = draw(seed);
    if (texts.every((text) => bank.name.includes(text))) return bank;
  }
}

const banks: readonly [DrawnBank, RegExp, string][] = [
  [drawn(drawnWarehouse, 'customer_id', 'versions,', 'surrogate'), /valid_from.* <= :date AND \(/, 'customer_id'],
  [drawn(drawnWideBank, 'blank'), /CROSS JOIN[\s\S]*WHEN 'savings_balance' THEN savings_balance IS NOT NULL/, ''],
  [drawn(drawnWarehouse, 'kundennr', 'customers monthly', 'versions of products'), /max\(.*stichtag/, 'kundennr'],
  [drawn(drawnWideBank, 'ind_', '1 months'), /WHEN 'ind_savings_fin_ult1' THEN ind_savings_fin_ult1 = /, ''],
];

test.each(some(banks, 1))('$name: init takes one state of each customer, product and holding', async (bank, sql, id) => {
  const { config, text, file, notes, proposal } = await configured(bank);
  expect(text).toMatch(sql);
  expect(config.tables.customers.id).toContain(id);
  expect(notes.filter(({ kind, key }) => kind === 'edit' && key !== 'reference_date')).toEqual([]);
  expect(proposal.roles.customers.table.rows).toBe(bank.persons.size);
  if (config.reference_date !== undefined) expect(config.reference_date).toBe('2023-12-31');
  const { data, checks } = await diagnose(file, { data: true });
  expect(checks.filter(({ name, status }) => status === 'failed' && name !== 'reference_date')).toEqual([]);
  expect(data?.faults).toEqual([]);
});

type Rows = readonly (readonly Cell[])[];

/** A bank of versions in English, with surrogate keys in the accounts. */
const warehouse = (kind = 'versions;') =>
  drawn(drawnWarehouse, 'customer_id', kind, 'surrogate').tables as Readonly<Record<string, Rows>>;

/** Rows of a table with some columns left out, and with another value of a column. */
function without(
  rows: Rows,
  names: readonly string[],
  change: (row: readonly Cell[], i: number) => readonly Cell[] = (row) => row,
): Rows {
  const at = rows[0]!.map((name) => !names.includes(String(name)));
  return rows.map((row, i) => (i === 0 ? row : change(row, i)).filter((_, column) => at[column]));
}

test('versions that init cannot tell apart, and repeated holdings: no config that runs', async () => {
  const { 'dim_customer.csv': customers, 'fact_account_snapshot.csv': accounts, ...others } = warehouse();
  const end = customers![0]!.indexOf('valid_to');
  const gaps = without(customers!, ['birth_date', 'valid_from'], (row) =>
    row.map((cell, i) => (i === end && cell !== null ? '2020-02-03' : cell)),
  );
  const tables = {
    ...others,
    'dim_customer.csv': gaps,
    'fact_account_snapshot.csv': without(accounts!, ['month_end', 'open_date', 'balance']),
  };
  const { text, notes } = await configured({ tables: tables as Tables });
  const edits = notes.filter(({ kind }) => kind === 'edit').map(({ key }) => key);
  expect(edits).toEqual(expect.arrayContaining(['tables.customers.from', 'tables.holdings.from']));
  expect(notes.find(({ key }) => key === 'tables.customers.from')!.text).toMatch(/versions of one person: customer_id repeats/);
  expect(() => parseConfig(text, 'basketwise.yaml')).toThrow(/expected one of `from` and `sql`/);
});

test.each([
  ['days of beginning alone', ['valid_to', 'birth_date'], /ORDER BY .*valid_from.* DESC/],
  ['no days: no config that runs', ['valid_to', 'valid_from', 'birth_date'], null],
  ['a flag alone', ['valid_to', 'valid_from', 'birth_date'], /WHERE is_current = /, 'versions, flag'],
] as const)('versions with %s', async (_, names, sql, kind?: string) => {
  const { 'dim_customer.csv': customers, ...others } = warehouse(kind);
  const { text, notes } = await configured({ tables: { ...others, 'dim_customer.csv': without(customers!, names) } as Tables });
  const edits = notes.filter(({ kind }) => kind === 'edit').map(({ key }) => key);
  expect(edits).toEqual(sql ? [] : ['tables.customers.from']);
  if (sql) expect(text).toMatch(sql);
  else expect(notes.find(({ kind }) => kind === 'edit')!.text).toMatch(/versions of one person: customer_id repeats\. Select/);
});

test('a run refuses versions of persons, if no key says otherwise, and a holdings table of repeated rows', async () => {
  const { folder } = await written({ tables: warehouse() as Tables });
  const refused = async (extra: string, holdings = '', ...until: string[]) => {
    const config = `
reference_date: 2023-12-31
source: { path: ./data }
tables:
  customers: { from: dim_customer.csv, id: customer_sk${extra} }
  products: { sql: "SELECT product_code, any_value(product_name) AS product_name, any_value(category) AS category FROM 'dim_product.csv' GROUP BY 1", code: product_code, name: product_name, class: category }
  holdings: { sql: "SELECT * FROM 'fact_account_snapshot.csv' ${holdings}", customer: customer_sk, product: product_code, by: code }
rules: [{ reason: NO_CONSENT, require: "marketing_consent = 'Y'" }]
campaigns: { one: { kind: upsell, class: Family 0 } }
output: { dir: ./out }
`;
    writeFileSync(join(folder, 'basketwise.yaml'), config);
    const doctor = await basketwise(folder, 'doctor', '--data');
    const { exitCode, stderr } = await basketwise(folder, 'run', ...until);
    return { said: stderr, codes: [doctor.exitCode, exitCode], found: doctor.stdout.replaceAll(/\s+/g, ' ') };
  };
  const versions = await refused('');
  expect(versions.codes).toEqual([65, 65]);
  for (const text of [versions.said, versions.found])
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(
      /evidently versions of one person: customer_id repeats, and customer_sk is a key of single versions/,
    );
  const repeats = await refused(', shared: [customer_id, birth_date]');
  expect(repeats.codes).toEqual([65, 65]);
  for (const text of [repeats.said, repeats.found]) expect(text).toMatch(/rows repeat another row/);
  const { codes } = await refused(', shared: [customer_id, birth_date]', "WHERE month_end = '2023-12-31'", '--stage', 'extract');
  expect(codes).toEqual([0, 0]);
});
