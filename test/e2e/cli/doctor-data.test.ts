import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { basketwise, smallBank, testBank } from '../pipeline/small-bank.ts';

const bank = smallBank();

async function examined(changes: Partial<typeof bank>) {
  const { folder } = await testBank({ ...bank, ...changes });
  const before = readdirSync(folder, { recursive: true }).sort();
  const { exitCode, stdout } = await basketwise(folder, 'doctor', '--data', '--json');
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  const { faults } = diagnosis.data!;
  const found = faults.map(({ table, what, rows, examples, effect }) => [table, what, rows, examples, effect] as const);
  return { folder, exitCode, diagnosis, faults, found };
}

/** Changes a row of a table, counted from 1. */
function changed(table: string, row: number, change: (line: string) => string): string {
  return table
    .split('\n')
    .map((line, i) => (i === row ? change(line) : line))
    .join('\n');
}

test('a healthy bank has none, and the doctor says so', async () => {
  const { exitCode, diagnosis, faults } = await examined({});
  expect(faults.filter(({ effect }) => effect === 'stops')).toEqual([]);
  expect(exitCode).toBe(0);
  const { what, rows } = faults.find(({ table }) => table === 'holdings') ?? { what: '', rows: 0 };
  expect(faults.length === 0 || what.includes('after the reference date')).toBe(true);
  expect(diagnosis.checks.find(({ name }) => name === 'tables')!.text).toMatch(/^60 customers, 8 products, \d+ holdings; /);
  expect(rows).toBeLessThan(100);
});

test('the date of the command line takes the place of that of the config', async () => {
  const { folder } = await testBank({ ...bank, config: bank.config.replace(/^reference_date.*$/m, '') });
  const checks = async (...date: string[]) => {
    const { exitCode, stdout } = await basketwise(folder, 'doctor', '--data', '--json', ...date);
    return [exitCode, (JSON.parse(stdout) as Diagnosis).checks.find(({ name }) => name === 'reference_date')?.text];
  };
  expect(await checks()).toEqual([0, expect.stringContaining('not set')]);
  expect(await checks('--reference-date', '2020-01-31')).toEqual([0, '2020-01-31']);
  expect((await basketwise(folder, 'doctor', '--reference-date', '2020-13-01')).exitCode).toBe(64);
});

test('every fault at once, with its count and rows, the exit code of the first, and what a run does with it', async () => {
  let customers = changed(bank.customers, 7, (line) => line.replace(/^\d+/, '0003'));
  customers = changed(customers, 12, (line) => line.replace(/^\d+/, ''));
  customers = changed(customers, 9, (line) => line.replace(/,\d+,/, ',many,'));
  const products = `${bank.products}D6,수시예금,,\nD1,또 다른 통장,deposit,\nD8,적립예금,deposit,soon\n`;
  let holdings = bank.holdings;
  holdings = changed(holdings, 3, (line) => line.replace(/\d{4}-\d\d-\d\d$/, '31.12.2020'));
  holdings = changed(holdings, 5, (line) => line.replace(/,[^,]+,/, ',없는 상품,'));
  holdings = changed(holdings, 6, (line) => line.replace(/,[^,]+,/, ',I1,'));
  holdings = changed(holdings, 8, (line) => line.replace(/^0+/, ''));
  holdings = changed(holdings, 10, (line) => line.replace(/^\d+/, '9999'));
  holdings = changed(holdings, 11, (line) => line.replace(/^\d+/, ''));
  const config = `${bank.config}clusters:\n  ages: { k: 2, numeric: [age] }\n`;
  const { exitCode, found, diagnosis, folder } = await examined({ customers, products, holdings, config });
  expect(found).toEqual(
    expect.arrayContaining([
      ['customers', '2 rows share their id with another, and differ from it', 2, [4, 7], 'stops'],
      ['customers', '1 rows have no id', 1, [12], 'left out'],
      ['customers', 'age is no number in 1 rows', 1, [9], 'stops'],
      ['products', '1 rows have no class (class)', 1, [9], 'stops'],
      ['products', 'sale_end is no date in 1 rows', 1, [11], 'stops'],
      ['products', '1 rows repeat the code of another, with other values', 1, [10], 'stops'],
      ['holdings', '1 rows have no customer', 1, [11], 'left out'],
      ['holdings', 'opened is no date in 1 rows', 1, [3], 'stops'],
      ['holdings', '2 rows name a product in product that the products table lacks (2 different texts)', 2, [5, 6], 'left out'],
      ['holdings', "1 of them are a product's code", 1, [6], 'left out'],
      ['holdings', '1 of them would match without leading zeros, case and blanks', 1, [8], 'left out'],
    ]),
  );
  expect(found.find(([, what]) => what.includes('that the customers table lacks'))![3]).toEqual(expect.arrayContaining([8, 10]));
  expect(exitCode).toBe(65);
  const failed = diagnosis.checks.filter(({ status }) => status === 'failed');
  expect(failed[0]!.text).toBe('age is no number in 1 rows (row 9)');
  expect(JSON.stringify(diagnosis)).not.toMatch(/없는|\b9999\b|31\.12/);
  const { stdout } = await basketwise(folder, 'doctor', '--data');
  expect(stdout).toMatch(/^FAILED +holdings +opened is no date in 1 rows \(row 3\)$/m);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(200);
});

test('faults of the config stand beside those of the rows: a missing column of one table hides none of another', async () => {
  const config = bank.config
    .replace('date: opened', 'date: openned')
    .replace("consent = 'Y'", "consent = 'yes'")
    .replace('class: insurance, columns', 'class: insurances, columns');
  const { found, exitCode } = await examined({
    config: config.replace('[deposit, insurance]', '[deposit, insurances]'),
    customers: bank.customers.replace(/^0010/m, '0011'),
  });
  expect(exitCode).toBe(65);
  expect(found.map(([table, what]) => `${table}: ${what}`)).toEqual([
    expect.stringContaining('holdings: tables.holdings: holdings.csv has no column openned'),
    expect.stringContaining('products: campaigns.insurance-cross: no product is of class `insurances`'),
    'customers: 2 rows share their id with another, and differ from it',
  ]);
});

test('columns that came empty and rules that exclude all customers are odd, and no run ends with them', async () => {
  const customers = bank.customers.replace(/,[YN]$/gm, ',');
  const config = bank.config.replace('date: opened', 'date: opened, closed: closed').replace('"consent = \'Y\'"', '"age > 200"');
  const holdings = bank.holdings.replace(/$/gm, ',').replace('opened,', 'opened,closed').replace(/,$/, '');
  const { found, exitCode } = await examined({ customers, config, holdings });
  expect(exitCode).toBe(0);
  expect(found).toEqual(
    expect.arrayContaining([
      ['holdings', 'column closed is null in every row', expect.any(Number), [], 'odd'],
      ['customers', 'rules[0].require is true for no customer', 60, [], 'odd'],
    ]),
  );
});

test('too many unknown customers are reported with the limit that a run would end at', async () => {
  const holdings = bank.holdings.replace(/^0/gm, 'x0');
  const { exitCode, diagnosis, folder } = await examined({ holdings });
  expect(exitCode).toBe(65);
  const [failure] = diagnosis.checks.filter(({ status }) => status === 'failed');
  expect(failure!.text).toMatch(
    /^\d+ rows have a customer .* lacks, 100\.0 % \(row 1, 2, 3, 4, 5, \.\.\.\); guards\.max_unknown_customers is 5\.0 %$/,
  );
  expect(readFileSync(join(folder, 'holdings.csv'), 'utf8')).toBe(holdings);
});
