import { diagnose } from '@basketwise/insight';
import { parseConfig } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { partNames } from '../../../packages/insight/src/init/survey.ts';
import { agentsOf, liveOf } from '../../../packages/insight/src/init/words.ts';
import { longTest, some } from '../../cases.ts';
import type { Tables } from '../../e2e/cli/strange-banks.ts';
import { statusBank, twinBank } from './strange-tables/ends-of-holdings.ts';
import type { Cell } from './strange-tables/plain-bank.ts';
import { configured, dated } from './strange-tables/written-bank.ts';
import { strangeBanks } from './strange-tables.ts';

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
  const formats = Object.values({ ...config.tables.holdings.date_format });
  expect(formats).toEqual(formats.map(() => bank.dates));
  expect(formats.length > 0).toBe(bank.dates !== undefined);
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

test.each([
  [['Aktivní', 'Zrušený'], 1],
  [['aktywny', 'zamknięty', 'nieaktywny'], 1],
  [['정상', '해지'], 1],
  [['ACTIVE', 'IN_FORCE', 'CLOSED'], 2],
  [['activo', 'abierta', 'baja'], 2],
  [['open', 'gold'], 0],
])('of the statuses %j, %d are those of holdings that last', (values, held) => {
  expect(liveOf(values) ?? []).toEqual(values.slice(0, held));
});

test.each([
  ['role', ['OWNER', 'DISPONENT'], ['DISPONENT']],
  ['rola', ['właściciel', 'współwłaściciel', 'pełnomocnik'], ['pełnomocnik']],
  ['kind', ['account holder', 'authorised user'], ['authorised user']],
  ['channel', ['BRANCH', 'DELEGATION'], undefined],
])('in %s with %j, %j hold nothing', (name, values, agents) => {
  expect(agentsOf(name, values)).toEqual(agents);
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

longTest('repeated ids in files of CP949 are composed, and the query reads them as the config says', async () => {
  const korean = strangeBanks[8]!();
  const [head, ...rows] = korean.tables['고객.csv']!;
  const tables = { ...korean.tables, '고객.csv': [head!, ...rows, ...rows.slice(0, 3)] } as Tables;
  const { config, file } = await configured({ ...korean, tables });
  expect(config.tables.customers.sql).toContain("read_csv('고객.csv'");
  const { data } = await diagnose(file, { data: true });
  expect([data?.rows.customers, data?.faults.filter(({ effect }) => effect === 'stops')]).toEqual([700, []]);
});

test('two orders of day and month, where no value decides: the config is refused, and takes the one that a person names', async () => {
  const early = (cell: Cell) => (typeof cell === 'string' ? cell.replace(/^(\d{4}-\d{2})-\d{2}$/, '$1-07') : cell);
  const plain = statusBank();
  const tables = Object.fromEntries(
    Object.entries(plain.tables).map(([name, rows]) => [name, rows.map((row) => row.map(early))]),
  );
  const layout = { tables, dates: 'MM/DD/YYYY' };
  const { notes, text } = await configured(layout);
  expect(edits(notes)).toContain('tables.holdings.date_format');
  expect(text).toContain('date_format: { datum_otevreni: DD/MM/YYYY | MM/DD/YYYY');
  expect(text).toContain('# datum_otevreni has no day above 12');
  expect(() => parseConfig(text, 'basketwise.yaml')).toThrow(/date_format\.datum_otevreni: day and month can be in either order/);
  const { config, notes: rest } = await configured(layout, { dayOrder: 'MM/DD' });
  expect(config.tables.holdings.date_format).toMatchObject({ datum_otevreni: 'MM/DD/YYYY' });
  expect(edits(rest)).toEqual([]);
  expect(config.reference_date).toBe('2023-12-07');
});

test('two orders of day and month in a column: the order that other columns of the bank show', async () => {
  const { tables } = statusBank();
  const [head, ...contracts] = tables['smlouvy.csv'] as readonly (readonly Cell[])[];
  const opened = head!.indexOf('datum_otevreni');
  const early = contracts.map((row) => row.map((cell, at) => (at === opened ? String(cell).replace(/-\d{2}$/, '-07') : cell)));
  for (const dates of some(['MM/DD/YYYY', 'DD/MM/YYYY'], 1)) {
    const { config, notes } = await configured({ tables: { ...tables, 'smlouvy.csv': [head!, ...early] } as Tables, dates });
    expect(config.tables.holdings.date_format).toMatchObject({ datum_otevreni: dates });
    expect(edits(notes)).not.toContain('tables.holdings.date_format');
  }
});

test('years of two digits are refused, and decimal commas are read', async () => {
  const { tables } = statusBank();
  const short = Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      name === 'klienti.csv'
        ? rows.map((row, i) => [...row, i === 0 ? 'saldo' : `1.${100 + (i % 800)},${10 + (i % 90)}`])
        : rows.map((row) => row.map((cell) => (name === 'smlouvy.csv' ? dated(cell, 'DD/MM/YY') : cell))),
    ]),
  );
  const { text, config, notes } = await configured({ tables: short, delimiter: ';' });
  expect(config.tables.customers.decimal_comma).toEqual(['saldo']);
  expect(edits(notes)).toContain('tables.holdings.date_format');
  expect(() => parseConfig(text, 'basketwise.yaml')).toThrow(/date_format\.datum_otevreni: a year of two digits/);
});
