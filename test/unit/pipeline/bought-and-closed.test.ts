import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInlinePool } from '@basketwise/core';
import { extractSnapshot, openSnapshot } from '@basketwise/data';
import { loadConfig, planCampaigns, recordsOf, snapshotBank } from '@basketwise/pipeline';
import { loadBankAt } from '@basketwise/recommend';
import { expect, onTestFinished, test } from 'vitest';
import { openEngine, temporaryFolder } from '../data/bank.ts';

const config = `reference_date: 2022-08-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened, closed: closed }
campaigns:
  next: { kind: cross, class: x, train: all, model: { kind: lookup-next } }
`;

/** A bank whose one customer held these: product, opened, closed. */
async function bankOf(holdings: readonly string[]) {
  const folder = await temporaryFolder();
  const lines = holdings.map((holding) => `1,${holding}`).join('\n');
  const files = {
    'customers.csv': 'id\n1\n',
    'products.csv': 'code,name,class\nA,a,x\nB,b,x\nC,c,x\n',
    'holdings.csv': `customer,product,opened,closed\n${lines}\n`,
    'basketwise.yaml': config,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const engine = await openEngine(folder);
  const request = {
    ...{ referenceDate: '2022-08-31', ...settings.config.tables, derive: {}, columns: [], predicates: [], rules: [] },
    ...{ holdings: { ...settings.config.tables.holdings, by: 'code' as const } },
  };
  const manifest = await extractSnapshot(engine, request, join(folder, 'snapshot'));
  const snapshot = await openSnapshot(join(folder, 'snapshot'), engine.options);
  onTestFinished(() => snapshot.close());
  return { manifest, snapshot, config: settings.config, pool: createInlinePool() };
}

/** Purchases and earlier holdings, by product. */
async function acquired(holdings: readonly string[]): Promise<string[]> {
  const { snapshot, config, pool } = await bankOf(holdings);
  const { acquisitions } = await bankNow({ pool, snapshot, config, date: '2022-08-31' });
  const { count, product, start, before } = acquisitions!;
  const name = (number: number) => 'ABC'[number]!;
  return Array.from({ length: count }, (_, a) => {
    const held = [...before.subarray(start[a]!, start[a + 1]!)].map((entry) => name(entry >>> 8));
    return `${held.join('')}>${name(product[a]!)}`;
  });
}

/** The bank of the date of the lists. */
function bankNow(of: Parameters<typeof snapshotBank>[0]) {
  return snapshotBank(of).now(planCampaigns(of.config)[0]!, async (bank) => bank);
}

test.each([
  ['open', ['A,2020-01-01,', 'B,2022-05-01,'], ['A>B']],
  ['closed since', ['A,2020-01-01,', 'B,2022-05-01,2022-06-01'], ['A>B']],
  ['bought and closed on one day', ['A,2020-01-01,', 'B,2022-05-01,2022-05-01'], ['A>B']],
  ['held before it and closed since', ['A,2020-01-01,2022-07-01', 'B,2022-05-01,'], ['A>B']],
  ['closed before it', ['A,2020-01-01,2022-04-01', 'B,2022-05-01,'], ['>B']],
  ['renewed', ['A,2020-01-01,2022-05-01', 'A,2022-05-01,'], ['A>A']],
  ['closed before it was opened', ['A,2020-01-01,', 'B,2022-05-01,2022-04-01'], []],
  ['opened later than the date', ['A,2020-01-01,', 'B,2022-09-01,'], []],
  ['a row twice', ['A,2020-01-01,', 'B,2022-05-01,2022-06-01', 'B,2022-05-01,2022-06-01'], ['A>B']],
])('acquisitions of the year: %s', async (_, holdings, expected) => {
  expect(await acquired(holdings)).toEqual(expected);
});

test('what was bought and closed within a window counts as bought, and nothing that is known later', async () => {
  const { snapshot, config, pool } = await bankOf([
    'A,2020-01-01,2022-08-15',
    'B,2022-08-05,2022-08-20',
    'C,2022-07-10,2022-08-20',
  ]);
  const window = { at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' };
  const bank = await loadBankAt(pool, recordsOf(snapshot, config), config, planCampaigns(config), window);
  expect([...bank.added]).toEqual([[0, [1]]]);
  expect([...bank.skipped]).toEqual([[0, [2]]]);
  expect(bank.csr.entries).toBe(1);
});

test('rows that agree in customer, product, opening and closing count once', async () => {
  const open = 'A,2020-01-01,';
  const closed = 'B,2021-01-01,2022-01-01';
  const { manifest } = await bankOf([
    open,
    closed,
    open,
    closed,
    'B,,',
    'B,,',
    'A,2020-01-02,',
    open,
    'C,2022-09-01,',
    'C,2022-09-01,',
  ]);
  expect(manifest.holdings).toMatchObject({ read: 10, repeated: 5, kept: 5, closed: 1, undated: 1, afterReference: 1 });
  expect(manifest.holdingsByClass).toEqual({ x: 5 });
  expect(manifest.customers.withoutHoldings).toBe(0);
});

test.each([
  ['2022-02-28', '2022-08-31', 0],
  ['2022-02-27', '2022-08-31', 1],
  ['2021-09-01', '2022-03-01', 0],
  ['2021-08-31', '2022-03-01', 1],
  ['2021-03-01', '2022-03-01', 1],
  ['2021-02-28', '2022-03-01', 2],
])(
  'what was taken on %s is as recent when another product is bought on %s as it is in a list of that day',
  async (opened, day, band) => {
    const { snapshot, config, pool } = await bankOf([`A,${opened},`, `B,${day},`]);
    const records = recordsOf(snapshot, config);
    const { acquisitions } = await bankNow({ pool, snapshot, config, date: '2022-08-31' });
    const bought = acquisitions!.product.indexOf(1);
    const before = acquisitions!.before.subarray(acquisitions!.start[bought], acquisitions!.start[bought + 1]);
    expect(before.map((entry) => entry & 0xff)).toEqual(Uint32Array.of(band));
    const window = { at: day, from: day, to: '2022-08-31' };
    const { csr } = await loadBankAt(pool, records, config, planCampaigns(config), window);
    expect(pool.memory.u32(csr.entry, csr.entries)[0]! & 0xff).toBe(band);
  },
);
