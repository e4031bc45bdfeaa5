import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basketwise, type SmallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];
const products = ['B', 'M', 'N', 'V', 'W'];

/** A number that looks like chance, the same each time: 0 .. below - 1. */
function drawn(i: number, salt: number, below: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) + Math.imul(salt, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) % below;
}

/**
 * A bank where all hold A, which is sold no more; each month some take one of five products. Income is low or high, as the history and the customers
 * table say. What they take depends on it, or not at all; the customers table may know what was bought in the last half year, as if income came of it.
 */
function bankOf({ differs, leaks }: { differs: boolean; leaks: boolean }, campaign: string): SmallBank {
  const [customers, history, holdings]: [string[], string[], string[]] = [[], [], []];
  for (let i = 0; i < 3000; i++) {
    const id = `c${String(i).padStart(4, '0')}`;
    const isRich = drawn(i, 7, 2) === 1;
    const income = (rich: boolean, salt: number) => (rich ? 900 : 100) + drawn(i, salt, 90);
    for (const day of ['2021-12-31', '2022-06-30']) history.push(`${id},${day},${income(isRich, 1)}`);
    holdings.push(`${id},A,2020-0${1 + (i % 9)}-01`);
    const month = Math.floor(i / 250);
    const liked = isRich ? ['M', 'N'] : ['V', 'W'];
    const taken = differs && drawn(i, 3, 10) < 7 ? liked[drawn(i, 4, 2)]! : products[drawn(i, 5, 5)]!;
    const knows = leaks && month >= 6;
    customers.push(`${id},${income(knows ? taken === 'M' || taken === 'N' : isRich, 2)}`);
    if (drawn(i, 11, 10) > 0) holdings.push(`${id},${taken},2022-${months[month]}-15`);
  }
  return {
    customers: `id,income\n${customers.join('\n')}\n`,
    products: `code,name,class,sale_end\nA,A,deposit,2020-12-31\n${products.map((code) => `${code},${code},deposit,\n`).join('')}`,
    holdings: `customer,product,opened\n${holdings.join('\n')}\n`,
    files: { 'history.csv': `id,day,income\n${history.join('\n')}\n` },
    config: `reference_date: 2022-12-31
source: { path: . }
tables:
  customers: { from: customers.csv, id: id, history: { from: history.csv, id: id, date: day } }
  products: { from: products.csv, code: code, name: name, class: class, sale_end: sale_end }
  holdings: { from: holdings.csv, customer: customer, product: product, by: code, date: opened }
clusters:
  wealth: { k: 2, numeric: [income] }
campaigns:
  deposit-upsell: { kind: upsell, class: deposit, ${campaign} }
model: { kind: automatic }
evaluate: { window: 2 months, gap: 0 days, at: [1] }
top_n: 3
workers: 2
output: { formats: [csv] }
`,
  };
}

type Written = { folder: string; remove(): Promise<void> };
const written: Written[] = [];
const banks = new Map<string, string>();

async function make(name: string, kind: Parameters<typeof bankOf>[0], campaign: string): Promise<void> {
  const bank = await writeBank(bankOf(kind, campaign));
  written.push(bank);
  banks.set(name, bank.folder);
}

const read = (name: string, file: string) => JSON.parse(readFileSync(join(required(banks, name), file), 'utf8'));

async function run(name: string, command: string): Promise<string> {
  const { exitCode, stderr, stdout } = await basketwise(required(banks, name), command);
  expect(exitCode, stderr).toBe(0);
  return stdout + stderr;
}

const rates = new Map<string, number>();

/** Hit rate at 1 of the bank's lists, evaluated once. */
async function hitRate(name: string): Promise<number> {
  if (!rates.has(name)) rates.set(name, await measured(name));
  return required(rates, name);
}

async function measured(name: string): Promise<number> {
  await run(name, 'evaluate');
  const { campaigns } = read(name, 'out/evaluation.json');
  return campaigns[0].models.find((one: { name: string }) => one.name === 'automatic').metrics['hit rate@1'];
}

beforeAll(async () => {
  const [apart, alike, leaking] = [
    { differs: true, leaks: false },
    { differs: false, leaks: false },
    { differs: false, leaks: true },
  ];
  await make('apart', apart, 'by_cluster: wealth');
  await make('apart, separate', apart, 'by_cluster: wealth, pooling: none');
  await make('apart, one', apart, 'train: holders');
  await make('alike', alike, 'by_cluster: wealth');
  await make('alike, one', alike, 'train: holders');
  await make('leaking', leaking, 'by_cluster: wealth');
});
afterAll(async () => {
  for (const bank of written) await bank.remove();
});

describe('partial pooling', () => {
  test('where clusters differ it finds out how far, and is ahead of one model of all', async () => {
    const [pooled, one] = [await hitRate('apart'), await hitRate('apart, one')];
    expect(pooled).toBeGreaterThan(one + 0.08);
    expect(pooled).toBeGreaterThanOrEqual((await hitRate('apart, separate')) - 0.02);
  });

  test('where they do not, it is the model of all', async () => {
    const [pooled, one] = [await hitRate('alike'), await hitRate('alike, one')];
    expect(pooled).toBeGreaterThanOrEqual(one - 0.02);
  });

  test('what columns of today know of purchases moves nothing', async () => {
    for (const name of ['leaking', 'alike']) await run(name, 'run');
    const [leaking, alike] = ['leaking', 'alike'].map((name) => read(name, 'out/latest/choice.json')[0].learned);
    expect(leaking.clusterRidge).toBe(alike.clusterRidge);
    expect([null, 100, 300]).toContain(leaking.clusterRidge);
    expect(Math.abs((await hitRate('leaking')) - (await hitRate('alike')))).toBeLessThan(0.02);
  });

  test('the row and explain say that the cluster is why; all terms sum to the score', async () => {
    await run('apart', 'run');
    const [{ learned }] = read('apart', 'out/latest/choice.json');
    expect(learned.clusterRidge).toBeGreaterThan(0);
    const file = readFileSync(join(required(banks, 'apart'), 'out/latest/recommendations.csv'), 'utf8');
    const [header, ...lines] = file.trim().split('\n');
    const place = Object.fromEntries(header!.split(',').map((name, at) => [name, at]));
    const rows = lines.map((line) => line.split(','));
    const first = rows.find((row) => row[place.rank!] === '1' && row[place.reason!]!.startsWith('cluster wealth'))!;
    expect(first[place.reason!]).toBe(`cluster wealth ${first[place.cluster!]}`);
    expect(Number(first[place.probability!])).toBeGreaterThan(0);
    const { exitCode, stdout } = await basketwise(required(banks, 'apart'), 'explain', first[place.customer!]!, '--json');
    expect(exitCode).toBe(0);
    const [explained] = JSON.parse(stdout).campaigns[0].recommendations;
    const { baseline, contributions, exact, features } = explained.reasons;
    const terms = [...contributions, ...features].map(({ value }: { value: number }) => value);
    expect(terms.reduce((sum, value) => sum + value, baseline + (exact ?? 0))).toBeCloseTo(explained.score, 4);
    expect(features[0]).toMatchObject({ feature: 'cluster wealth', level: first[place.cluster!] });
  });
});
