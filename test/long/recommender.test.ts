import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodePool } from '@basketwise/core/node';
import { required } from '@basketwise/core/parts';
import { openDuckdb, queryRows } from '@basketwise/data';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { type BankHoldings, codedColumn, columnCode, contextsOf, type ListCampaign, recommendTo } from '@basketwise/recommend';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownConfig, ownTold, recommendationRows } from '../browser/own-lists.ts';

// two runs of 20,000 customers, and the same twice in memory: some 20 s of processor, second tier
const date = '2022-08-31';
const classes =
  '{ sql: "SELECT gds_korn_nm AS code, any_value(gds_class) AS class FROM \'products.parquet\' GROUP BY 1", code: code, name: code, class: class }';
const campaign: ListCampaign = { kind: 'cross', class: 'insurance', columns: ['deposit', 'insurance', 'fund'] };
const config = ownConfig(date, '{ insurance-cross: { kind: cross, class: insurance, columns: [deposit, insurance, fund] } }', {
  products: classes,
  customers: '{ from: customers.parquet, id: csno }',
});

let folder: string;
let ids: string[];
let sexes: string[];
let holdings: BankHoldings;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recommender-'));
  await generateBank({ customers: 20_000, products: 200, seed: 3, folder });
  const engine = await openDuckdb({ memory: '500MB', threads: 1, tempDirectory: folder });
  const table = (name: string) => `read_parquet(${engine.dialect.text(join(folder, `${name}.parquet`))})`;
  const customers = await queryRows(engine, `SELECT csno, SEX_CD::VARCHAR AS sex FROM ${table('customers')} ORDER BY csno`);
  ids = customers.map(({ csno }) => String(csno));
  sexes = customers.map(({ sex }) => String(sex));
  const products = await queryRows(
    engine,
    `SELECT gds_korn_nm AS code, any_value(gds_class) AS class FROM ${table('products')} GROUP BY 1`,
  );
  const day = (column: string) => `date_diff('day', DATE '1970-01-01', ${column})`;
  const rows = await queryRows(
    engine,
    `SELECT csno, gds_korn_nm AS code, ${day('open_dt')} AS opened, ${day('close_dt')} AS closed FROM ${table('holdings')}`,
  );
  await engine.close();
  const numberOf = new Map(ids.map((id, number) => [id, number]));
  const productOf = new Map(products.map(({ code }, at) => [String(code), at]));
  holdings = {
    customers: ids.length,
    products: products.map(({ code, class: of }) => ({ code: String(code), class: String(of) })),
    customer: rows.map(({ csno }) => required(numberOf, String(csno))),
    product: rows.map(({ code }) => required(productOf, String(code))),
    days: rows.map(({ opened }) => Number(opened)),
    closed: rows.map(({ closed }) => (closed === null ? 2 ** 31 - 1 : Number(closed))),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lists that a run publishes. */
async function published(text: string) {
  await writeFile(join(folder, 'basketwise.yaml'), text);
  const report = await runJob(await loadConfig(join(folder, 'basketwise.yaml')));
  return recommendationRows(await readFile(join(report.folder, 'recommendations.csv'), 'utf8')).map(ownTold);
}

/** Lists of the same bank from arrays. */
async function listed(features?: Parameters<typeof recommendTo>[2]) {
  const pool = await createNodePool(2);
  try {
    const lists = await recommendTo(pool, holdings, { campaign, date, ...features });
    return ids.flatMap((customer, number) =>
      lists
        .of(number)
        .map(({ product, score, probability, reason }, i) => [customer, `${i + 1}`, product, score, probability, reason]),
    );
  } finally {
    await pool.close();
  }
}

test('lists of arrays are those of a run, to the last bit of score and probability', async () => {
  const lists = await published(config);
  expect(lists.length).toBeGreaterThan(1000);
  expect(await listed()).toEqual(lists);
});

test('with a feature of customers, too', async () => {
  const lists = await published(`${config}features: { sex: { column: SEX_CD, fixed: true } }\n`);
  const sex = codedColumn('sex', { kind: 'categories', values: [...new Set(sexes)].sort(), pooled: [] });
  const codes = Int16Array.from(sexes, (value) => columnCode(sex, value));
  const features = { at: async () => contextsOf([sex], [codes], ids.length) };
  expect(await listed({ features })).toEqual(lists);
  expect(lists).not.toEqual(await published(config));
});
