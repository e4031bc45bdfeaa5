import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basketwise, type SmallBank, writeBank } from './small-bank.ts';

/** A number that looks like chance, the same each time: 0 .. below - 1. */
function drawn(i: number, salt: number, below: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) + Math.imul(salt, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) % below;
}

const two = (value: number) => String(value).padStart(2, '0');

/** 900 customers, 26 products of two classes, with a config from before models were learned by default. */
function bankOfBefore(): SmallBank {
  const customers: string[] = [];
  const holdings: string[] = [];
  for (let i = 0; i < 900; i++) {
    const id = `c${String(i).padStart(4, '0')}`;
    customers.push(`${id},${18 + drawn(i, 1, 70)},${drawn(i, 2, 1_000_000)},${drawn(i, 3, 12) === 0 ? 'N' : 'Y'}`);
    const count = drawn(i, 4, 9) === 0 ? 0 : 1 + Math.floor(drawn(i, 5, 36) ** 2 / 250);
    for (let k = 0; k < count; k++) {
      // neighbours on a line of products go together, and the first ones are more popular
      const product = (drawn(i, 6, 26) * drawn(i, 7 + k, 4) + drawn(i, 20 + k, 6)) % 26;
      const closed = drawn(i, 60 + k, 10) === 0 ? '2022-03-15' : '';
      holdings.push(`${id},P${two(product)},20${two(14 + drawn(i, 40 + k, 8))}-${two(1 + drawn(i, 50 + k, 12))}-10,${closed}`);
    }
  }
  const products = Array.from(
    { length: 26 },
    (_, p) => `P${two(p)},name ${p},${p < 18 ? 'deposit' : 'fund'},${p === 9 ? '2021-12-31' : ''}`,
  );
  return {
    customers: `id,age,balance,consent\n${customers.join('\n')}\n`,
    products: `code,name,class,sale_end\n${products.join('\n')}\n`,
    holdings: `customer,product,opened,closed\n${holdings.join('\n')}\n`,
    config: `reference_date: 2022-08-31
source: { engine: duckdb, path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class, sale_end: sale_end }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened, closed: closed }
clusters:
  wealth: { k: 3, seed: 1, numeric: [age, balance] }
rules:
  - { reason: NO_CONSENT, require: "consent = 'Y'" }
campaigns:
  deposit-upsell: { kind: upsell, class: deposit, by_cluster: wealth }
  deposit-cross: { kind: cross, class: deposit, columns: [deposit, fund] }
  fund-cross: { kind: cross, class: fund, columns: [deposit, fund], train: holders }
model: { kind: als, factors: 8, regularization: 4, alpha: 10, constant: 1, iterations: 15, seed: 0 }
top_n: 5
workers: 2
output: { formats: [csv] }
`,
  };
}

/** sha256 of the lists that 06175c3 published of this bank: all columns but probability and reason, and its rows by campaign. */
const lists = '8ebf533bb613d62579efe6bd5019f927f3cdca4c5172652aa3144fe409e04116';
const rowsBefore = { 'deposit-upsell': 2950, 'deposit-cross': 1105, 'fund-cross': 2820 };

let bank: { folder: string; remove(): Promise<void> };
beforeAll(async () => {
  bank = await writeBank(bankOfBefore());
});
afterAll(() => bank.remove());

test('a config with als gives the lists that it gave before, with a probability and a reason in every row', async () => {
  const { exitCode, stderr } = await basketwise(bank.folder, 'run', '--accept-drop');
  expect(exitCode, stderr).toBe(0);
  const [header, ...rows] = readFileSync(join(bank.folder, 'out/latest/recommendations.csv'), 'utf8').trim().split('\n');
  const names = header!.split(',');
  const [probability, reason] = [names.indexOf('probability'), names.indexOf('reason')];
  const cells = rows.map((row) => row.split(','));
  const kept = [names, ...cells].map((row) => row.filter((_, at) => at !== probability && at !== reason).join(','));
  const counts: Record<string, number> = {};
  for (const row of cells) counts[row[1]!] = (counts[row[1]!] ?? 0) + 1;
  expect(counts).toEqual(rowsBefore);
  expect(createHash('sha256').update(kept.join('\n')).digest('hex')).toBe(lists);
  for (const row of cells) {
    expect(Number(row[probability])).toBeGreaterThan(0);
    expect(Number(row[probability])).toBeLessThan(1);
    expect(row[reason]).toMatch(/^(popular|holds .+|purchased by customers .+)$/);
  }
});
