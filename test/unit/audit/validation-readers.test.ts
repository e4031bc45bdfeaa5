// Parts of a pack that read holdings, lists and errors.
import { AppError, CsrBuilder, createInlinePool, memberCandidates, required } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import type { ScoredWindow } from '@basketwise/insight';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CampaignTally } from '../../../packages/audit/src/validation/campaign-tally.ts';
import { protectedLabels } from '../../../packages/audit/src/validation/customer-groups.ts';
import { readExposure } from '../../../packages/audit/src/validation/exposure.ts';
import { jaccard, listPairs, rankBiasedOverlap } from '../../../packages/audit/src/validation/list-agreement.ts';
import { loseHoldings } from '../../../packages/audit/src/validation/lost-holdings.ts';
import { componentWords } from '../../../packages/audit/src/validation/model-words.ts';
import { isTooFew, refuseEmpty, refuseFew } from '../../../packages/insight/src/evaluation/refusals.ts';
import { emptyEngine } from '../pipeline/feature-snapshot.ts';

let bank: Awaited<ReturnType<typeof emptyEngine>>;
beforeAll(async () => {
  bank = await emptyEngine();
});
afterAll(() => bank.remove());

test('a lost product is gone from the basket, with all holdings of its group', async () => {
  const pool = await createInlinePool();
  const customers = 2000;
  const builder = new CsrBuilder({ pool, customers, products: 3, referenceDay: 100, cutoffs: [50] });
  const all = Array.from({ length: customers * 3 }, (_, i) => i);
  builder.add({
    customer: Int32Array.from(all, (i) => Math.floor(i / 3)),
    product: Int32Array.from(all, (i) => i % 3),
    days: new Int32Array(all.length).fill(60),
  });
  const csr = await builder.finish();
  const lost = loseHoldings(csr, ['account', 'account', 'fund']);
  const start = lost.csr.memory.u32(lost.csr.start, customers + 1);
  const entry = lost.csr.memory.u32(lost.csr.entry, lost.csr.entries);
  const left = new Set(
    [...lost.lost.keys()].map((one) => [...entry.subarray(start[one]!, start[one + 1]!)].map((value) => value >>> 8).join()),
  );
  expect(left).toEqual(new Set(['2', '0,1']));
  expect(lost.lost.size / customers).toBeGreaterThan(0.03);
  expect(lost.lost.size / customers).toBeLessThan(0.07);
});

test('the mean probability of rare values is over entries, not over customers', async () => {
  const { engine } = bank;
  // 25 values: customers of the 19 most frequent ones have one entry, rarer ones have one of 50 % or three of 10 %
  await engine.run(`CREATE TABLE customers AS SELECT 'c' || i AS id, CASE WHEN i < 19 * 9 THEN 'a' || (i % 19) ELSE 'b' || (i % 6) END AS city
    FROM range(${19 * 9 + 12}) r(i)`);
  await engine.run(`CREATE TABLE lists AS SELECT 'x' AS campaign, id AS customer, e + 1 AS rank, CASE WHEN city IN ('b1', 'b3', 'b5') THEN 0.1 ELSE 0.5 END AS probability
    FROM customers, range(3) r(e) WHERE e = 0 OR city IN ('b1', 'b3', 'b5')`);
  const snapshot = { engine, manifest: { columns: [{ name: 'city' }] } } as unknown as Snapshot;
  const found = await readExposure(snapshot, 'lists', { column: 'city', bands: null }, ['x']);
  const others = required(found!, 'x').at(-1)!;
  expect(others).toMatchObject({ group: 'other values', customers: 12, served: 12 });
  expect(others.probability).toBeCloseTo((6 * 0.5 + 18 * 0.1) / 24, 9);
});

test('each component of a learned model has a meaning in the page', () => {
  const names = [true, false].flatMap((isDated) => memberCandidates(10, isDated).map(({ name }) => name));
  expect(Object.keys(componentWords).sort()).toEqual([...new Set(names)].sort());
});

test('the agreement of lists is that of their first entries', async () => {
  const { engine } = bank;
  const table = (name: string, lists: readonly string[]) => {
    const rows = lists.flatMap((list, customer) => [...list].map((code, i) => `(${customer}, '${code}', ${i + 1})`));
    return engine.run(`CREATE TABLE ${name} AS SELECT * FROM (VALUES ${rows.join(', ')}) v(customer, product_code, rank)`);
  };
  await table('before', ['ab', 'ab', 'a', 'x']);
  await table('after', ['ab', 'ba', 'ab']);
  const found = await listPairs(engine, 'before', 'after');
  const of = (overlaps: string) => found.find((pairs) => pairs.overlaps.join('') === overlaps)!;
  expect(found.map(({ customers }) => customers)).toEqual([1, 1, 1]);
  expect([of('12'), of('02'), of('11')].map(jaccard)).toEqual([1, 1, 0.5]);
  for (const [overlaps, value] of [
    ['12', 1],
    ['02', 0.8],
    ['11', 0.6],
  ] as const)
    expect(rankBiasedOverlap(of(overlaps))).toBeCloseTo(value, 12);
  expect([of('12'), of('02'), of('11')].map(({ isSameFirst }) => isSameFirst)).toEqual([true, false, true]);
});

test('test customers are judged at the length of the published lists, which earlier lists are compared at', () => {
  const tally = new CampaignTally();
  const window = {
    window: {},
    evaluationSet: { cases: { cases: [{ customer: 0 }, { customer: 1 }] } },
    results: null,
    scoring: { topN: 3 },
  };
  const outcomes = [4, 1].map((rank) => ({ ranks: [rank], targets: 1 }));
  tally.add({ ...window, outcomes } as unknown as ScoredWindow, [], true);
  expect(tally.tested).toEqual({ n: 2, sum: 1, squares: 1, recall: 1, recallSquares: 1, hits: 1 });
});

test('bands of a column that was read as text are of its numbers', async () => {
  const { engine } = bank;
  await engine.run("CREATE OR REPLACE TABLE customers AS SELECT * FROM (VALUES ('9'), ('30'), ('100'), (NULL)) v(age)");
  const snapshot = { engine, manifest: { columns: [{ name: 'age' }] } } as unknown as Snapshot;
  expect(await protectedLabels(snapshot, { column: 'age', bands: [30] })).toEqual([
    { label: '30 and above', customers: 2 },
    { label: 'below 30', customers: 1 },
    { label: 'missing', customers: 1 },
  ]);
});

test('only windows with too few purchases are a missing section: damaged data is an error', () => {
  const thrown = (work: () => void) => {
    try {
      work();
    } catch (error) {
      return isTooFew(error);
    }
    return undefined;
  };
  const window = { at: '2022-01-31', from: '2022-01-31', to: '2022-02-28' } as const;
  expect(thrown(() => refuseEmpty(window))).toBe(true);
  expect(thrown(() => refuseFew([{ campaign: 'x', customers: 3 }], window))).toBe(true);
  expect(isTooFew(new AppError('bad-data', 'holdings.csv: row 3', ''))).toBe(false);
});
