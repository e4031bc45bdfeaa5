import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckdb } from '@basketwise/data';
import { diagnose } from '@basketwise/insight';
import { parseConfig } from '@basketwise/pipeline';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { surveyBank } from '../../../packages/insight/src/init/init.ts';
import { initText } from '../../../packages/insight/src/init/init-text.ts';
import type { InitAnswers } from '../../../packages/insight/src/init/roles.ts';
import { partNames } from '../../../packages/insight/src/init/survey.ts';
import { longTest, some } from '../../cases.ts';
import type { Tables } from '../../e2e/cli/strange-banks.ts';
import { cp949 } from '../data/cp949.ts';
import { twinBank } from './strange-tables/ends-of-holdings.ts';
import type { StrangeBank } from './strange-tables/plain-bank.ts';
import { strangeBanks } from './strange-tables.ts';

type Layout = Pick<StrangeBank, 'tables' | 'delimiter' | 'encoding' | 'isDatabase'>;

function csv(table: Tables[string], delimiter: string): string {
  const cell = (value: string | number | null) => (value === null ? '' : String(value));
  return `${table.map((row) => row.map(cell).join(delimiter)).join('\n')}\n`;
}

/** Writes the tables of a bank; returns the folder and the path to survey. */
async function written({ tables, delimiter = ',', encoding, isDatabase }: Layout) {
  const folder = mkdtempSync(join(tmpdir(), 'basketwise-tables-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data');
  mkdirSync(data);
  for (const [name, table] of Object.entries(tables)) {
    const text = csv(table, delimiter);
    const bytes = encoding === 'cp949' ? cp949(text) : Buffer.from(text, encoding ?? 'utf8');
    writeFileSync(join(data, name), bytes);
  }
  if (!isDatabase) return { folder, path: data };
  const path = join(folder, 'bank.duckdb');
  const engine = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill') });
  await engine.run(`ATTACH '${path}' AS bank`);
  for (const [name, [head, ...rows]] of Object.entries(tables)) {
    const types = head!.map(
      (column, i) => `'${column}': '${rows.some((row) => typeof row[i] === 'string') ? 'VARCHAR' : 'BIGINT'}'`,
    );
    const read = `read_csv('${join(data, name)}', header = true, columns = {${types.join(', ')}})`;
    await engine.run(`CREATE TABLE bank.${name.split('.')[0]} AS FROM ${read}`);
  }
  await engine.close();
  return { folder, path };
}

/** The config of a bank as `init --yes` writes it. */
async function configured(layout: Layout, choices: InitAnswers = {}) {
  const { folder, path } = await written(layout);
  const file = join(folder, 'basketwise.yaml');
  const bank = await surveyBank(path);
  try {
    const result = await bank.configFor(file, choices);
    writeFileSync(file, result.text);
    return { ...result, file, config: parse(result.text), said: initText('basketwise.yaml', bank, result) };
  } finally {
    await bank.close();
  }
}

const edits = (notes: readonly { kind: string; key: string }[]) =>
  notes.filter(({ kind }) => kind === 'edit').map(({ key }) => key);

test.each(some(strangeBanks, 1).map((make) => make()))('$name: init finds tables and keys', async (bank) => {
  const { proposal, text, notes, config, said, file } = await configured(bank);
  const { roles, contacts, features } = proposal;
  const { customers, products, holdings } = bank;
  expect(partNames(roles.customers.table)).toEqual(customers.tables);
  expect(partNames(roles.products.table)).toEqual(products.tables);
  expect(partNames(roles.holdings.table)).toEqual(holdings.tables);
  expect([roles.customers.table.rows, roles.holdings.table.rows]).toEqual([customers.rows, holdings.rows]);
  expect(config.tables.customers).toMatchObject({ id: customers.id });
  expect(config.tables.products).toMatchObject({ code: products.code, name: products.name, class: products.class });
  const { customer, product } = holdings;
  expect(config.tables.holdings).toMatchObject({ customer, product, by: products.by });
  expect([config.tables.holdings.date ?? null, config.tables.holdings.closed ?? null]).toEqual([holdings.date, holdings.closed]);
  expect(config.tables.holdings.where).toBeUndefined();
  expect(config.reference_date ?? null).toBe(holdings.date === null ? null : '2023-12-31');
  expect(contacts?.table.name).toBe(bank.contacts);
  expect(features.map(({ name }) => name).filter((name) => bank.persons?.includes(name))).toEqual([]);
  for (const wanted of bank.sql ?? []) expect(text).toMatch(wanted);
  const confidences = Object.values(roles.confidence).map(({ value }) => value);
  expect(Math.min(...confidences), JSON.stringify(confidences)).toBeGreaterThan(0.6);
  expect(said).toContain('confidence');
  expect(edits(notes).filter((key) => key !== 'consent')).toEqual(bank.edits ?? []);
  if (bank.edits) return;
  // the SQL of the config is read, and no row stops a run
  const { checks, data } = await diagnose(file, { data: true });
  expect(checks.filter(({ name, status }) => status === 'failed' && name !== 'consent')).toEqual([]);
  expect(data?.faults.filter(({ effect }) => effect === 'stops')).toEqual([]);
});

test('two tables that fit as well: the config has both as a comment, is refused, and takes the one that a person names', async () => {
  const tables = twinBank();
  const { config, notes, text, proposal } = await configured({ tables });
  expect(proposal.roles.confidence.holdings.value).toBeLessThan(0.5);
  expect(edits(notes)).toEqual(['tables.holdings.from']);
  const [edit] = notes.filter(({ kind }) => kind === 'edit');
  expect(text.split('\n')[edit!.line - 1]).toMatch(/# from: lista_(a|b)\.csv \| lista_(a|b)\.csv/);
  expect(config.tables.holdings).not.toHaveProperty('from');
  expect(() => parseConfig(text, 'basketwise.yaml')).toThrow('tables.holdings: expected one of `from` and `sql`, found neither');
  const { config: chosen, notes: rest } = await configured({ tables }, { holdings: 'lista_b.csv' });
  expect(chosen.tables.holdings.from).toBe('lista_b.csv');
  expect(edits(rest)).toEqual([]);
});

longTest('a bank whose contracts are missing: neither its catalogue nor a table of codes gets a role unasked', async () => {
  const [, , , codes] = strangeBanks;
  const { 'posiciones.csv': _, ...tables } = codes!().tables as Record<string, Tables[string]>;
  const outcome = await configured({ tables }).catch((error: { code: string }) => error);
  if ('code' in outcome) expect(outcome.code).toBe('missing-input');
  else expect(edits(outcome.notes)).not.toEqual([]);
});

longTest('repeated ids in files that SQL cannot read are named', async () => {
  const korean = strangeBanks[8]!();
  const [head, ...rows] = korean.tables['고객.csv']!;
  const tables = { ...korean.tables, '고객.csv': [head!, ...rows, ...rows.slice(0, 3)] } as Tables;
  const { notes, config } = await configured({ ...korean, tables });
  expect(config.tables.customers.from).toBe('고객.csv');
  expect(notes.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^not composed.*3 of 703 rows of 고객\.csv repeat/));
});
