import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CampaignResults, createNodePool, type UnitRecommendations } from '@basketwise/core';
import { extractSnapshot, openSnapshot, type Snapshot, writeResults } from '@basketwise/data';
import { expect, onTestFinished, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { openEngine, smallRequest, temporaryFolder, writeBank } from './bank.ts';

async function smallSnapshot(folder: string, threads = 2): Promise<Snapshot> {
  await writeBank(folder);
  await extractSnapshot(await openEngine(folder), smallRequest(), join(folder, 'snapshot'));
  const snapshot = await openSnapshot(join(folder, 'snapshot'), {
    memory: '500MB',
    threads,
    tempDirectory: join(folder, 'spill'),
  });
  onTestFinished(() => snapshot.close());
  return snapshot;
}

const units: UnitRecommendations = {
  start: Uint32Array.of(0, 2, 2, 3),
  product: Int32Array.of(1, 3, 2),
  score: Float32Array.of(0.5, 0.1, 0.25),
  probability: Float32Array.of(0.75, Number.NaN, 0.125),
  source: Uint8Array.of(0, 1, 0),
  sources: ['als', 'popularity'],
  cluster: Int32Array.of(4, 0, -1),
  reason: Int32Array.of(-1, 0, 1),
  reasons: ['정기예금', 'e우체국 통장'],
};

test('recommendations of units reach their customers, ordered by campaign, customer and rank', async () => {
  const folder = await temporaryFolder();
  const snapshot = await smallSnapshot(folder);
  const campaigns: CampaignResults[] = [
    { campaign: 'z-first', unit: Int32Array.of(2, -1, 0, 1, 0), units },
    {
      campaign: "a'second",
      unit: Int32Array.of(-1, 0, -1, -1, -1),
      units: { ...units, probability: undefined, cluster: undefined, reason: undefined },
    },
  ];
  const written = await writeResults(snapshot, campaigns, { folder, formats: ['parquet', 'csv'] });
  expect(written).toMatchObject({
    rows: 7,
    campaigns: [
      { campaign: 'z-first', customers: 3, rows: 5 },
      { campaign: "a'second", customers: 1, rows: 2 },
    ],
  });
  const csv = await readFile(join(folder, 'recommendations.csv'), 'utf8');
  expect(csv).toBe(
    'customer,campaign,rank,product_code,product_name,score,probability,source,cluster,reason\n' +
      '007,z-first,1,D003,e우체국 통장,0.25,0.125,als,,e우체국 통장\n' +
      '5,z-first,1,D002,정기예금,0.5,0.75,als,4,\n' +
      '5,z-first,2,I001,든든 보험,0.1,,popularity,4,정기예금\n' +
      '가나,z-first,1,D002,정기예금,0.5,0.75,als,4,\n' +
      '가나,z-first,2,I001,든든 보험,0.1,,popularity,4,정기예금\n' +
      "12,a'second,1,D002,정기예금,0.5,,als,,\n" +
      "12,a'second,2,I001,든든 보험,0.1,,popularity,,\n",
  );
  for (const file of written.files) expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).not.toContain('recommendations.unfinished');
});

/** Customers C00000 .. in a folder, as a snapshot would have them. */
async function manyCustomers(folder: string, customers: number, threads: number): Promise<Pick<Snapshot, 'engine' | 'products'>> {
  const engine = await openEngine(folder, { threads });
  const file = engine.dialect.text(join(folder, `customers-${threads}.parquet`));
  const id = "'C' || lpad(CAST(range AS VARCHAR), 7, '0')";
  await engine.run(
    `COPY (SELECT CAST(range AS INTEGER) AS customer, ${id} AS id FROM range(${customers})) TO ${file} (FORMAT parquet, ROW_GROUP_SIZE 10000)`,
  );
  await engine.run(`CREATE VIEW customers AS SELECT * FROM read_parquet(${file})`);
  const products = Array.from({ length: 50 }, (_, product) => ({
    product,
    code: `P${product}`,
    name: `상품 ${product}`,
    class: 'deposit',
    groupKey: `P${product}`,
    onSale: true,
    representative: product,
  }));
  return { engine, products: async () => products };
}

/** Lists of 0 to 4 products for each unit, made by arithmetic. */
function someUnits(count: number): UnitRecommendations {
  const start = new Uint32Array(count + 1);
  for (let u = 0; u < count; u++) start[u + 1] = start[u]! + ((u * 7) % 5);
  const rows = start[count]!;
  return {
    start,
    product: Int32Array.from({ length: rows }, (_, i) => (i * 31) % 50),
    score: Float32Array.from({ length: rows }, (_, i) => 1 / (i + 1)),
    probability: Float32Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? Number.NaN : i / rows)),
    source: Uint8Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    sources: ['als', 'popularity'],
    cluster: Int32Array.from({ length: count }, (_, u) => (u % 11) - 1),
    reason: Int32Array.from({ length: rows }, (_, i) => (i % 4) - 1),
    reasons: ['하나', '둘', '셋'],
  };
}

test('one thread and five, of the engine and of kernels, write equal bytes; row groups can be searched, rows are in their place', async () => {
  const customers = 540_000;
  const units = someUnits(20_000);
  const unit = Int32Array.from({ length: customers }, (_, i) => (i % 3 === 0 ? (i * 7919) % 20_000 : -1));
  const campaigns = [1, 2].map((i) => ({ campaign: `campaign ${i}`, unit, units }));
  const bytes: Buffer[] = [];
  for (const threads of [1, 5]) {
    const folder = await temporaryFolder();
    const pool = await createNodePool(threads);
    onTestFinished(() => pool.close());
    await writeResults(await manyCustomers(folder, customers, threads), campaigns, { folder, formats: ['parquet'], pool });
    bytes.push(await readFile(join(folder, 'recommendations.parquet')));
    if (threads === 5) await expectInPlace(folder, campaigns);
  }
  expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
  // As they were when all of it was written in TypeScript, but that bounds do not claim to be exact.
  expect(createHash('sha256').update(bytes[0]!).digest('hex')).toBe(
    'a3766bbcdcb7a1a177641315278dfb11286d8e37d434c1ad14fbd139c27d0d57',
  );
});

longTest(
  'where lists are rare, and towards the end none, a row group ends after half a million customers all the same',
  async () => {
    const customers = 1_300_000;
    const units = someUnits(20_000);
    const unit = Int32Array.from({ length: customers }, (_, i) => (i % 1000 === 1 && i < 700_000 ? i % 20_000 : -1));
    const campaigns = [{ campaign: 'campaign 1', unit, units }];
    const folder = await temporaryFolder();
    const source = await manyCustomers(folder, customers, 2);
    const { campaigns: written } = await writeResults(source, campaigns, { folder, formats: ['parquet'] });
    expect(written[0]).toMatchObject({ customers: unit.filter((u) => u >= 0 && units.start[u + 1]! > units.start[u]!).length });
    await expectInPlace(folder, campaigns);
    const file = source.engine.dialect.text(join(folder, 'recommendations.parquet'));
    for await (const { columns } of source.engine.query(`SELECT num_row_groups AS n FROM parquet_file_metadata(${file})`))
      expect(columns.n).toEqual(BigInt64Array.of(2n));
  },
);

test('more or fewer ids than customers with lists are refused', async () => {
  const folder = await temporaryFolder();
  const source = await manyCustomers(folder, 10, 2);
  for (const customers of [9, 11]) {
    const campaigns = [{ campaign: 'campaign 1', unit: new Int32Array(customers).fill(0), units }];
    await expect(writeResults(source, campaigns, { folder, formats: ['parquet'] })).rejects.toMatchObject({ code: 'bug' });
  }
});

test('ids of any length and script reach the file as they are, with and without a pool of threads', async () => {
  const folder = await temporaryFolder();
  const engine = await openEngine(folder);
  const ids = ['', '가', '12-byte text', '13-byte texts', '우체국 예금 고객 '.repeat(300), "quote ' and \u{1f600}"];
  const values = ids.map((id, i) => `(${i}, ${engine.dialect.text(id)})`).join(', ');
  await engine.run(`CREATE TABLE customers AS SELECT * FROM (VALUES ${values}) AS known(customer, id)`);
  const products = async () => (await manyCustomers(folder, 0, 1)).products();
  const campaigns = [1, 2].map((i) => ({ campaign: `campaign ${i}`, unit: new Int32Array(ids.length).fill(2), units }));
  const pool = await createNodePool(2);
  onTestFinished(() => pool.close());
  for (const options of [{ formats: ['parquet'] as const }, { formats: ['parquet'] as const, pool }]) {
    await writeResults({ engine, products }, campaigns, { folder, ...options });
    const file = engine.dialect.text(join(folder, 'recommendations.parquet'));
    const found: unknown[] = [];
    for await (const { columns } of engine.query(`SELECT customer FROM read_parquet(${file})`)) found.push(...columns.customer!);
    expect(found).toEqual([...ids, ...ids]);
  }
});

async function expectInPlace(folder: string, campaigns: readonly CampaignResults[]): Promise<void> {
  const engine = await openEngine(folder, { threads: 1 });
  const file = `read_parquet(${engine.dialect.text(join(folder, 'recommendations.parquet'))})`;
  const expected = campaigns.flatMap(({ unit, units }) =>
    [...unit].flatMap((u, i) =>
      u < 0 ? [] : [...units.product.slice(units.start[u], units.start[u + 1])].map((p, rank) => [i, rank + 1, p]),
    ),
  );
  let row = 0;
  for await (const { rows, columns } of engine.query(
    `SELECT CAST(customer[2:] AS INTEGER) AS customer, rank, CAST(product_code[2:] AS INTEGER) AS product FROM ${file}`,
  )) {
    for (let i = 0; i < rows; i++, row++) {
      if (
        columns.customer![i] !== expected[row]![0] ||
        columns.rank![i] !== expected[row]![1] ||
        columns.product![i] !== expected[row]![2]
      )
        expect.fail(`row ${row}`);
    }
  }
  expect(row).toBe(expected.length);
  const wanted = expected.filter(([, , product]) => product === 17).length;
  for await (const { columns } of engine.query(`SELECT count(*) AS n FROM ${file} WHERE product_code = 'P17'`))
    expect(columns.n).toEqual(BigInt64Array.of(BigInt(wanted)));
}
