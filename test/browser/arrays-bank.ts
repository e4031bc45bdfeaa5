import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationWindows, learningWindows, required, stillOpen } from '@basketwise/core';
import { openDuckdb, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { type BankHoldings, type ListCampaign, recommendTo } from '@basketwise/recommend';
import { generateBank } from '@basketwise/sample/write';
import { ownConfig, ownTold, recommendationRows } from './own-lists.ts';

export const date = '2022-08-31';
export const campaign: ListCampaign = { kind: 'cross', class: 'insurance', columns: ['deposit', 'insurance', 'fund'] };
const classes =
  '{ sql: "SELECT gds_korn_nm AS code, any_value(gds_class) AS class FROM \'products.parquet\' GROUP BY 1", code: code, name: code, class: class }';
const ageOn = (day: string) => `date_diff('year', BIRTH_DT, CAST(${day} AS DATE))`;

/** Features of customers in a config: fixed, computed for a date, in bands, crossed, and one that changes. */
export const featuresOfConfig = `features:
  sex: { column: SEX_CD, fixed: true }
  age: { sql: "${ageOn(':date')}", bands: [20, 35, 50, 65], fixed: true }
  balance: { column: M3_ABAL1, bands: 4 }
  age_sex: { cross: [age, sex] }
`;

/** The same features as data: values by date, in the order of customers. Functions are made of it where it is used. */
export type FeatureData = Readonly<Record<'sex' | 'age' | 'balance', Readonly<Record<string, (string | number | null)[]>>>>;

/** Features of a call of the library, by data alone: a page receives the source of this function. */
export function featuresOf({ sex, age, balance }: FeatureData) {
  return [
    { name: 'sex', values: Object.values(sex)[0]! },
    { name: 'age', bands: [20, 35, 50, 65], values: (day: string) => age[day]! },
    { name: 'balance', bands: 4, values: (day: string) => balance[day]! },
    { name: 'age_sex', cross: ['age', 'sex'] as const },
  ];
}

/** A list entry: customer, rank, product, score, probability, reason. */
export type Entry = ReturnType<typeof ownTold>;

/** A generated bank as files, and as arrays. */
export interface ArraysBank {
  ids: readonly string[];
  holdings: BankHoldings;
  features: FeatureData;
  /** Runs the job on its files: the published lists, and the bytes of the model file with its data hash. @param more further keys of the config */
  run(more?: string): Promise<{ lists: Entry[]; model: Uint8Array }>;
  remove(): Promise<void>;
}

export async function arraysBank(customers: number, products: number): Promise<ArraysBank> {
  const folder = await mkdtemp(join(tmpdir(), 'arrays-bank-'));
  await generateBank({ customers, products, seed: 3, folder, snapshots: 3 });
  return {
    ...(await readArrays(folder)),
    run: (more = '') => published(folder, more),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readArrays(folder: string): Promise<Pick<ArraysBank, 'ids' | 'holdings' | 'features'>> {
  const engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: folder });
  const table = (name: string) => `read_parquet(${engine.dialect.text(join(folder, `${name}.parquet`))})`;
  const day = (column: string) => `date_diff('day', DATE '1970-01-01', ${column})`;
  const customers = await queryRows(
    engine,
    `SELECT csno, SEX_CD AS sex, ${day('JOIN_DT')} AS joined FROM ${table('customers')} ORDER BY csno`,
  );
  const products = await queryRows(
    engine,
    `SELECT gds_korn_nm AS code, any_value(gds_class) AS class FROM ${table('products')} GROUP BY 1`,
  );
  const rows = await queryRows(
    engine,
    `SELECT csno, gds_korn_nm AS code, ${day('open_dt')} AS opened, ${day('close_dt')} AS closed FROM ${table('holdings')}`,
  );
  const valuesOn = async (on: string) => {
    const states = `(SELECT *, row_number() OVER (PARTITION BY csno ORDER BY snapshot_dt DESC) AS back FROM ${table('customers-history')} WHERE snapshot_dt <= DATE '${on}')`;
    const balance = on === date ? 'c.M3_ABAL1' : 'h.M3_ABAL1';
    return await queryRows(
      engine,
      `SELECT ${ageOn(`'${on}'`).replace('BIRTH_DT', 'c.BIRTH_DT')} AS age, ${balance} AS balance FROM ${table('customers')} c LEFT JOIN ${states} h ON h.csno = c.csno AND h.back = 1 ORDER BY c.csno`,
    );
  };
  const month = { months: 1, days: 0 };
  const dates = [date, ...evaluationWindows(date, month, month, learningWindows).map(({ at }) => at)];
  const byDate: [string, Awaited<ReturnType<typeof valuesOn>>][] = [];
  for (const on of dates) byDate.push([on, await valuesOn(on)]);
  await engine.close();
  const ids = customers.map(({ csno }) => String(csno));
  const numberOf = new Map(ids.map((id, number) => [id, number]));
  const productOf = new Map(products.map(({ code }, at) => [String(code), at]));
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  const column = (name: 'age' | 'balance') =>
    Object.fromEntries(byDate.map(([on, found]) => [on, found.map((row) => number(row[name]))]));
  return {
    ids,
    holdings: {
      customers: ids.length,
      products: products.map(({ code, class: of }) => ({ code: String(code), class: String(of) })),
      customer: rows.map(({ csno }) => required(numberOf, String(csno))),
      product: rows.map(({ code }) => required(productOf, String(code))),
      days: rows.map(({ opened }) => Number(opened)),
      closed: rows.map(({ closed }) => number(closed) ?? stillOpen),
      joined: customers.map(({ joined }) => Number(joined)),
    },
    features: { sex: { [date]: customers.map(({ sex }) => String(sex)) }, age: column('age'), balance: column('balance') },
  };
}

async function published(folder: string, more: string): ReturnType<ArraysBank['run']> {
  const config = ownConfig(date, '{ insurance-cross: { kind: cross, class: insurance, columns: [deposit, insurance, fund] } }', {
    products: classes,
    customers:
      '{ from: customers.parquet, id: csno, since: JOIN_DT, history: { from: customers-history.parquet, id: csno, date: snapshot_dt } }',
  });
  await writeFile(join(folder, 'basketwise.yaml'), config + more);
  const report = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  const lists = recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8')).map(ownTold);
  return { lists, model: await readFile(join(report.folder, report.trainings[0]!.fits[0]!.file)) };
}

/** Lists of the same bank by the library. */
export async function listed(
  pool: Parameters<typeof recommendTo>[0],
  { ids, holdings }: ArraysBank,
  options: Parameters<typeof recommendTo>[2] = {},
): Promise<{ lists: Entry[]; save: Awaited<ReturnType<typeof recommendTo>>['save'] }> {
  const { of, save } = await recommendTo(pool, holdings, { campaign, date, ...options });
  const lists = ids.flatMap((customer, number) =>
    of(number).map(
      ({ product, score, probability, reason }, i): Entry => [customer, `${i + 1}`, product, score, probability!, reason!],
    ),
  );
  return { lists, save };
}
