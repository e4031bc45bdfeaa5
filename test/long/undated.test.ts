import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { expect, test } from 'vitest';
import { longTest } from '../cases.ts';
import { basketwise, unwrapped, writeBank } from '../e2e/pipeline/small-bank.ts';
import { undatedBank } from '../e2e/pipeline/undated-bank.ts';

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

/** Rows of a CSV file of a run without quoted cells, by column. */
function rowsOf(folder: string, file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(folder, 'out/latest', file), 'utf8')
    .trim()
    .split('\n');
  const names = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
}

/** Checks that the lists of a run have probabilities of the next product, and that its files say so. Returns a customer with a list. */
function checkNextProduct(folder: string): string {
  const lists = new Map<string, Record<string, string>[]>();
  for (const row of rowsOf(folder, 'recommendations.csv')) lists.set(row.customer!, [...(lists.get(row.customer!) ?? []), row]);
  for (const list of lists.values()) {
    const chances = list.map(({ probability }) => Number(probability));
    expect(chances.every((chance) => chance > 0 && chance < 1)).toBe(true);
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1);
  }
  const read = (file: string) => readFileSync(join(folder, 'out/latest', file), 'utf8');
  expect(JSON.parse(read('manifest.json')).probability).toBe('next product');
  expect(JSON.parse(read('report.json')).probability).toBe('next product');
  expect(unwrapped(read('report.html'))).toContain('the probability that the next product that the customer takes is this one');
  expect(JSON.parse(read('next-product.json'))).toMatchObject([{ campaign: 'cards', window: { folds: 5 } }]);
  return lists.keys().next().value!;
}

test('without dates models are chosen, judged and calibrated by hiding a product of each customer, in five folds', async () => {
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
  const explained = await basketwise(folder, 'explain', checkNextProduct(folder));
  expect(explained.stdout).toContain('probability as the next product');
  const evaluated = await basketwise(folder, 'evaluate');
  expect(evaluated.exitCode, evaluated.stderr).toBe(0);
  const { windows, campaigns, probabilities } = JSON.parse(readFileSync(join(folder, 'out/evaluation.json'), 'utf8'));
  expect(windows).toEqual([{ at: '2022-12-31', from: '2022-12-31', to: '2022-12-31', folds: 5 }]);
  const score = (wanted: string) => campaigns[0].models.find(({ name }: { name: string }) => name === wanted).metrics['ndcg@5'];
  expect(score('automatic')).toBeGreaterThan(score('popularity') + 0.1);
  // all five folds are tested, so the products held out are those of about half of 300 customers
  expect(probabilities.bought / probabilities.expected).toBeGreaterThan(0.85);
  expect(probabilities.bought / probabilities.expected).toBeLessThan(1.18);
  expect(probabilities.brier).toBeLessThan(probabilities.brierOfRate);
  expect(readFileSync(join(folder, 'out/evaluation.md'), 'utf8')).toContain('5 folds of customers');
  await remove();
});

test('offers without dates need a stated purchase rate, which their probabilities follow', async () => {
  const bank = undatedBank();
  const { folder, remove } = await writeBank({ ...bank, config: `${bank.config}offers: { value: 10 }\n` });
  const refused = await basketwise(folder, 'run', '--dry-run');
  expect(refused.exitCode).toBe(78);
  expect(unwrapped(refused.stderr)).toContain('`offers.rate`, the purchases per customer and window');
  await remove();
  const rated = await writeBank({ ...bank, config: `${bank.config}offers: { value: 10, rate: 0.02 }\n` });
  const run = await basketwise(rated.folder, 'run');
  expect(run.exitCode, run.stderr).toBe(0);
  const next = new Map(
    rowsOf(rated.folder, 'recommendations.csv').map((row) => [`${row.customer} ${row.product_code}`, Number(row.probability)]),
  );
  const offers = rowsOf(rated.folder, 'offers.csv');
  expect(offers.length).toBeGreaterThan(200);
  for (const { customer, product_code: code, probability } of offers)
    expect(Number(probability)).toBeCloseTo(0.02 * required(next, `${customer} ${code}`), 6);
  const first = offers[0]!;
  const explained = await basketwise(rated.folder, 'explain', first.customer!);
  expect(explained.stdout).toContain(`value 10 x probability ${Number(first.probability).toFixed(4)}`);
  await rated.remove();
  const dated = await writeBank({
    ...bank,
    holdings: bank.holdings.replace('customer,product', 'customer,product,opened').replaceAll(/\n(.+)/g, '\n$1,2020-01-01'),
    config: `${bank.config.replace('by: code }', 'by: code, date: opened }')}offers: { value: 10, rate: 0.02 }\n`,
  });
  const both = await basketwise(dated.folder, 'run', '--dry-run');
  expect(both.exitCode).toBe(78);
  expect(unwrapped(both.stderr)).toContain('remove `rate`');
  await dated.remove();
});

longTest('a pack without dates says what its lists are tested on, and why groups have no calibration', async () => {
  const bank = undatedBank();
  const validation = "validation: { owner: sales, purpose: lists, tier: '2' }\n";
  const { folder, remove } = await writeBank({ ...bank, config: bank.config + validation });
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
  const { exitCode, stdout, stderr } = await basketwise(folder, 'validate', '--json');
  expect(exitCode, stderr).toBe(0);
  const pack = JSON.parse(stdout);
  expect([pack.probability, pack.calibration.map(({ by }: { by: string }) => by)]).toEqual(['next product', ['all', 'tenth']]);
  expect(pack.missing).toContainEqual(expect.stringContaining('Calibration by groups'));
  const page = readFileSync(join(folder, 'out/validation.html'), 'utf8');
  expect(page).toContain('Quality on products held out');
  expect(page).not.toMatch(/Purchases in the windows|on later purchases|purchases \/ expected|customers with a purchase/);
  await remove();
});
