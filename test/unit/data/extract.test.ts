import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ColumnBatch, checkSources, extractSnapshot, findDataFaults, openSnapshot } from '@basketwise/data';
import { expect, test } from 'vitest';
import { holdingCounts } from '../../../packages/data/src/extract/holdings.ts';
import type { SourceTable } from '../../../packages/data/src/extract/source-table.ts';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

async function extractSmall(folder: string, request = smallRequest()) {
  const engine = await openEngine(folder);
  return extractSnapshot(engine, request, join(folder, 'snapshot'));
}

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

function values({ columns, nulls, rows }: ColumnBatch, name: string) {
  return Array.from({ length: rows }, (_, i) => (nulls[name]?.[i] ? null : columns[name]![i]));
}

test('every row of the holdings table is kept or counted under one reason', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const manifest = await extractSmall(folder);
  expect(manifest).toMatchObject({
    customers: { read: 5, nullId: 0, kept: 5, withoutHoldings: 3 },
    products: { read: 5, groups: 4, onSale: 3, classes: { deposit: 3, insurance: 2 } },
    holdings: {
      read: 11,
      excludedByWhere: 1,
      nullCustomer: 1,
      nullProduct: 1,
      unknownProduct: 2,
      unknownCustomer: 1,
      kept: 5,
      afterReference: 1,
      closed: 1,
      undated: 1,
    },
    unknownProducts: { distinct: 1 },
    rules: [
      { reason: 'AGE_UNDER_18', class: 'deposit', eligible: 3, notEligible: 1, unknown: 1 },
      { reason: 'NO_CONSENT', class: null, eligible: 3, notEligible: 1, unknown: 1 },
    ],
  });
  const unknown = join(folder, 'snapshot', 'unknown-products.csv');
  expect(await readFile(unknown, 'utf8')).toBe('product,holdings\n"없는 상품",2\n');
  for (const file of [unknown, join(folder, 'snapshot', 'customers.parquet')])
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).not.toContain('snapshot.unfinished');
});

test('opened tables are checked once, before any is read', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const engine = await openEngine(folder);
  const seen: string[] = [];
  const options = {
    progress: (step: string) => seen.push(step),
    async checkTables({ customers, holdings }: Record<'customers' | 'holdings', SourceTable>) {
      seen.push(`${customers.rows} customers, ${holdings.rows} holdings`);
      throw new Error('not these');
    },
  };
  await expect(extractSnapshot(engine, smallRequest(), join(folder, 'snapshot'), options)).rejects.toThrow();
  expect(seen).toEqual(['check', '5 customers, 11 holdings']);
  expect(await readdir(folder)).not.toContain('snapshot.unfinished');
});

test('customers without an id are left out and counted', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers: `${smallBank.customers},1,1,1,Y\n"",2,1,1,Y\n` });
  expect((await extractSmall(folder)).customers).toMatchObject({ read: 7, nullId: 2, kept: 5 });
});

test('equal rows count once, ids in full-width characters are those in ASCII: the snapshot is the same', async () => {
  const [folder, strange] = [await temporaryFolder(), await temporaryFolder()];
  await writeBank(folder);
  await writeBank(strange, {
    customers: `${smallBank.customers.replace('12,17', '１２,17')}007,35,1,2,Y\n00７,35,1,2,Y\n`,
    products: `${smallBank.products}D001,정기예금,deposit,20200101\nＩ００１,든든 보험,insurance,2022-08-31\n`,
    holdings: smallBank.holdings.replaceAll('007,', '００７,').replace('99,', '９9,'),
  });
  const [plain, same] = [await extractSmall(folder), await extractSmall(strange)];
  expect(same.customers).toEqual({ ...plain.customers, read: 7, repeated: 2 });
  expect(same.products).toEqual({ ...plain.products, repeated: 2 });
  expect(same.holdings).toEqual(plain.holdings);
  expect(same.dataHash).toBe(plain.dataHash);
  const engine = await openEngine(strange);
  await checkSources(engine, smallRequest());
  const { faults } = await findDataFaults(engine, smallRequest());
  const repeats = faults.filter(({ what }) => what.includes('repeat')).map(({ table, rows, effect }) => [table, rows, effect]);
  expect(repeats).toEqual([
    ['products', 2, 'odd'],
    ['customers', 2, 'odd'],
  ]);
});

test.each([
  ['in order of ids', { '1': [`'1', 10`, `'2', 20`], '2': [`'3', 30`, `'가', 40`] }],
  ['in order within files alone', { '1': [`'3', 30`, `'가', 40`], '2': [`'1', 10`, `'2', 20`] }],
  ['in no order', { '1': [`'2', 20`, `'가', 40`, `'1', 10`], '2': [`'3', 30`] }],
  ['in order but for a missing id', { '1': [`'1', 10`, `'2', 20`], '2': [`NULL, 99`, `'3', 30`, `'가', 40`] }],
  ['with a column that is named like a row number', { '1': [`'1', 10, 7`, `'2', 20, 7`, `'3', 30, 7`, `'가', 40, 7`] }],
])('customers in several files are numbered by their id: %s', async (_, files) => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const engine = await openEngine(folder);
  for (const [name, rows] of Object.entries<string[]>(files)) {
    const columns = ['csno', 'HD', 'file_row_number'].slice(0, rows[0]!.split(',').length).join(', ');
    const values = rows.map((row) => `(${row})`).join(', ');
    const file = join(folder, `customers-${name}.parquet`);
    await engine.run(`COPY (FROM (VALUES ${values}) customers(${columns})) TO '${file}' (FORMAT parquet)`);
  }
  const request = smallRequest({
    customers: { from: 'customers-*.parquet', id: 'csno' },
    ...{ derive: { TWICE: 'HD * 2' }, predicates: [], rules: [] },
    columns: [{ name: 'TWICE', kind: 'number' }],
  });
  expect((await extractSnapshot(engine, request, join(folder, 'snapshot'))).customers.kept).toBe(4);
  const snapshot = await openSnapshot(join(folder, 'snapshot'), engine.options);
  const [batch] = await collect(snapshot.customers(['customer', 'id', 'TWICE']));
  expect(values(batch!, 'customer')).toEqual([0, 1, 2, 3]);
  expect(values(batch!, 'id')).toEqual(['1', '2', '3', '가']);
  expect(values(batch!, 'TWICE')).toEqual([20, 40, 60, 80]);
  await snapshot.close();
});

test('a product is on sale from the day of its start; before it, it is upcoming, and a group has its first product on sale', async () => {
  const folder = await temporaryFolder();
  const starts = ['from_dt', '20220901', '20220801', '', '2022-08-31', '2022-09-01'];
  const products = smallBank.products
    .replace('20200101', '99991231')
    .trim()
    .split('\n')
    .map((line, i) => `${line},${starts[i]}`);
  await writeBank(folder, { ...smallBank, products: `${products.join('\n')}\n` });
  const request = smallRequest();
  const manifest = await extractSmall(folder, { ...request, products: { ...request.products, saleStart: 'from_dt' } });
  expect(manifest.products).toMatchObject({ read: 5, groups: 4, onSale: 3 });
  const snapshot = await openSnapshot(join(folder, 'snapshot'), {
    memory: '500MB',
    threads: 1,
    tempDirectory: join(folder, 'spill'),
  });
  expect(
    (await snapshot.products()).map(({ code, onSale, upcoming, representative }) => [code, onSale, upcoming, representative]),
  ).toEqual([
    ['D001', true, undefined, 0],
    ['D002', false, true, 0],
    ['D003', true, undefined, 2],
    ['I001', true, undefined, 3],
    ['I002', false, true, null],
  ]);
  await snapshot.close();
});

test('a snapshot streams products, holdings as of a date and customers in order', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  await extractSmall(folder);
  const snapshot = await openSnapshot(join(folder, 'snapshot'), {
    memory: '500MB',
    threads: 1,
    tempDirectory: join(folder, 'spill'),
  });
  expect(await snapshot.products()).toEqual([
    { product: 0, code: 'D001', name: '정기예금', class: 'deposit', groupKey: 'D001', onSale: false, representative: 1 },
    { product: 1, code: 'D002', name: '정기예금', class: 'deposit', groupKey: 'D001', onSale: true, representative: 1 },
    { product: 2, code: 'D003', name: 'e우체국 통장', class: 'deposit', groupKey: 'D003', onSale: true, representative: 2 },
    { product: 3, code: 'I001', name: '든든 보험', class: 'insurance', groupKey: 'I001', onSale: true, representative: 3 },
    { product: 4, code: 'I002', name: '옛 보험', class: 'insurance', groupKey: 'I002', onSale: false, representative: null },
  ]);
  const [batch] = await collect(snapshot.customers(['id', 'HD', 'BAND', 'cluster_old', 'rule_0', 'rule_1']));
  expect(values(batch!, 'id')).toEqual(['007', '12', '5', '9007199254740993', '가나']);
  expect(values(batch!, 'HD')).toEqual([2, 0, 3.5, 1, null]);
  expect(values(batch!, 'BAND')).toEqual(['30', '10', null, '70', '40']);
  expect(values(batch!, 'cluster_old')).toEqual([0, 0, null, 1, 0]);
  expect(values(batch!, 'rule_0')).toEqual([1, 0, null, 1, 1]);
  const [holdings] = await collect(snapshot.holdings('2022-08-31'));
  expect([...holdings!.customer]).toEqual([0, 0, 3]);
  expect([...holdings!.product]).toEqual([1, 2, 3]);
  expect([...holdings!.days]).toEqual([19205, 18321, -0x80000000]);
  const [earlier] = await collect(snapshot.holdings('2022-08-30'));
  expect([...earlier!.product]).toEqual([1, 2, 3, 4]);
  const [block] = await collect(snapshot.customers(['id'], { from: 2, to: 4 }));
  expect(values(block!, 'id')).toEqual(['5', '9007199254740993']);
  await snapshot.close();
});

test('the same rows in another order, by other threads, give the same hash', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const { dataHash } = await extractSmall(folder);
  const [header, ...rows] = smallBank.holdings.trim().split('\n');
  await writeBank(folder, { ...smallBank, holdings: `${[header, ...rows.reverse()].join('\n')}\n` });
  const engine = await openEngine(folder, { threads: 1 });
  expect((await extractSnapshot(engine, smallRequest(), join(folder, 'other'))).dataHash).toBe(dataHash);
});

test('a table that has more rows when it is read again is refused', () => {
  const table = { rows: 3, label: 'the query of tables.holdings' } as SourceTable;
  const read = { rows: 3, fault: 0, nullCustomer: 1, nullProduct: 0, unknownProduct: 1 };
  const held = { kept: 1, afterReference: 0, closed: 0, undated: 0, repeated: 0, ended: 0 };
  expect(holdingCounts(table, read, [held])).toMatchObject({ read: 3, unknownCustomer: 0, kept: 1 });
  expect(() => holdingCounts(table, read, [held, held])).toThrow(
    expect.objectContaining({ code: 'bad-data', message: expect.stringContaining('other rows') }),
  );
});
