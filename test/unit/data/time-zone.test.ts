import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSources, type ExtractRequest, extractSnapshot, openDuckdb, queryRows, type TableSource } from '@basketwise/data';
import { expect, onTestFinished, test } from 'vitest';
import { some } from '../../cases.ts';
import { openEngine, smallRequest, temporaryFolder, writeBank } from './bank.ts';

/** Midnights in Seoul as moments: 15:00 of the day before in UTC. */
const midnight = (day: string) => `TIMESTAMPTZ '${day} 00:00:00+09'`;

/** A bank whose dates are moments, as Parquet files and as a database. */
async function bankOfMoments() {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const engine = await openEngine(folder);
  await mkdir(join(folder, 'db'));
  await engine.run(`ATTACH '${folder}/db/bank.duckdb' AS bank`);
  const tables = {
    customers: `SELECT * FROM (VALUES ('007', 35, ${midnight('2022-08-31')}), ('12', 17, ${midnight('2000-03-01')})) c(csno, AGE, joined)`,
    products: `SELECT * FROM (VALUES ('D1', '정기예금', 'deposit', ${midnight('2022-08-31')}), ('D2', '적금', 'deposit', NULL)) p(code, name, class, sale_end)`,
    holdings: `SELECT * FROM (VALUES ('007', '정기예금', ${midnight('2022-08-01')}, ${midnight('2022-08-31')}), ('12', '적금', ${midnight('2022-09-01')}, NULL)) h(csno, name, opened, closed)`,
  };
  for (const [name, sql] of Object.entries(tables)) {
    await engine.run(`CREATE TABLE bank.${name} AS ${sql}`);
    await engine.run(`COPY (${sql}) TO '${folder}/${name}.parquet' (FORMAT parquet)`);
  }
  await engine.run('DETACH bank');
  const open = async (timeZone?: string, path = folder) => {
    const opened = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill'), path, timeZone });
    onTestFinished(() => opened.close());
    return opened;
  };
  return { folder, open };
}

function request(changes: Partial<ExtractRequest> = {}, suffix = '.parquet'): ExtractRequest {
  return smallRequest({
    customers: { from: `customers${suffix}`, id: 'csno' },
    products: { from: `products${suffix}`, code: 'code', name: 'name', class: 'class' },
    holdings: { from: `holdings${suffix}`, customer: 'csno', product: 'name', by: 'name' },
    ...{ derive: {}, columns: [], predicates: [], rules: [] },
    ...changes,
  });
}
const { products, holdings, customers } = request();
const dated = { products: { ...products, saleEnd: 'sale_end' }, holdings: { ...holdings, date: 'opened', closed: 'closed' } };

test.each([
  ['Asia/Seoul', true, { afterReference: 1, closed: 1 }, [19205, 19236]],
  ['UTC', false, { afterReference: 0, closed: 1 }, [19204, 19235]],
])('moments have their day in %s', async (timeZone, onSale, counts, days) => {
  const { folder, open } = await bankOfMoments();
  for (const [path, suffix] of [
    [folder, '.parquet'],
    [join(folder, 'db', 'bank.duckdb'), ''],
  ] as const) {
    const asks = request(
      { timeZone, derive: { DAY: "strftime(joined, '%m-%d')" }, columns: [{ name: 'DAY', kind: 'text' }] },
      suffix,
    );
    const all = {
      ...asks,
      products: { ...asks.products, saleEnd: 'sale_end' },
      holdings: { ...asks.holdings, date: 'opened', closed: 'closed' },
    };
    const engine = await open(timeZone, path);
    const manifest = await extractSnapshot(engine, all, join(folder, 'snapshot'));
    expect(manifest).toMatchObject({ products: { onSale: onSale ? 2 : 1 }, holdings: counts });
    const opened = await queryRows(engine, `SELECT opened FROM '${folder}/snapshot/holdings.parquet' ORDER BY customer`);
    expect(opened.map((row) => row.opened)).toEqual(days);
    const day = await queryRows(engine, `SELECT DAY FROM '${folder}/snapshot/customers.parquet' ORDER BY customer`);
    expect(day.map((row) => row.DAY)).toEqual(timeZone === 'UTC' ? ['08-30', '02-29'] : ['08-31', '03-01']);
  }
});

const sql = (query: string): TableSource => ({ sql: query });
const moments: readonly (readonly [string, Partial<ExtractRequest>, string])[] = [
  ['a sale end', { products: dated.products }, 'tables.products: column sale_end'],
  ['an opening date', { holdings: { ...holdings, date: 'opened' } }, 'tables.holdings: column opened'],
  ['a closing date', { holdings: { ...holdings, closed: 'closed' } }, 'tables.holdings: column closed'],
  ['a feature', { columns: [{ name: 'joined', kind: 'text' }] }, 'tables.customers: column joined'],
  ['a derived column', { derive: { DAY: 'CAST(joined AS DATE)' } }, 'derive.DAY: column joined'],
  ['a rule', { rules: [{ reason: 'NEW', require: "JOINED < DATE '2022-01-01'" }] }, 'rules[0].require: column joined'],
  [
    'a cluster scheme',
    { predicates: [{ name: 'in_scheme_a', sql: 'year(joined) > 2000', place: 'clusters.a.where' }] },
    'clusters.a.where: column joined',
  ],
  ['the holdings that count', { holdings: { ...holdings, where: 'opened IS NOT NULL' } }, 'tables.holdings.where: column opened'],
  [
    'a query',
    {
      holdings: {
        ...holdings,
        ...sql("SELECT csno, name, CAST(opened AS DATE) AS day FROM 'holdings.parquet'"),
        from: null,
        date: 'day',
      },
    },
    'tables.holdings.sql: column opened',
  ],
  [
    'a list in a rule',
    {
      rules: [{ reason: 'HELD', require: "csno NOT IN (SELECT csno FROM 'holdings.parquet' WHERE opened < DATE '2022-08-01')" }],
    },
    'rules[0].require: column opened',
  ],
];

test.each(some(moments, 4))('moments in %s need a zone', async (_, changes, message) => {
  const { folder, open } = await bankOfMoments();
  const refusal = {
    code: 'config',
    message: expect.stringContaining(message),
    hint: expect.stringContaining('source.time_zone'),
  };
  const engine = await open();
  await expect(extractSnapshot(engine, request(changes), join(folder, 'snapshot'))).rejects.toMatchObject(refusal);
  await expect(checkSources(engine, request(changes))).rejects.toMatchObject(refusal);
  await checkSources(await open('Asia/Seoul'), request({ ...changes, timeZone: 'Asia/Seoul' }));
});

test('moments that nothing uses need no zone', async () => {
  const { folder, open } = await bankOfMoments();
  const adult = { reason: 'YOUNG', require: 'AGE >= 18' };
  const manifest = await extractSnapshot(await open(), request({ customers, rules: [adult] }), join(folder, 'snapshot'));
  expect(manifest.customers.kept).toBe(2);
});

test('a zone that the engine does not know is a fault of the config', async () => {
  const { open } = await bankOfMoments();
  await expect(open('Asia/Atlantis')).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('Asia/Atlantis'),
  });
});
