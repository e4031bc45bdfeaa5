import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basketwise, type SmallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];

/**
 * A bank where all hold A, which is sold no more; each month some take W, M or B: women W rather than M, men the other way. A tenth of the
 * customers of either sex hold A alone to the end.
 */
function bankOfTwo(features: string): SmallBank {
  const customers: string[] = [];
  const holdings: string[] = [];
  for (let i = 0; i < 1200; i++) {
    const id = `c${String(i).padStart(4, '0')}`;
    const isWoman = i % 2 === 0;
    customers.push(`${id},${isWoman ? 'F' : 'M'},${1940 + (i % 60)}-03-01`);
    holdings.push(`${id},A,2020-0${1 + (i % 9)}-01`);
    if (i % 20 < 2) continue;
    const month = months[Math.floor(i / 100)]!;
    const own = isWoman ? 'W' : 'M';
    const other = isWoman ? 'M' : 'W';
    holdings.push(`${id},${i % 10 < 6 ? own : i % 10 < 8 ? 'B' : other},2022-${month}-15`);
  }
  return {
    customers: `id,sex,born\n${customers.join('\n')}\n`,
    products: 'code,name,class,sale_end\nA,A,deposit,2020-12-31\nB,B,deposit,\nM,M,deposit,\nW,W,deposit,\n',
    holdings: `customer,product,opened\n${holdings.join('\n')}\n`,
    config: `reference_date: 2022-12-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: name, class: class, sale_end: sale_end }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened }
campaigns:
  deposit-upsell: { kind: upsell, class: deposit }
model: { kind: automatic }
evaluate: { window: 2 months, gap: 0 days }
top_n: 3
workers: 2
output: { formats: [csv] }
${features}`,
  };
}

const features = `features:
  sex: { column: sex, fixed: true }
  age: { sql: "datesub('year', CAST(born AS DATE), :date)", bands: [30, 50], fixed: true }
`;

let bank: { folder: string; remove(): Promise<void> };
let without: { folder: string; remove(): Promise<void> };

beforeAll(async () => {
  bank = await writeBank(bankOfTwo(features));
  without = await writeBank(bankOfTwo(''));
  for (const { folder } of [bank, without]) {
    const { exitCode, stderr } = await basketwise(folder, 'run');
    expect(exitCode, stderr).toBe(0);
  }
});
afterAll(async () => {
  await bank.remove();
  await without.remove();
});

interface Row {
  customer: string;
  rank: number;
  product_code: string;
  reason: string;
}

function published(folder: string): Row[] {
  const [header, ...lines] = readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8').trim().split('\n');
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])) as unknown as Row);
}

const firstOf = (rows: readonly Row[], id: string) => rows.find(({ customer, rank }) => customer === id && Number(rank) === 1)!;

test('customers with the same basket get what customers like them take, and the row says so', () => {
  const rows = published(bank.folder);
  expect(firstOf(rows, 'c0000')).toMatchObject({ product_code: 'W', reason: 'sex F' });
  expect(firstOf(rows, 'c0001')).toMatchObject({ product_code: 'M', reason: 'sex M' });
  const plain = published(without.folder);
  expect(firstOf(plain, 'c0000').product_code).toBe(firstOf(plain, 'c0001').product_code);
});

test('evaluate ranks by the features as of its date', async () => {
  const figures = [];
  for (const { folder } of [bank, without]) {
    const { exitCode, stderr } = await basketwise(folder, 'evaluate');
    expect(exitCode, stderr).toBe(0);
    expect(existsSync(join(folder, 'out/evaluation.json'))).toBe(true);
    const { campaigns } = JSON.parse(readFileSync(join(folder, 'out/evaluation.json'), 'utf8'));
    const own = campaigns[0].models.find(({ name }: { name: string }) => name === 'automatic');
    figures.push(own.metrics['ndcg@1'] as number);
  }
  expect(figures[0]).toBeGreaterThan(figures[1]! + 0.1);
});
