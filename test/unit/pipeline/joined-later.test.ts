import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInlinePool, required } from '@basketwise/core';
import { extractSnapshot, openSnapshot, queryRows } from '@basketwise/data';
import { loadConfig, planCampaigns, recordsOf, snapshotBank } from '@basketwise/pipeline';
import { loadBankAt } from '@basketwise/recommend';
import { expect, onTestFinished, test } from 'vitest';
import { sourceRequest } from '../../../packages/pipeline/src/source/extract-request.ts';
import { openEngine, temporaryFolder } from '../data/bank.ts';

const referenceDate = '2022-08-31';
const config = `reference_date: ${referenceDate}
source: { path: . }
tables:
  customers: { from: customers.csv, id: id, since: joined }
  products: { from: products.csv, code: code, name: name, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened }
clusters: { all: { k: 1, numeric: [wealth] } }
campaigns:
  next: { kind: upsell, class: x, by_cluster: all, model: { kind: lookup-next } }
`;

/** Customer 3 joined between 2022-06-30 and the date, 2 and 4 after it; all of them have holdings from before. */
async function bank() {
  const folder = await temporaryFolder();
  const files = {
    'customers.csv': 'id,wealth,joined\n1,1,2000-01-01\n2,2,2022-09-01\n3,3,2022-07-15\n4,4,2022-12-01\n5,5,\n,6,2022-10-01\n',
    'products.csv': 'code,name,class\nA,a,x\nB,b,x\nC,c,x\n',
    'holdings.csv':
      'customer,product,opened\n1,A,2020-01-01\n1,B,2022-05-01\n2,A,2022-05-01\n2,C,2022-06-01\n3,A,2022-05-01\n3,C,2022-06-01\n3,C,\n4,B,\n4,Z,\n5,A,2020-01-01\n9,A,2020-01-01\n',
    'basketwise.yaml': config,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const engine = await openEngine(folder);
  const manifest = await extractSnapshot(engine, sourceRequest(settings.config, referenceDate), join(folder, 'snapshot'));
  const snapshot = await openSnapshot(join(folder, 'snapshot'), engine.options);
  onTestFinished(() => snapshot.close());
  return { manifest, snapshot, config: settings.config, pool: createInlinePool() };
}

/** The bank of the date of the lists. */
function bankNow(of: Parameters<typeof snapshotBank>[0]) {
  return snapshotBank(of).now(planCampaigns(of.config)[0]!, async (bank) => bank);
}

test('customers who join after the date are left out and counted, and so are their holdings', async () => {
  const { manifest, snapshot, pool, config } = await bank();
  expect(manifest.customers).toEqual({ read: 6, nullId: 1, joinedLater: 2, kept: 3, withoutHoldings: 0 });
  expect(manifest.holdings).toMatchObject({ read: 11, unknownProduct: 1, unknownCustomer: 1, joinedLater: 3, kept: 6 });
  expect(await queryRows(snapshot.engine, 'SELECT id FROM customers ORDER BY customer')).toEqual(
    ['1', '3', '5'].map((id) => ({ id })),
  );
  const { popularity } = await bankNow({ pool, snapshot, config, date: referenceDate });
  expect(popularity.ranked(['A', 'B', 'C'], null, -1)[0]!.score).toBeLessThanOrEqual(1);
});

test('as of an earlier date, later joiners train nothing and count in no share', async () => {
  const { snapshot, pool, config } = await bank();
  const clusters = new Map([['all', { clusters: new Int16Array(3), count: 1 }]]);
  const window = { at: '2022-06-30', from: '2022-06-30', to: referenceDate };
  const found = await loadBankAt(pool, recordsOf(snapshot, config), config, planCampaigns(config), window, { clusters });
  expect(found.absent).toEqual(Uint8Array.of(0, 1, 0));
  expect([...pool.memory.u32(found.csr.start, 4)]).toEqual([0, 2, 2, 3]);
  expect([...required(found.holds, 'x')]).toEqual([1, 0, 1]);
  expect([...found.acquisitions.customer]).toEqual([0]);
  expect([...found.known]).toEqual([1, 1, 0]);
  for (const scheme of [null, 'all']) {
    expect(found.popularity.ranked(['A', 'B', 'C'], scheme, 0)).toEqual([
      { key: 'B', score: 0.5 },
      { key: 'A', score: 0 },
      { key: 'C', score: 0 },
    ]);
  }
});
