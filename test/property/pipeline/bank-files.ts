import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '@basketwise/data';
import { campaignName, predicates, type RandomBank } from './random-bank.ts';

const tables = ['customers', 'products', 'holdings'] as const;
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
  for (const table of tables) {
    const file = join(folder, `${table}.csv`);
    await writeFile(file, csv(rowsOf[table], bank.dateForm === 'compact'));
    if (bank.tables === 'parquet') await toParquet(engine, file, Object.keys(rowsOf[table][0]!), bank.dateForm === 'date');
  }
  await writeFile(join(folder, 'basketwise.yaml'), JSON.stringify(configOf(bank)));
}

/** Makes a Parquet file of a CSV file, with the types that a bank's export would give its columns. */
async function toParquet(engine: DuckdbEngine, file: string, columns: readonly string[], asDate: boolean): Promise<void> {
  const { text, identifier } = engine.dialect;
  const typeOf = (name: string) => (asDate && dateColumns.has(name) ? 'DATE' : (numbers[name] ?? 'VARCHAR'));
  const select = columns.map((name) => `CAST(${identifier(name)} AS ${typeOf(name)}) AS ${identifier(name)}`);
  const read = `read_csv(${text(file)}, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
  const target = file.replace(/csv$/, 'parquet');
  await engine.run(`COPY (SELECT ${select.join(', ')} FROM ${read}) TO ${text(target)} (FORMAT parquet)`);
  await rename(file, `${file}.source`);
}

function csv(rows: readonly object[], isCompact: boolean): string {
  const field = (value: unknown) => {
    if (typeof value !== 'string') return value === null ? '' : String(value);
    const isDate = /^\d{4}-\d\d-\d\d$/.test(value);
    return `"${(isDate && isCompact ? value.replaceAll('-', '') : value).replaceAll('"', '""')}"`;
  };
  return [Object.keys(rows[0]!).join(','), ...rows.map((row) => Object.values(row).map(field).join(','))].join('\n');
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
  const from = (table: string) => `${table}.${bank.tables}`;
  return {
    reference_date: bank.referenceDate,
    source: { path: '.', memory: '200MB' },
    tables: {
      customers: { from: from('customers'), id: 'id' },
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
    guards: { max_unknown_products: bank.unknownProducts, max_unknown_customers: bank.unknownCustomers },
    recency: { bands: bank.bands },
    clusters: Object.fromEntries(schemes),
    segments: { age: { column: 'age', bands: ageBands } },
    rules: bank.rules.map(({ predicate, reason, class: of }) => ({
      ...{ reason, require: predicates[predicate]!.sql },
      ...(of === null ? {} : { class: of }),
    })),
    campaigns: Object.fromEntries(campaigns),
    ...{ model: bank.model, fallback: bank.fallback, top_n: bank.topN, workers: bank.workers },
    output: { formats: bank.formats, report: bank.report },
  };
}
