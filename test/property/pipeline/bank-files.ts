import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '@basketwise/data';
import { campaignName, predicates, type RandomBank } from './random-bank.ts';

const dateColumns = new Set(['saleEnd', 'opened', 'closed']);
/** Types of the Parquet columns of numbers. */
const numbers: Readonly<Record<string, string>> = { age: 'INTEGER', balance: 'BIGINT' };

/** Bands of the one segment. */
const ageBands = [
  { label: '없음', null: true },
  { label: '젊음', to: 30 },
  { label: 'older', from: 30 },
];

/** The label that the segment gives an age. */
export function ageBand(age: number | null): string {
  return age === null ? '없음' : age < 30 ? '젊음' : 'older';
}

/** Writes a bank's tables and its config, which is JSON and therefore YAML. */
export async function writeRandomBank(engine: DuckdbEngine, folder: string, bank: RandomBank): Promise<void> {
  const customers = bank.repeated ? [...bank.customers, bank.repeated] : bank.customers;
  const rowsOf = { customers, products: bank.products, holdings: bank.holdings };
  const files: Record<string, readonly object[]> = { ...rowsOf };
  if (bank.joined) files.facts = bank.customers.map(({ id, balance, kind }) => ({ id, balance, kind })).reverse();
  const place = bank.links === 'none' ? folder : join(folder, 'delivered');
  await mkdir(place, { recursive: true });
  for (const [table, rows] of Object.entries(files)) {
    const file = join(place, `${table}.csv`);
    await writeFile(file, csv(rows, bank.dateForm === 'compact'));
    if (bank.tables === 'parquet') await toParquet(engine, file, Object.keys(rows[0]!), bank);
    if (bank.links === 'files')
      await symlink(join('delivered', `${table}.${bank.tables}`), join(folder, `${table}.${bank.tables}`));
  }
  if (bank.links === 'folder') await symlink('delivered', join(folder, 'tables'));
  await writeOptOutList(folder, bank.optedOut);
  await writeFile(join(folder, 'basketwise.yaml'), JSON.stringify(configOf(bank)));
}

/** Writes the list that a predicate reads. */
export async function writeOptOutList(folder: string, ids: readonly string[]): Promise<void> {
  await mkdir(join(folder, 'lists'), { recursive: true });
  await writeFile(join(folder, 'lists', 'out.csv'), ['id', ...ids.map(quoted), ''].join('\n'));
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Makes a Parquet file of a CSV file, with the types that a bank's export would give its columns. */
async function toParquet(
  engine: DuckdbEngine,
  file: string,
  columns: readonly string[],
  { dateForm, zone }: RandomBank,
): Promise<void> {
  const { text, identifier } = engine.dialect;
  const isTyped = dateForm === 'date' || dateForm === 'moment';
  const typeOf = (name: string) => (isTyped && dateColumns.has(name) ? 'DATE' : (numbers[name] ?? 'VARCHAR'));
  const select = columns.map((name) => {
    const value = `CAST(${identifier(name)} AS ${typeOf(name)})`;
    const isMoment = dateForm === 'moment' && dateColumns.has(name);
    return `${isMoment ? `CAST(${value} AS TIMESTAMP) AT TIME ZONE ${text(zone)}` : value} AS ${identifier(name)}`;
  });
  const read = `read_csv(${text(file)}, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
  const target = file.replace(/csv$/, 'parquet');
  await engine.run(`COPY (SELECT ${select.join(', ')} FROM ${read}) TO ${text(target)} (FORMAT parquet)`);
  await rename(file, `${file}.source`);
}

function csv(rows: readonly object[], isCompact: boolean): string {
  const field = (value: unknown) => {
    if (typeof value !== 'string') return value === null ? '' : String(value);
    const isDate = /^\d{4}-\d\d-\d\d$/.test(value);
    return quoted(isDate && isCompact ? value.replaceAll('-', '') : value);
  };
  return [Object.keys(rows[0]!).join(','), ...rows.map((row) => Object.values(row).map(field).join(','))].join('\n');
}

/** A query that takes half of the customers' columns from a file, and half from another that has them in another order. */
function joinedCustomers(bank: RandomBank, from: (table: string) => string): string {
  const types = { id: 'VARCHAR', age: 'INTEGER', consent: 'VARCHAR', balance: 'BIGINT', kind: 'VARCHAR' };
  const read = (table: string, columns: readonly (keyof typeof types)[]) => {
    if (bank.tables === 'parquet') return `'${from(table)}'`;
    const declared = columns.map((name) => `'${name}': '${types[name]}'`).join(', ');
    return `read_csv('${from(table)}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {${declared}})`;
  };
  const customers = read('customers', ['id', 'age', 'consent', 'balance', 'kind']);
  const facts = read('facts', ['id', 'balance', 'kind']);
  return `SELECT c.id, c.age, c.consent, f.balance, f.kind FROM ${customers} c LEFT JOIN ${facts} f USING (id)`;
}

function configOf(bank: RandomBank): unknown {
  const schemes = Object.entries(bank.schemes).map(([name, { where, method, k, model }]) => [
    name,
    {
      ...{ method, k, starts: 2, numeric: ['age', 'balance'], categorical: ['kind'] },
      ...(where === null ? {} : { where: predicates[where]!.sql }),
      ...(model ? { model: `models/${name}.arrow` } : {}),
    },
  ]);
  const campaigns = bank.campaigns.map(({ kind, class: of, columns, scheme: by_cluster, train, constant }, i) => [
    campaignName(i),
    {
      ...{ kind, class: of, columns: [...new Set([of, ...columns])] },
      ...(by_cluster === null ? {} : { by_cluster }),
      ...(train === null ? {} : { train }),
      ...(constant === null ? {} : { model: { constant } }),
    },
  ]);
  const from = (table: string) => `${bank.links === 'folder' ? 'tables/' : ''}${table}.${bank.tables}`;
  return {
    reference_date: bank.referenceDate,
    source: { path: '.', memory: '200MB', ...(bank.hasZone && { time_zone: bank.zone }) },
    tables: {
      customers: { ...(bank.joined ? { sql: joinedCustomers(bank, from) } : { from: from('customers') }), id: 'id' },
      products: { from: from('products'), code: 'code', name: 'name', class: 'class', sale_end: 'saleEnd', group: 'group' },
      holdings: {
        from: from('holdings'),
        customer: 'customer',
        product: 'product',
        by: bank.by,
        date: 'opened',
        closed: 'closed',
      },
    },
    guards: { max_unknown_products: bank.unknownProducts, max_unknown_customers: bank.unknownCustomers, max_days_old: 1_000_000 },
    recency: { bands: bank.bands },
    clusters: Object.fromEntries(schemes),
    segments: { age: { column: 'age', bands: ageBands } },
    rules: bank.rules.map(({ predicate, reason, class: of }) => ({
      ...{ reason, require: predicates[predicate]!.sql },
      ...(of === null ? {} : { class: of }),
    })),
    consent: { none: 'rules are drawn' },
    campaigns: Object.fromEntries(campaigns),
    ...{ model: bank.model, fallback: bank.fallback, top_n: bank.topN, workers: bank.workers },
    output: { formats: bank.formats, report: bank.report },
  };
}
