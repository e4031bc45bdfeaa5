import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noDate } from '@basketwise/core';
import { type ExtractRequest, extractSnapshot, openDuckdb, openSnapshot, queryRows } from '@basketwise/data';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../cases.ts';
import { type BankRows, snapshotOf } from '../../reference/snapshot.ts';

const referenceDate = '2022-08-31';

/** Texts that sort differently by UTF-16, by UTF-8 bytes, by number and by locale, and that differ only in their normal form. */
const ids = [
  '1',
  '01',
  '10',
  '2',
  'a',
  'B',
  'ä',
  'a\u0308',
  '가',
  '\u1100\u1161',
  '\uff5e',
  '😀',
  '9007199254740993',
  '9007199254740992',
  "o'x",
  'a"b',
  'a,b',
  ' 1',
];
const names = ['예금', '예금 ', '예금'.normalize('NFD'), '보험', 'é', 'e\u0301', 'fund', 'FUND', "it's", 'a,"b"'];
const dates = ['2022-08-30', '2022-08-31', '2022-09-01', '1969-12-31', '2000-02-29', '9999-12-31'];

const optional = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: null });
const bank: fc.Arbitrary<BankRows> = fc.record({
  customers: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1 }).map((all) => all.map((id) => ({ id }))),
  products: fc.uniqueArray(
    fc.record({
      code: fc.constantFrom(...ids.map((id) => `P${id}`).filter((code) => code === code.normalize('NFC'))),
      name: fc.constantFrom(...names),
      class: fc.constant('deposit'),
      saleEnd: optional(dates),
      group: optional(['g', 'h', 'g ']),
    }),
    { minLength: 1, maxLength: 8, selector: ({ code }) => code },
  ),
  holdings: fc.array(
    fc.record({
      customer: optional([...ids, 'nobody']),
      product: optional([...names, 'nothing']),
      opened: optional(dates),
      closed: optional(dates),
    }),
    { minLength: 1, maxLength: 30 },
  ),
});

type DateForm = 'iso' | 'compact';

/** How holdings are read and joined. */
interface Way {
  dateForm: DateForm;
  /** By a query of the bank's own, in place of a file. */
  isQuery: boolean;
  customersAtOnce: number | undefined;
}
const way: fc.Arbitrary<Way> = fc.record({
  dateForm: fc.constantFrom<DateForm>('iso', 'compact'),
  isQuery: fc.boolean(),
  customersAtOnce: fc.constantFrom(undefined, 1, 2, 3),
});

function csv(rows: readonly Record<string, string | null>[], dateForm: DateForm): string {
  const field = (value: string | null) =>
    value === null
      ? ''
      : `"${(/^\d{4}-\d\d-\d\d$/.test(value) && dateForm === 'compact' ? value.replaceAll('-', '') : value).replaceAll('"', '""')}"`;
  return [Object.keys(rows[0]!).join(','), ...rows.map((row) => Object.values(row).map(field).join(','))].join('\n');
}

const request: ExtractRequest = {
  referenceDate,
  customers: { from: 'customers.csv', id: 'id' },
  products: { from: 'products.csv', code: 'code', name: 'name', class: 'class', saleEnd: 'saleEnd', group: 'group' },
  holdings: { from: 'holdings.csv', customer: 'customer', product: 'product', by: 'name', date: 'opened', closed: 'closed' },
  derive: {},
  columns: [],
  predicates: [],
  rules: [],
};

async function extracted(folder: string, rows: BankRows, { dateForm, isQuery, customersAtOnce }: Way) {
  for (const [name, table] of Object.entries(rows)) await writeFile(join(folder, `${name}.csv`), csv(table, dateForm));
  const tempDirectory = join(folder, 'spill');
  const engine = await openDuckdb({ memory: '200MB', threads: 2, tempDirectory, path: folder });
  const { from, ...columns } = request.holdings;
  const sql = `SELECT * FROM read_csv('${join(folder, from!)}', header = true, all_varchar = true, quote = '"', delim = ',')`;
  const asked = isQuery ? { ...request, holdings: { sql, ...columns } } : request;
  const manifest = await extractSnapshot(engine, asked, join(folder, 'snapshot'), { customersAtOnce });
  await engine.close();
  const snapshot = await openSnapshot(join(folder, 'snapshot'), { memory: '200MB', threads: 2, tempDirectory });
  const products = await snapshot.products();
  const open: string[] = [];
  for await (const { customer, product, days } of snapshot.holdings(referenceDate)) {
    for (const [i, c] of customer.entries()) {
      const day = days[i] === noDate ? 'undated' : new Date(days[i]! * 86_400_000).toISOString().slice(0, 10);
      open.push(`${c} ${products[product[i]!]!.groupKey} ${day}`);
    }
  }
  const rowsInOrder = await queryRows(snapshot.engine, 'SELECT customer, product FROM holdings');
  expect(rowsInOrder).toEqual(
    rowsInOrder.toSorted((a, b) => Number(a.customer) - Number(b.customer) || Number(a.product) - Number(b.product)),
  );
  const customers = (await queryRows(snapshot.engine, 'SELECT id FROM customers ORDER BY customer')).map(({ id }) => id);
  await snapshot.close();
  return { manifest, products, customers, open: open.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) };
}

test('snapshots of random banks hold, drop and count what a plain reading of the tables says', async () => {
  await fc.assert(
    fc.asyncProperty(bank, way, async (rows, how) => {
      const folder = await mkdtemp(join(tmpdir(), 'basketwise-property-'));
      try {
        const expected = snapshotOf(rows, referenceDate);
        const { manifest, products, customers, open } = await extracted(folder, rows, how);
        expect(customers).toEqual(expected.ids);
        expect(products).toEqual(expected.products);
        expect(open).toEqual(expected.open);
        const { kept, repeated, afterReference, closed, undated: withoutDate } = expected;
        const counts = {
          read: rows.holdings.length,
          excludedByWhere: 0,
          ...expected.dropped,
          ...{ repeated, kept },
          afterReference,
          closed,
          undated: withoutDate,
        };
        expect(manifest.holdings).toEqual(counts);
        expect(manifest.customers).toEqual({
          read: rows.customers.length,
          nullId: 0,
          kept: expected.ids.length,
          withoutHoldings: expected.withoutHoldings,
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: cases(25), seed: 1 },
  );
});

test('holdings of several files are taken over whole by the next snapshot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'basketwise-property-'));
  const write = (name: string, lines: readonly string[]) => writeFile(join(folder, name), `${lines.join('\n')}\n`);
  await write('customers.csv', ['id', 'a', 'b', 'c', 'd', 'e']);
  await write('products.csv', ['code,name,class,saleEnd,group', 'P1,one,x,,', 'P2,two,x,,']);
  const days = ['2021-01-01', '2022-01-01'];
  const rows = ['e', 'a', 'd', 'b', 'c'].flatMap((id) => days.map((day, i) => `${id},${i === 0 ? 'two' : 'one'},${day},`));
  await write('holdings.csv', ['customer,product,opened,closed', ...rows]);
  const options = { memory: '200MB', threads: 2, tempDirectory: join(folder, 'spill') };
  const engine = await openDuckdb({ ...options, path: folder });
  const first = await extractSnapshot(engine, request, join(folder, 'first'), { customersAtOnce: 2 });
  const holdingsOf = { folder: join(folder, 'first'), manifest: first };
  const second = await extractSnapshot(engine, request, join(folder, 'second'), { holdingsOf });
  await engine.close();
  expect(first.holdingsFiles).toEqual(['holdings.parquet', 'holdings-1.parquet', 'holdings-2.parquet']);
  expect(second).toEqual(first);
  const snapshot = await openSnapshot(join(folder, 'second'), options);
  expect((await queryRows(snapshot.engine, 'SELECT customer, product FROM holdings')).map(Object.values)).toEqual(
    [0, 1, 2, 3, 4].flatMap((customer) => [0, 1].map((product) => [customer, product])),
  );
  await snapshot.close();
  await rm(folder, { recursive: true, force: true });
});
