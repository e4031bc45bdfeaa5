import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareCodes, required } from '@basketwise/core';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ItemSets } from '../../test/reference/item-sets.ts';

/** A set without dates. */
export interface DataSet {
  name: string;
  /** Product codes, in code order. */
  items: readonly string[];
  /** Class of each product. Absent: one class. */
  classes?: readonly string[];
  /** Columns held by each customer, ascending. */
  sets: ItemSets;
  /** Facts known of each customer beside their products: names of pseudo-products. */
  contexts?: readonly (readonly string[])[];
  /** Columns of the customers by name, a value per customer. '': not known. */
  columns?: Readonly<Record<string, readonly string[]>>;
}

/** Folder of the real sets: that of the variable BASKETWISE_DATA, else ../shared/data. */
const folderOfSets = () => process.env.BASKETWISE_DATA ?? fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** Where a real set lies; undefined where it is not on this machine. */
export function dataFile(name: string): string | undefined {
  const path = `${folderOfSets().replace(/\/$/, '')}/${name}`;
  return existsSync(path) ? path : undefined;
}

async function rows(sql: string): Promise<(string | number)[][]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(sql);
  const values = reader.getRowsJson() as (string | number)[][];
  connection.closeSync();
  return values;
}

/** Pairs (customer, item), customers by number or code, into sets: positions follow the sorted customers and the sorted items. */
function toSets(
  pairs: readonly (string | number)[][],
  customersOfAll: readonly (string | number)[] = [],
): { items: string[]; customers: (string | number)[]; sets: number[][] } {
  const items = [...new Set(pairs.map(([, item]) => String(item)))].sort(compareCodes);
  const customers = [...new Set([...customersOfAll, ...pairs.map(([customer]) => customer!)])].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : compareCodes(String(a), String(b)),
  );
  const itemAt = new Map(items.map((item, i) => [item, i]));
  const customerAt = new Map(customers.map((customer, i) => [customer, i]));
  const held = customers.map(() => new Set<number>());
  for (const [customer, item] of pairs) held[required(customerAt, customer!)]!.add(required(itemAt, String(item)));
  return { items, customers, sets: held.map((set) => [...set].sort((a, b) => a - b)) };
}

async function baskets(name: string, sql: string): Promise<DataSet> {
  const { items, sets } = toSets(await rows(sql));
  return { name, items, sets };
}

const csv = (file: string) => `read_csv('${dataFile(file)}', header = true)`;
const asc = (table: string) => `read_csv('${dataFile(`berka/${table}.asc`)}', header = true, delim = ';', all_varchar = true)`;

/** Owners with age band at the start of 1997 and sex, as context names: birth numbers of women have 50 added to the month. */
const owners = `select cast(d.client_id as int) client, cast(d.account_id as int) account,
  case when cast(substr(birth_number, 3, 2) as int) > 50 then 'F' else 'M' end sex,
  least(7, (97 - cast(substr(birth_number, 1, 2) as int)) // 10) age
  from ${asc('disp')} d join ${asc('client')} c on c.client_id = d.client_id where d.type = 'OWNER'`;

async function berkaContexts(customers: readonly (string | number)[]): Promise<string[][]> {
  const known = new Map(
    (await rows(`select client, sex, age from (${owners})`)).map(([client, sex, age]) => [client, `age=${age} sex=${sex}`]),
  );
  return customers.map((client) => [required(known, client)]);
}

/** District of each customer, and how often the account's statements are sent. */
async function berkaColumns(customers: readonly (string | number)[]): Promise<Record<string, string[]>> {
  const known = new Map(
    (
      await rows(`select o.client, d.A2, a.frequency from (${owners}) o
        join ${asc('client')} c on cast(c.client_id as int) = o.client join ${asc('district')} d on d.A1 = c.district_id
        join ${asc('account')} a on cast(a.account_id as int) = o.account`)
    ).map(([client, ...values]) => [client, values.map(String)]),
  );
  const column = (at: number) => customers.map((client) => required(known, client)[at]!);
  return { district: column(0), frequency: column(1) };
}

async function berkaCore(): Promise<DataSet> {
  const pairs = await rows(`with o as (${owners})
    select o.client, 'card ' || c.type from ${asc('card')} c join ${asc('disp')} d on d.disp_id = c.disp_id join o on o.client = cast(d.client_id as int)
    union select o.client, 'loan ' || l.duration from ${asc('loan')} l join o on o.account = cast(l.account_id as int)
    union select o.client, 'order ' || coalesce(nullif(trim(r.k_symbol), ''), 'NONE') from ${asc('order')} r
      join o on o.account = cast(r.account_id as int) where coalesce(trim(r.k_symbol), '') <> 'UVER'`);
  const { items, customers, sets } = toSets(pairs, (await rows(`select client from (${owners})`)).flat());
  return { name: 'berka core', items, sets, contexts: await berkaContexts(customers), columns: await berkaColumns(customers) };
}

async function coil(): Promise<DataSet> {
  const names = (await rows(`describe select * from ${csv('coil2000/ticdata_train5822_labelled.csv')}`))
    .slice(64, 85)
    .map(([name]) => name);
  const held = names.map((name) => `select i, '${name}' item from t where cast("${name}" as int) > 0`).join(' union all ');
  return baskets(
    'coil2000',
    `with t as (select row_number() over () - 1 as i, * from ${csv('coil2000/ticdata_train5822_labelled.csv')}) select i::int, item from (${held})`,
  );
}

const loaders: Readonly<Record<string, [needs: string, load: () => Promise<DataSet>]>> = {
  coil2000: ['coil2000', coil],
  'berka core': ['berka', berkaCore],
  msweb: ['msweb', () => baskets('msweb', `select "user"::int, item from ${csv('msweb/msweb.csv')}`)],
  groceries: ['groceries', () => baskets('groceries', `select transaction::int, item from ${csv('groceries/groceries.csv')}`)],
  epub: [
    'epub',
    () =>
      baskets(
        'epub',
        `with t as (select distinct session, item from ${csv('epub/epub.csv')})
         select session, item from t where item in (select item from t group by item having count(*) >= 5)`,
      ),
  ],
  online_retail: [
    'online_retail',
    () =>
      baskets(
        'online_retail',
        `with t as (select distinct CustomerID::int c, StockCode s from '${dataFile('online_retail/online_retail.parquet')}'
           where CustomerID is not null and Quantity > 0 and UnitPrice > 0)
         select c, s from t where s in (select s from t group by s having count(*) >= 100)`,
      ),
  ],
  completejourney: [
    'completejourney',
    () =>
      baskets(
        'completejourney',
        `select distinct t.household_id::int, p.product_category from '${dataFile('completejourney/transactions_sample.parquet')}' t
         join ${csv('completejourney/products_in_sample.csv')} p on p.product_id = t.product_id where p.product_category is not null`,
      ),
  ],
};

/** Loads a set; undefined where its folder is absent. */
export async function loadDataSet(name: string): Promise<DataSet | undefined> {
  const [needs, load] = loaders[name]!;
  return dataFile(needs) === undefined ? undefined : load();
}
