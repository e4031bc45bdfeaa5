import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@basketwise/core/parts';
import { expect, test } from 'vitest';
import { basketwise, type SmallBank, unwrapped, writeBank } from './small-bank.ts';

test('without dates models rank by what is fixed of customers, and not by what may know of their products', async () => {
  const bank = undatedBank();
  const ids = bank.customers.trim().split('\n').slice(1);
  const held = new Set(bank.holdings.trim().split('\n'));
  const rows = ids.map((id, i) => `${id},${i % 2 === 0 ? 'a' : 'b'},${held.has(`${id},C`) ? 'y' : 'n'}`);
  const features = 'features:\n  kind: { column: kind, fixed: true }\n  holds_c: { column: holds_c }\n';
  const { folder, remove } = await writeBank({
    ...bank,
    customers: `id,kind,holds_c\n${rows.join('\n')}\n`,
    config: bank.config + features,
  });
  const run = await basketwise(folder, 'run');
  expect(run.exitCode, run.stderr).toBe(0);
  expect(unwrapped(run.stderr)).toContain('features.holds_c: it does not rank');
  const summary = JSON.parse(readFileSync(join(folder, 'out/latest/features.json'), 'utf8'));
  expect(summary.features).toMatchObject([{ name: 'kind' }]);
  const lists = readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8').trim().split('\n').slice(1);
  // customers without holdings differ by their kind alone
  const nothing = ids.filter((id) => ![...held].some((line) => line.startsWith(`${id},`)));
  const first = new Map(
    lists.map((row) => row.split(',')).flatMap(([id, , rank, code]) => (rank === '1' ? [[id, code!] as const] : [])),
  );
  for (const id of nothing) if (first.has(id)) expect(required(first, id)[0]).toBe(Number(id.slice(1)) % 2 === 0 ? 'A' : 'B');
  await remove();
});

/** A bank without dates: two kinds of customers, each with three products of their own, and one that all may hold. */
function undatedBank(): SmallBank {
  const holdings: string[] = [];
  for (let i = 0; i < 300; i++) {
    const own = i % 2 === 0 ? ['A1', 'A2', 'A3'] : ['B1', 'B2', 'B3'];
    const held = own.filter((_, place) => (i >> (place + 1)) % 3 !== 0);
    if (i % 7 === 0) held.push('C');
    for (const product of held) holdings.push(`c${String(i).padStart(3, '0')},${product}`);
  }
  return {
    customers: `id\n${Array.from({ length: 300 }, (_, i) => `c${String(i).padStart(3, '0')}`).join('\n')}\n`,
    products: 'code,class\nA1,card\nA2,card\nA3,card\nB1,card\nB2,card\nB3,card\nC,card\n',
    holdings: `customer,product\n${holdings.join('\n')}\n`,
    config: `reference_date: 2022-12-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id }
  products: { from: products.csv, code: code, name: code, class: class }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code }
campaigns:
  cards: { kind: upsell, class: card }
model: { kind: automatic }
top_n: 3
output: { formats: [csv] }
`,
  };
}

test('without dates models are chosen and judged by hiding a product of each customer, in five folds', async () => {
  const { folder, remove } = await writeBank(undatedBank());
  const run = await basketwise(folder, 'run');
  expect(run.exitCode, run.stderr).toBe(0);
  const rows = readFileSync(join(folder, 'out/latest/recommendations.csv'), 'utf8').trim().split('\n').slice(1);
  const held = readFileSync(join(folder, 'holdings.csv'), 'utf8').trim().split('\n');
  const firsts = rows.flatMap((row) => {
    const [customer, , rank, code] = row.split(',') as [string, string, string, string];
    const own = held.filter((line) => line.startsWith(`${customer},`) && !line.endsWith(',C')).length;
    const kind = Number(customer.slice(1)) % 2 === 0 ? 'A' : 'B';
    return rank === '1' && own > 0 && own < 3 ? [code.startsWith(kind)] : [];
  });
  expect(firsts.length).toBeGreaterThan(100);
  expect(firsts.filter(Boolean).length / firsts.length).toBeGreaterThan(0.9);
  const evaluated = await basketwise(folder, 'evaluate');
  expect(evaluated.exitCode, evaluated.stderr).toBe(0);
  const { windows, campaigns } = JSON.parse(readFileSync(join(folder, 'out/evaluation.json'), 'utf8'));
  expect(windows).toEqual([{ at: '2022-12-31', from: '2022-12-31', to: '2022-12-31', folds: 5 }]);
  const score = (wanted: string) => campaigns[0].models.find(({ name }: { name: string }) => name === wanted).metrics['ndcg@5'];
  expect(score('automatic')).toBeGreaterThan(score('popularity') + 0.1);
  expect(readFileSync(join(folder, 'out/evaluation.md'), 'utf8')).toContain('5 folds of customers');
  await remove();
});
