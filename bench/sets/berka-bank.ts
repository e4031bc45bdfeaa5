import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { dataFile } from './real-sets.ts';

/** Whether the set is there. */
export const hasBerka = () => dataFile('berka') !== undefined;

/** The config of Berka over time. */
export const berkaConfig = `reference_date: 1998-12-31
source: { engine: duckdb, path: . }
tables:
  customers: { from: customers.csv, id: client }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: client, product: product, by: code, date: opened }
campaigns:
  all: { kind: upsell, class: product }
model: { kind: automatic }
features:
  sex: { column: sex, fixed: true }
  age: { sql: "datesub('year', CAST(born AS DATE), :date)", bands: [20, 25, 30, 35, 45, 55, 65], fixed: true }
  age_sex: { cross: [age, sex] }
evaluate: { window: 6 months, gap: 0 days, windows: 4, at: [1, 3, 5] }
output: { dir: ./out, formats: [csv] }
`;

/** Rows of one of Berka's files, by column. */
async function rowsOf(name: string): Promise<Record<string, string>[]> {
  const [header, ...lines] = (await readFile(join(dataFile('berka')!, `${name}.asc`), 'utf8')).trim().split(/\r?\n/);
  const fields = (line: string) => line.split(';').map((field) => field.replaceAll('"', ''));
  const names = fields(header!);
  return lines.map((line) => Object.fromEntries(fields(line).map((value, i) => [names[i]!, value])));
}

const dateOf = (text: string) => `19${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`;

/** Date of birth and sex: months of women have 50 added. */
function bornAs(birth: string): [string, string] {
  const month = Number(birth.slice(2, 4));
  const isWoman = month > 50;
  return [
    dateOf(`${birth.slice(0, 2)}${String(isWoman ? month - 50 : month).padStart(2, '0')}${birth.slice(4)}`),
    isWoman ? 'F' : 'M',
  ];
}

/** Writes the bank's files: owners, and the accounts, cards and loans that they took, with their dates: nothing is ever closed. */
export async function writeBerka(folder: string): Promise<void> {
  const dispositions = await rowsOf('disp');
  const ownerOf = new Map(dispositions.filter(({ type }) => type === 'OWNER').map((d) => [d.account_id!, d.client_id!]));
  const byId = new Map(dispositions.map((d) => [d.disp_id!, d]));
  const holdings: string[][] = [];
  for (const { account_id: account, frequency, date } of await rowsOf('account')) {
    const owner = ownerOf.get(account!);
    if (owner !== undefined) holdings.push([owner, `account ${frequency}`, dateOf(date!)]);
  }
  for (const { disp_id: disposition, type, issued } of await rowsOf('card')) {
    const { type: role, client_id: client } = required(byId, disposition!);
    if (role === 'OWNER') holdings.push([client!, `card ${type}`, dateOf(issued!)]);
  }
  for (const { account_id: account, duration, date } of await rowsOf('loan')) {
    holdings.push([required(ownerOf, account!), `loan ${duration}`, dateOf(date!)]);
  }
  const products = [...new Set(holdings.map(([, product]) => product!))].sort();
  const csv = (rows: readonly (readonly string[])[]) => `${rows.map((row) => row.join(',')).join('\n')}\n`;
  const owners = new Set(ownerOf.values());
  const customers = (await rowsOf('client'))
    .filter(({ client_id: client }) => owners.has(client!))
    .map(({ client_id: client, birth_number: birth }) => [client!, ...bornAs(birth!)]);
  await writeFile(join(folder, 'customers.csv'), csv([['client', 'born', 'sex'], ...customers]));
  const listed = products.map((product) => [product, product, 'product']);
  await writeFile(join(folder, 'products.csv'), csv([['code', 'name', 'class'], ...listed]));
  await writeFile(join(folder, 'holdings.csv'), csv([['client', 'product', 'opened'], ...holdings]));
}
