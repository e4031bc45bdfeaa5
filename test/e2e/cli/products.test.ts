import type { ProductRules, SimilarProducts } from '@basketwise/insight';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { basketwise, smallBank, writeBank } from '../pipeline/small-bank.ts';

const bank = smallBank(400);
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await writeBank(bank));
  expect((await basketwise(folder, 'run')).exitCode).toBe(0);
});
afterAll(() => remove());

const data = async <T>(...args: string[]) => {
  const { stdout, exitCode } = await basketwise(folder, ...args, '--json');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as T;
};

/** Names that each customer holds, from the bank's own text. */
function held(): Set<string>[] {
  const sets = new Map<string, Set<string>>();
  for (const line of bank.holdings.trim().split('\n').slice(1)) {
    const [customer, name, opened] = line.split(',') as [string, string, string];
    if (opened <= '2022-08-31') sets.set(customer, (sets.get(customer) ?? new Set()).add(name));
  }
  return [...sets.values()];
}

const countOf = (...names: string[]) => held().filter((set) => names.every((name) => set.has(name))).length;

const tensOf = (...names: string[]) => Math.floor(countOf(...names) / 10) * 10;

test('rules count the customers of the tables in tens, best lift first', async () => {
  const { customers, found, rules } = await data<ProductRules>('rules', '--min-confidence', '0.05');
  expect(customers).toBe(400);
  expect(rules.length).toBe(found);
  expect(rules.some((rule) => rule.antecedent.length === 2)).toBe(true);
  for (const rule of rules) {
    const antecedent = rule.antecedent.map(({ name }) => name);
    const both = tensOf(...antecedent, rule.consequent.name);
    expect(rule.customers).toBe(both);
    expect(both).toBeGreaterThanOrEqual(10);
    expect(rule.confidence).toBeCloseTo(both / tensOf(...antecedent), 2);
    const lift = both / tensOf(...antecedent) / (tensOf(rule.consequent.name) / 400);
    expect(rule.lift).toBeCloseTo(Number(lift.toPrecision(3)), 9);
  }
  expect(rules.map(({ lift }) => lift)).toEqual(rules.map(({ lift }) => lift).sort((a, b) => b - a));
  const first = await data<ProductRules>('rules', '--min-confidence', '0.05', '--top', '2');
  expect(first.rules).toEqual(rules.slice(0, 2));
});

test('rules on the terminal name products; thresholds that nothing meets say so; a threshold out of range is a usage error', async () => {
  const table = await basketwise(folder, 'rules', '--min-confidence', '0.05', '--longest', '2');
  expect(table.stdout).toMatch(/holders of -> also hold +customers +confidence +lift/);
  expect(table.stdout).toMatch(/^(\S+) -> (\S+) +\d+ +[\d.]+ %/m);
  expect((await basketwise(folder, 'rules', '--min-support', '1')).stdout).toContain('no rule meets the thresholds');
  expect((await basketwise(folder, 'rules', '--min-support', '0')).exitCode).toBe(64);
});

test('a table of long names is no wider than a terminal', async () => {
  const long = (text: string) => text.replaceAll('정기예금', '산들바람 소상공인 우대 정기예금 (비과세 종합저축 온라인 전용)');
  const { folder: other, remove: clear } = await writeBank({
    ...bank,
    products: long(bank.products),
    holdings: long(bank.holdings),
  });
  onTestFinished(clear);
  expect((await basketwise(other, 'profile')).exitCode).toBe(0);
  const { stdout } = await basketwise(other, 'rules', '--min-confidence', '0.05');
  expect(stdout).toContain('(비과세 종합저축');
  const columns = (line: string) => [...line].reduce((sum, character) => sum + (character > '\u1100' ? 2 : 1), 0);
  expect(Math.max(...stdout.split('\n').map(columns))).toBeLessThanOrEqual(100);
  expect(stdout).toMatch(/ +\d+ +[\d.]+ %.*\n/);
});

test('similar products: cosine of the sets of holders; products of one name are one', async () => {
  const { product, similar } = await data<SimilarProducts>('similar', '정기예금');
  expect(product).toEqual({ code: 'D3', name: '정기예금', class: 'deposit' });
  expect(similar.length).toBeGreaterThan(2);
  for (const { name, similarity } of similar) {
    const cosine = countOf('정기예금', name) / Math.sqrt(countOf('정기예금') * countOf(name));
    expect(similarity).toBeCloseTo(cosine, 10);
  }
  expect(await data('similar', 'd2')).toEqual(await data('similar', 'D3'));
});

test('similar products by a model are within its columns and between -1 and 1', async () => {
  const { by, similar } = await data<SimilarProducts>('similar', 'D4', '--campaign', 'deposit-upsell');
  expect(by).toBe('als');
  expect(similar.length).toBeGreaterThan(0);
  for (const { class: of, similarity } of similar) {
    expect(of).toBe('deposit');
    expect(Math.abs(similarity)).toBeLessThanOrEqual(1);
  }
  const table = await basketwise(folder, 'similar', 'D4', '--campaign', 'deposit-upsell');
  expect(table.stdout).toContain('like 적금 (D4), by the als model');
});

test.each([
  [['D44'], 66, 'Did you mean `D4` (적금)'],
  [['정기예굼'], 66, '정기예금'],
  [['loan of a quite different kind'], 66, 'Give a code or a name'],
  [['I1', '--campaign', 'deposit-upsell'], 64, 'is not a column of campaign deposit-upsell'],
  [['D4', '--campaign', 'loans'], 64, 'There are: deposit-upsell, insurance-cross'],
] as const)('similar %j ends with exit code %i', async (args, code, message) => {
  const { exitCode, stderr } = await basketwise(folder, 'similar', ...args);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(code);
});
