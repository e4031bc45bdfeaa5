import { createInlinePool, createRandom, fitSpec, mean, tableFromRows } from '@basketwise/core';
import { expect, test } from 'vitest';
import { chooseModel } from '../../../packages/recommend/src/choosing/choose-model.ts';
import { type ModelCase, rankCases } from '../../../packages/recommend/src/evaluation/case-outcomes.ts';
import { ndcg } from '../../../packages/recommend/src/evaluation/metrics.ts';

const products = 8;

/** Baskets of three products, mostly of one half of the products; a test customer lacks the last one. */
function drawnBaskets(count: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const found = new Set<number>();
    while (found.size < 3) {
      const half = random.next() < 0.85 ? i % 2 : (i + 1) % 2;
      found.add(4 * half + Math.floor(4 * random.next() ** 2));
    }
    return [...found];
  });
}

test('each candidate is the best of its grid on the test cases', async () => {
  const pool = createInlinePool();
  const columns = [...Array.from({ length: products }, (_, i) => `P${i}`), 'baseline'];
  const constant = { column: products, band: 1 };
  const rowOf = (held: readonly number[]) => [...held].sort((a, b) => a - b).map((column) => ({ column, band: 0 }));
  const rows = drawnBaskets(40, 1).map((held) => ({ entries: [...rowOf(held), constant] }));
  const table = tableFromRows(pool.memory, columns, rows, 1);
  const data = { holdings: { pool, table, range: { from: 0, to: table.rows } }, bandWeights: [1] };
  const cases = drawnBaskets(60, 2).map(
    (held, customer): ModelCase => ({
      ...{ customer, basket: [...rowOf(held.slice(0, 2)), constant], targets: held.slice(2), hasHistory: true },
    }),
  );
  const allowed = Uint8Array.from(columns, (_, i) => Number(i < products));
  const set = { cases, allowed, popularity: new Float64Array(columns.length) };
  const { trials } = await chooseModel(data, set);
  const ease = trials.find(({ name }) => name === 'ease + constant')!;
  const scores: number[] = [];
  for (const regularization of [1, 3, 10, 30, 100, 300, 1000, 3000]) {
    const model = await fitSpec(data, { kind: 'ease', regularization, constant: 1, context: 0 });
    scores.push(mean(Float64Array.from(rankCases(model, set), (one) => ndcg(one, 5))));
  }
  expect(Math.min(...scores)).toBeLessThan(Math.max(...scores));
  expect(ease.score).toBe(Math.max(...scores));
});
