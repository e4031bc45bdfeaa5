// Expected values: scikit-learn 1.9.1 (silhouette_score, adjusted_rand_score).
import { adjustedRand, createInlinePool, createNodePool, kneeOf, silhouettes } from '@basketwise/core';
import { expect, test } from 'vitest';
import { drawnTable } from '../../reference/drawn.ts';
import { pointsOf } from '../../reference/mixed-set.ts';
import peers from '../peers.json' with { type: 'json' };

test.each([
  [[0, 0, 0, 1, 1, 1, 2], 3, 0.5894347709186594],
  [[0, 0, 0, 1, 1, 1, 1], 2, 0.6252294676293607],
  [[0, 0, 0, 0, 0, 0, 0], 1, 0],
])('silhouette of %j', async (labels, k, expected) => {
  const pool = createInlinePool();
  const points = await pointsOf(pool, [[0, 1, 0, 8, 9, 8, 4], [0, 0, 2, 8, 8, 10, 4]], []); // biome-ignore format: two columns
  const [alone = Number.NaN] = await silhouettes(points, [{ labels, k }], 1);
  expect(alone).toBeCloseTo(expected, 12);
  // Several labellings of the same rows at once: each as if it were alone, and however many there are.
  const other = { labels: [0, 1, 2, 3, 4, 5, 6], k: 1200 };
  expect(await silhouettes(points, [other, { labels, k }, other, { labels, k }], 1)).toEqual([0, alone, 0, alone]);
});

test('silhouette counts different categories at their distance in the space of the clusters', async () => {
  const pool = createInlinePool();
  const numbers = await pointsOf(pool, [[3, 1, 4, 1], [0, 0, 1, 1], [1, 1, 0, 0]], []); // biome-ignore format: three columns
  const texts = await pointsOf(pool, [[3, 1, 4, 1]], [['a', 'a', 'b', 'b']], { kind: 'one-hot' });
  const labelling = { labels: [0, 0, 0, 1], k: 2 };
  expect(await silhouettes(texts, [labelling], 1)).toEqual(await silhouettes(numbers, [labelling], 1));
});

test.each([
  [[0, 0, 1, 2], [0, 0, 1, 1], 0.5714285714285714],
  [[0, 0, 1, 1], [1, 1, 0, 0], 1],
  [[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], -0.36363636363636365],
  [[0, 0, 1, 2, 2, 2, 1], [0, 0, 1, 1, 2, 2, 2], 0.2125],
  [[0, 0], [5, 5], 1],
])('adjusted Rand index of %j and %j', (a, b, expected) => {
  expect(adjustedRand(a, b)).toBeCloseTo(expected, 12);
});

test('silhouettes and adjusted Rand indices of 300 rows', async () => {
  const { numeric, texts, groups } = drawnTable();
  const labellings = peers.kmeans.map(({ k, labels }) => ({ k, labels: [...labels].map(Number) }));
  const found = await silhouettes(await pointsOf(createInlinePool(), numeric, []), labellings, 1);
  for (const [at, { silhouette, adjustedRand: index }] of peers.kmeans.entries()) {
    expect(found[at]).toBeCloseTo(silhouette, 12);
    expect(adjustedRand(groups, labellings[at]!.labels)).toBeCloseTo(index, 12);
  }
  const [mixed] = await silhouettes(await pointsOf(createInlinePool(), numeric, texts), [{ labels: groups, k: 4 }], 20);
  expect(mixed).toBeCloseTo(peers.kprototypes.silhouetteOfGroups, 12);
});

test('silhouettes are the same on several workers', async () => {
  const { numeric, groups } = drawnTable();
  const labelling = { labels: groups, k: 4 };
  const alone = await silhouettes(await pointsOf(createInlinePool(), numeric, []), [labelling], 1);
  const pool = await createNodePool(2);
  expect(await silhouettes(await pointsOf(pool, numeric, []), [labelling], 1)).toEqual(alone);
  await pool.close();
});

test('the knee is where the curve lies farthest below its chord', () => {
  expect(kneeOf([100, 40, 20, 15, 12, 10])).toBe(2);
  expect(kneeOf([100, 80, 85, 20, 19])).toBe(3);
  expect(kneeOf([5, 5, 5])).toBe(0);
  expect(kneeOf([5, 3])).toBe(0);
});
