import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@basketwise/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basketwise, type SmallBank, writeBank } from './small-bank.ts';

/** A bank where 60 customers a month take B, C or D (30, 20 and 10), independent of holdings, and in the last twelve days of the year 50 take N, which no customer held before. */
function bankOf(): SmallBank {
  const random = createRandom(3);
  const ids = Array.from({ length: 1500 }, (_, i) => `c${String(i).padStart(4, '0')}`);
  const holdings = ids.map((id, i) => `${id},A,20${10 + (i % 9)}-05-01`);
  const held = new Set<string>();
  const someone = (product: string, day: string) => {
    const id = ids[Math.floor(random.next() * 1499)]!;
    if (held.has(`${id} ${product}`)) return someone(product, day);
    held.add(`${id} ${product}`);
    holdings.push(`${id},${product},${day}`);
  };
  const taken = (i: number) => (i % 6 < 3 ? 'B' : i % 6 < 5 ? 'C' : 'D');
  for (let month = 1; month <= 12; month++) {
    for (let i = 0; i < 60; i++)
      someone(taken(i), `2022-${String(month).padStart(2, '0')}-${String(1 + (i % 28)).padStart(2, '0')}`);
  }
  for (let i = 0; i < 50; i++) someone('N', `2022-12-${20 + (i % 12)}`);
  return {
    customers: `id\n${ids.join('\n')}\n`,
    products: `code,name,class,sale_end\nA,A,deposit,2020-12-31\n${['B', 'C', 'D', 'N'].map((code) => `${code},${code},deposit,\n`).join('')}`,
    holdings: `customer,product,opened\n${holdings.join('\n')}\n`,
    config: `reference_date: 2022-12-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class, sale_end: sale_end }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened }
campaigns:
  counts: { kind: upsell, class: deposit, model: { kind: popularity, of: recent, within: 3 } }
  rates: { kind: upsell, class: deposit, model: { kind: popularity, of: recent, within: 3, per_time_on_sale: true } }
  default: { kind: upsell, class: deposit }
evaluate: { window: 1 month, gap: 0 days }
top_n: 4
workers: 2
output: { formats: [csv] }
`,
  };
}

let bank: { folder: string; remove(): Promise<void> };
beforeAll(async () => {
  bank = await writeBank(bankOf());
});
afterAll(() => bank.remove());

test('a product that was just launched is ranked by how fast it sells, of the default too', async () => {
  const { exitCode, stderr } = await basketwise(bank.folder, 'run');
  expect(exitCode, stderr).toBe(0);
  const [header, ...rows] = readFileSync(join(bank.folder, 'out/latest/recommendations.csv'), 'utf8').trimEnd().split('\n');
  const place = (name: string) => header!.split(',').indexOf(name);
  const listOf = (campaign: string) =>
    rows
      .map((row) => row.split(','))
      .filter((cells) => cells[place('campaign')] === campaign && cells[place('customer')] === 'c1499')
      .map((cells) => cells[place('product_code')]);
  expect(listOf('counts')).toEqual(['B', 'C', 'N', 'D']);
  expect(listOf('rates')).toEqual(['N', 'B', 'C', 'D']);
  expect(listOf('default')[0]).toBe('N');
});
