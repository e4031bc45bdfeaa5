import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { type BankOptions, bankOf, drawCatalog, drawHoldings, drawPersons } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { berkaConfig, writeBerka } from '../sets/berka-bank.ts';
import type { CellCampaign } from './cell.ts';
import type { BankQueries, DatedBank } from './dated-bank.ts';
import type { Others } from './near-oracle.ts';

/** A bank that cells are made of. */
export interface CellBank {
  world: string;
  seed: number;
  dates: readonly string[];
  /** Reference date of the config: the end of the windows that benches compare. */
  reference: string;
  /** Length of the window after a date. */
  months: number;
  campaigns: readonly CellCampaign[];
  queries: BankQueries;
  /** The config of a model and an output folder; `before` is what 06175c3 understands. */
  config: (output: string, before: boolean) => string;
  write: (folder: string) => Promise<void>;
  /** So many other customers of the same world; null: there is no such world. */
  others: ((customers: number, bank: DatedBank) => Others) | null;
}

const campaigns: readonly CellCampaign[] = [
  { name: 'deposit-upsell', kind: 'upsell', class: 'deposit', columns: ['deposit'] },
  { name: 'insurance-upsell', kind: 'upsell', class: 'insurance', columns: ['insurance'] },
  { name: 'deposit-cross', kind: 'cross', class: 'deposit', columns: ['deposit', 'insurance'] },
  { name: 'insurance-cross', kind: 'cross', class: 'insurance', columns: ['deposit', 'insurance'] },
  { name: 'fund-cross', kind: 'cross', class: 'fund', columns: ['deposit', 'insurance', 'fund'] },
];

const features = `features:
  sex: { column: SEX_CD, fixed: true }
  age: { sql: "year(:date) - year(BIRTH_DT) - if(month(BIRTH_DT) * 100 + day(BIRTH_DT) > month(:date) * 100 + day(:date), 1, 0)", bands: [20, 25, 30, 35, 45, 55, 65], fixed: true }
  age_sex: { cross: [age, sex] }
`;

const configText = (reference: string) => (output: string, before: boolean) =>
  `reference_date: ${reference}
source: { engine: duckdb, path: ./data }
tables:
  customers: { from: customers.parquet, id: csno }
  products: { from: products.parquet, code: gds_cd, name: gds_korn_nm, class: gds_class, sale_end: sale_end_dt }
  holdings: { from: holdings.parquet, customer: csno, product: gds_korn_nm, by: name, date: open_dt, closed: close_dt }
campaigns:
  deposit-upsell:   { kind: upsell, class: deposit }
  insurance-upsell: { kind: upsell, class: insurance }
  deposit-cross:    { kind: cross, class: deposit, columns: [deposit, insurance] }
  insurance-cross:  { kind: cross, class: insurance, columns: [deposit, insurance] }
  fund-cross:       { kind: cross, class: fund, columns: [deposit, insurance, fund], train: holders }
${before ? '' : 'consent: { none: "lists are compared, and reach no customer" }\n'}${before ? '' : features}model: { kind: automatic }
evaluate: { window: 3 months, gap: ${before ? '1 day' : '0 days'} }
output: { dir: ${output}, formats: [parquet], report: false, keep: 1 }
`;

const sampleQueries: BankQueries = {
  customers: `select csno as id from 'data/customers.parquet'`,
  products: `select gds_korn_nm as name, any_value(gds_class) as class, max(strptime(nullif(coalesce(sale_end_dt, '99991231'), '99991231'), '%Y%m%d')::date) as sale_end,
      bool_or(coalesce(sale_end_dt, '99991231') = '99991231') as endless from 'data/products.parquet' group by 1`,
  holdings: `select csno as id, gds_korn_nm as name, open_dt as opened, close_dt as closed from 'data/holdings.parquet'`,
};

/** Dates of the sample's cells: month ends before its reference date. */
const sampleDates = ['2021-11-30', '2022-02-28', '2022-05-31'];

/** Month ends a quarter apart, the dates of ten windows that end with the sample's reference date. */
const quarterDates = [2019, 2020, 2021, 2022].flatMap((year) =>
  [`${year}-02-${year % 4 === 0 ? 29 : 28}`, `${year}-05-31`, `${year}-08-31`, `${year}-11-30`].filter(
    (date) => date >= '2020-02-29' && date <= '2022-05-31',
  ),
);

/** Banks of ten windows by the course of their sales: the worlds of `npm run claim -- probabilities`. */
export const salesWorlds = ['level', 'falling', 'spiking'] as const;

/** Reference dates of the worlds whose sales change: sales fall in the windows before the one, and triple in a month before the other. */
const changingWorlds: Readonly<Record<string, string>> = { falling: '2021-08-31', spiking: '2020-08-31' };

function sampleBank(world: string, options: Omit<BankOptions, 'customers'> & { seed: number }, customers: number): CellBank {
  const { seed } = options;
  const reference = changingWorlds[world] ?? '2022-08-31';
  return {
    ...{ world, seed, dates: options.shape === undefined ? sampleDates : quarterDates, reference, months: 3, campaigns },
    queries: {
      ...sampleQueries,
      products: `select name, class, case when endless then null else sale_end end as sale_end from (${sampleQueries.products})`,
    },
    config: configText(reference),
    write: async (folder) => {
      await mkdir(join(folder, 'data'), { recursive: true });
      await generateBank({ ...options, customers, folder: join(folder, 'data') });
    },
    others: (more, bank) => sampleOthers(options, bank, more),
  };
}

/** Bounds of the ages that divide the customers of the near-oracle. */
const ageBounds = [20, 25, 30, 35, 45, 55, 65];

function sampleOthers(options: Omit<BankOptions, 'customers'>, { customers, products }: DatedBank, more: number): Others {
  const all = customers + more;
  const bank = bankOf({ ...options, customers: all });
  const catalog = drawCatalog(bank);
  const placeOf = new Map(products.map(({ name }, at) => [name, at]));
  const productOf = Int32Array.from(catalog.lines, ({ name }) => required(placeOf, name.korean));
  const traitsOf = (from: number, to: number) => {
    const persons = drawPersons(bank, catalog, from, to);
    return (customer: number) => {
      const { age, sex } = persons[customer]!;
      return `${ageBounds.findLastIndex((bound) => age >= bound)} ${sex}`;
    };
  };
  function* parts() {
    for (let first = customers; first < all; first += 100_000) {
      const { from, to, rows, customer, product, opened, closed } = drawHoldings(
        bank,
        catalog,
        first,
        Math.min(first + 100_000, all),
      );
      const start = new Uint32Array(to - from + 1);
      for (let row = 0; row < rows; row++) start[customer[row]! - from + 1]!++;
      for (let i = 0; i < to - from; i++) start[i + 1]! += start[i]!;
      const own = product.subarray(0, rows).map((line) => productOf[line]!);
      const holdings = { customers: to - from, start, product: own, opened, closed };
      yield { holdings, traitsOf: traitsOf(from, to) };
    }
  }
  return { parts, traitsOf: traitsOf(0, customers) };
}

const berka: CellBank = {
  ...{
    world: 'berka',
    seed: 0,
    dates: ['1998-06-30', '1997-12-31', '1997-06-30', '1996-12-31'],
    reference: '1998-12-31',
    months: 6,
  },
  campaigns: [{ name: 'all', kind: 'upsell', class: 'product', columns: ['product'] }],
  queries: {
    customers: `select client::varchar as id from 'customers.csv'`,
    products: `select name, class, null::date as sale_end from 'products.csv'`,
    holdings: `select client::varchar as id, product as name, opened::date as opened, null::date as closed from 'holdings.csv'`,
  },
  config: (output, before) => {
    const own = berkaConfig.replace(/output: .*/, `output: { dir: ${output}, formats: [parquet], report: false, keep: 1 }`);
    return before ? own.replace(/features:\n( {2}.*\n)*/, '').replace('gap: 0 days', 'gap: 1 day') : own;
  },
  write: writeBerka,
  others: null,
};

/** Banks of a world, by seed. The world `sample` is `new`. */
export function banksOf(world: string, seeds: readonly number[], customers: number): CellBank[] {
  if (world === 'berka') return [berka];
  if (world === 'sample') return banksOf('new', seeds, customers);
  const shape = salesWorlds.find((name) => name === world);
  return seeds.map((seed) => sampleBank(world, { seed, ...(shape && { shape }) }, customers));
}

export async function writeConfig(folder: string, { config }: CellBank, output: string, before: boolean): Promise<string> {
  const file = join(folder, `${output}.yaml`);
  await writeFile(file, config(`./${output}`, before));
  return file;
}
