import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noDate } from '@basketwise/core';
import { openDuckdb } from '@basketwise/data';
import { parseConfig } from '@basketwise/pipeline';
import { type BankOptions, bankOf, drawCatalog, drawHoldings, type ProductLine, sampleConfig } from '@basketwise/sample';
import { generateBank } from '@basketwise/sample/write';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const customers = 12_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-bank-'));
  await generateBank({ customers, products: 100, seed: 3, folder: join(folder, 'whole') });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function hashes(name: string): Promise<string[]> {
  const files = (await readdir(join(folder, name))).sort();
  return Promise.all(
    files.map(
      async (file) =>
        `${file} ${createHash('sha256')
          .update(await readFile(join(folder, name, file)))
          .digest('hex')}`,
    ),
  );
}

/** Rows of a query over the generated folder, as objects of strings and numbers. */
async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(folder, 'spill'), path: folder });
  try {
    const rows: Record<string, unknown>[] = [];
    for await (const { columns, nulls, rows: count } of engine.query(sql)) {
      for (let i = 0; i < count; i++) {
        rows.push(
          Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, nulls[name]?.[i] ? null : values[i]])),
        );
      }
    }
    return rows;
  } finally {
    await engine.close();
  }
}

describe('files', () => {
  test('two runs give the same bytes, and nothing else is left in the folder', async () => {
    await generateBank({ customers, products: 100, seed: 3, folder: join(folder, 'again') });
    const first = await hashes('whole');
    expect(first.map((line) => line.split(' ')[0])).toEqual(['customers.parquet', 'holdings.parquet', 'products.parquet']);
    expect(await hashes('again')).toEqual(first);
  });

  test('another seed gives another bank', async () => {
    await generateBank({ customers, products: 100, seed: 4, folder: join(folder, 'other') });
    const first = await hashes('whole');
    for (const line of await hashes('other')) expect(first).not.toContain(line);
  });

  test('slices, cut anywhere, are the whole', async () => {
    const cuts = [0, 1, 4_999, customers];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      await generateBank({
        customers,
        products: 100,
        seed: 3,
        folder: join(folder, `slice-${i}`),
        from,
        to: cuts[i + 1]!,
        chunk: 1_500,
      });
    }
    for (const table of ['customers', 'holdings']) {
      const slices = `select * from read_parquet([${[0, 1, 2].map((i) => `'slice-${i}/${table}.parquet'`)}])`;
      const whole = `select * from 'whole/${table}.parquet'`;
      expect(await rowsOf(`(${whole} except all ${slices}) union all (${slices} except all ${whole})`)).toEqual([]);
    }
    expect((await hashes('slice-0'))[2]).toBe((await hashes('whole'))[2]);
  });
});

describe('content', () => {
  test('customer ids are ten digits with leading zeros, and one row each', async () => {
    const [row] = await rowsOf(
      `select count(*)::int as n, count(distinct csno)::int as ids, min(csno) as first, max(csno) as last from 'whole/customers.parquet'`,
    );
    expect(row).toEqual({ n: customers, ids: customers, first: '0000000001', last: '0000012000' });
  });

  test('counts of customers are those of their open holdings', async () => {
    const wrong = await rowsOf(`
      with open as (
        select h.csno, p.gds_class, p.gds_type
        from 'whole/holdings.parquet' h
        join (select distinct gds_korn_nm, gds_class, gds_type from 'whole/products.parquet') p using (gds_korn_nm)
        where h.close_dt is null
      ), counted as (
        select csno,
          count(*) filter (gds_class = 'deposit') as aa, count(*) filter (gds_type = 'term') as hd,
          count(*) filter (gds_type = 'demand') as dd, count(*) filter (gds_type = 'instalment') as sd,
          count(*) filter (gds_class = 'insurance') as insu, count(*) filter (gds_type = 'disease') as disease,
          count(*) filter (gds_type = 'qualified-annuity') as qual, count(*) filter (gds_class = 'fund') as fund
        from open group by csno
      )
      select c.csno from 'whole/customers.parquet' c left join counted n using (csno)
      where c.AA <> coalesce(n.aa, 0) or c.HD <> coalesce(n.hd, 0) or c.DD <> coalesce(n.dd, 0) or c.SD <> coalesce(n.sd, 0)
        or c.INSU_TOT <> coalesce(insu, 0) or c.DISEASE <> coalesce(n.disease, 0) or c.QUAL <> coalesce(n.qual, 0)
        or c.FUND_CNT <> coalesce(fund, 0) or c.AA <> c.HD + c.DD + c.SD
        or (c.M3_ABAL1 is null) <> (c.AA = 0)`);
    expect(wrong).toEqual([]);
  });

  test('nothing is sold outside its time on sale, or after the reference date', async () => {
    const wrong = await rowsOf(`
      with sold as (
        select gds_korn_nm, min(sale_start_dt) as first, max(coalesce(sale_end_dt, '99991231')) as last
        from 'whole/products.parquet' group by gds_korn_nm
      )
      select gds_korn_nm from 'whole/holdings.parquet' left join sold using (gds_korn_nm)
      where first is null or strftime(open_dt, '%Y%m%d') not between first and last or open_dt > date '2022-08-31'
        or close_dt > date '2022-08-31' or close_dt < open_dt`);
    expect(wrong).toEqual([]);
    const [{ ended }] = (await rowsOf(
      `select count(*)::int as ended from 'whole/products.parquet' where sale_end_dt < '20220831'`,
    )) as [{ ended: number }];
    expect(ended).toBeGreaterThan(30);
  });

  test('some names have several codes, some values are missing', async () => {
    const [row] = await rowsOf(`select
      (select count(*)::int from (select gds_korn_nm from 'whole/products.parquet' group by 1 having count(*) > 1)) as renewed,
      (select count(*)::int from (select gds_korn_nm from 'whole/products.parquet' group by 1)) as names,
      (select count(*)::int from 'whole/products.parquet' where gds_cd not similar to '0[0-9]{6}') as codes,
      (select avg((OCPT_CD is null)::int) from 'whole/customers.parquet') as occupation,
      (select avg((open_dt is null)::int) from 'whole/holdings.parquet') as undated`);
    expect(row).toMatchObject({ names: 100, codes: 0 });
    expect(row!.renewed).toBeGreaterThan(0);
    // 3 % of 12,000 with a standard deviation of .16 %; one customer in 499
    expect(row!.occupation).toBeCloseTo(0.03, 1.9);
    expect(row!.undated).toBeGreaterThan(0);
  });
});

test('earlier states of the customers are theirs of the time', async () => {
  await generateBank({ customers: 2_000, products: 100, seed: 3, snapshots: 2, folder: join(folder, 'with-past') });
  const [row] =
    await rowsOf(`select count(*)::int as n, count(distinct snapshot_dt)::int as days, max(snapshot_dt)::varchar as newest,
      bool_and(JOIN_DT <= snapshot_dt) as joined from 'with-past/customers-history.parquet'`);
  expect(row).toMatchObject({ days: 2, newest: '2021-08-31' });
  expect(row!.n).toBeGreaterThan(2_000);
  const wrong = await rowsOf(`
    with open as (select csno, count(*) as n from 'with-past/holdings.parquet' join
        (select distinct gds_korn_nm, gds_class from 'with-past/products.parquet') using (gds_korn_nm)
      where gds_class = 'deposit' and open_dt <= date '2021-08-31' and (close_dt is null or close_dt > date '2021-08-31') group by 1),
    dated as (select csno from 'with-past/holdings.parquet' group by 1 having bool_and(open_dt is not null))
    select c.csno from 'with-past/customers-history.parquet' c join dated using (csno) left join open using (csno)
    where snapshot_dt = date '2021-08-31' and AA <> coalesce(n, 0)`);
  expect(wrong).toEqual([]);
});

test('the config names columns that the files have', async () => {
  const config = sampleConfig({ path: './whole', output: './elsewhere' });
  expect(parseConfig(config, 'sample')).toMatchObject({
    config: { source: { path: './whole' }, output: { dir: './elsewhere' } },
    warnings: [],
  });
  const names = (key: string) =>
    [...config.matchAll(new RegExp(`${key}: \\[(.*)\\]`, 'g'))].flatMap(([, list]) => list!.split(', '));
  const derived = [...config.matchAll(/^ {2}((?:AGE_|OCPT_|grp_)\w+): "(.*)"$/gm)].map(([, name, sql]) => `${sql} as ${name}`);
  expect(derived).toHaveLength(7);
  const columns = [...names('numeric'), ...names('flags')];
  expect(columns).toHaveLength(15 + 11 + 10 + 4);
  const rows = await rowsOf(
    `select ${derived}, ${[...new Set(columns)]} from 'whole/customers.parquet' where M3_ABAL1 > 0 limit 1`,
  );
  expect(Object.keys(rows[0]!)).toEqual(expect.arrayContaining(names('categorical').filter((name) => name !== 'SEX_CD')));
  const rules = [...config.matchAll(/require: "(.*)" \}/g)].map(([, rule]) => rule!);
  expect(rules).toHaveLength(2);
  for (const rule of rules) expect(await rowsOf(`select 1 from 'whole/customers.parquet' where ${rule} limit 1`)).toHaveLength(1);
});

test('sales halve or double in a day, one product sells eight times as often, or classes drift apart, by the shape of the bank', () => {
  const opened = (shape: NonNullable<BankOptions['shape']>, isCounted = (_line: ProductLine) => true) => {
    const bank = bankOf({ customers: 8000, products: 60, seed: 2, shape });
    const catalog = drawCatalog(bank);
    const { rows, opened, product } = drawHoldings(bank, catalog, 0, bank.customers);
    const counted = opened.subarray(0, rows).filter((_, row) => isCounted(catalog.lines[product[row]!]!));
    const months = Array.from(counted, (day) => (bank.referenceDay - day) / 30.4375);
    return (from: number, to: number) => months.filter((month) => month >= from && month < to).length / (to - from);
  };
  const expectRatio = (ratio: number, [least, most]: readonly [number, number]) => {
    expect(ratio).toBeGreaterThan(least);
    expect(ratio).toBeLessThan(most);
  };
  const ratioOf = (sales: ReturnType<typeof opened>) => sales(12, 24) / sales(24, 36);
  expectRatio(ratioOf(opened('level')), [0.9, 1.25]);
  expectRatio(ratioOf(opened('halving')), [0.4, 0.65]);
  expectRatio(ratioOf(opened('doubling')), [1.7, 2.5]);
  const third = opened('spiking', ({ family, rank }) => family === 'deposit' && rank === 3);
  expectRatio(third(24, 25) / third(26, 38), [3, 11]);
  const [deposits, insurances] = (['deposit', 'insurance'] as const).map((class_) =>
    opened('drifting', ({ family }) => family === class_),
  );
  const shareOf = (from: number, to: number) => insurances!(from, to) / deposits!(from, to);
  expectRatio(shareOf(0, 12) / shareOf(24, 48), [1.6, 6]);
});

test('in the quiet shape no product is launched or ended, and preferences do not change', () => {
  const bank = bankOf({ customers: 10, seed: 3, shape: 'quiet' });
  const { lines, driftDay } = drawCatalog(bank);
  const first = bank.referenceDay - Math.round(10 * 365.25);
  const changes = lines.flatMap(({ saleFrom, saleTo }) => (saleTo === noDate ? [saleFrom] : [saleFrom, saleTo]));
  expect(Math.max(driftDay, ...changes)).toBeLessThanOrEqual(first);
  expect(lines.filter(({ saleTo }) => saleTo !== noDate).length).toBeGreaterThan(100);
});
