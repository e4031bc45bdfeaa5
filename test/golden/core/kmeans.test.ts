// Expected values: scikit-learn's own test suite and scikit-learn 1.9.1 (KMeans), recomputed for this project.
import { type Centres, centresFromRows, createInlinePool, type FitOptions, fitCentres, PointsBuilder } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { drawnTable } from '../../reference/drawn.ts';
import { evenRows, pointsOf } from '../../reference/mixed-set.ts';
import peers from '../peers.json' with { type: 'json' };

/** Fits rows of numbers; labels as a plain array. */
async function cluster(rows: readonly (readonly number[])[], options: FitOptions, weight?: readonly number[]) {
  const pool = createInlinePool();
  const d = rows[0]?.length ?? 0;
  const space = { numeric: Array.from({ length: d }, (_, f) => `x${f}`), categorical: [] };
  const builder = new PointsBuilder(pool, space, { capacity: rows.length, weighted: weight !== undefined });
  const numeric = space.numeric.map((_, f) => rows.map((row) => row[f]!));
  await builder.append({ rows: rows.length, numeric, codes: [], ...(weight ? { weight } : {}) });
  const points = await builder.finish();
  const result = await fitCentres(points, options);
  return { ...result, labels: [...pool.memory.u16(result.label, points.rows)] };
}

function from(...centres: number[][]): Centres {
  return { k: centres.length, numeric: Float64Array.from(centres.flat()), shares: new Float64Array(0) };
}

const square = [[0, 0], [0.5, 0], [0.5, 1], [1, 1]]; // biome-ignore format: a table

describe('k-means as scikit-learn', () => {
  test('weighted rows', async () => {
    const result = await cluster(square, { k: 2, start: from([0, 0], [1, 1]) }, [3, 1, 1, 3]);
    expect(result).toMatchObject({ labels: [0, 0, 1, 1], cost: 0.375, iterations: 2, converged: true });
    expect([...result.centres.numeric]).toEqual([0.125, 0, 0.875, 1]);
  });

  test('an empty cluster moves to the farthest row', async () => {
    const result = await cluster(square, { k: 2, start: from([0.5, 0.5], [3, 3]) });
    expect(result).toMatchObject({ labels: [0, 0, 1, 1], cost: 0.25, iterations: 3 });
    expect([...result.centres.numeric]).toEqual([0.25, 0, 0.75, 1]);
  });

  test('an empty cluster takes the weight of the row', async () => {
    const result = await cluster([[-1], [1]], { k: 2, start: from([-1], [10]) }, [1.9, 0.1]);
    expect(result.centres.numeric[0]).toBeCloseTo(-1, 12);
    expect(result.centres.numeric[1]).toBeCloseTo(1, 12);
  });

  test('two empty clusters take the two farthest rows', async () => {
    const rows = [-10, -9.5, -9, -8.5, -8, -1, 1, 9, 9.5, 10].map((x) => [x]);
    const result = await cluster(rows, { k: 3, start: from([-1.65], [1e6], [2e6]), maxIterations: 1 });
    // One update: sums -36, 10 and 9.5 over 8, 1 and 1 rows.
    expect([...result.centres.numeric]).toEqual([-4.5, 10, 9.5]);
  });

  test.each(peers.kmeans)('labels, centres and cost of 300 rows, k = $k', async ({ k, labels, centres, cost }) => {
    const points = await pointsOf(createInlinePool(), drawnTable().numeric, []);
    const start = centresFromRows(points, evenRows(points.rows, k));
    const result = await fitCentres(points, { k, start, tolerance: 0, maxIterations: 300 });
    expect(points.pool.memory.u16(result.label, points.rows).join('')).toBe(labels);
    for (const [at, centre] of centres.entries()) expect(result.centres.numeric[at]).toBeCloseTo(centre, 8);
    expect(result.cost / cost).toBeCloseTo(1, 12);
  });

  test('fewer distinct rows than clusters leave clusters empty', async () => {
    const result = await cluster([[0, 0], [1, 1], [1, 1], [0, 1]], { k: 4, starts: 3 }); // biome-ignore format: a table
    expect([...result.weights].filter((weight) => weight > 0)).toHaveLength(3);
    expect(result.cost).toBe(0);
  });

  test('restarting from the solution changes nothing', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => [(i * 37) % 101, (i * 53) % 89, (i * 17) % 13]);
    const first = await cluster(rows, { k: 5, tolerance: 0, maxIterations: 300 });
    const again = await cluster(rows, { k: 5, tolerance: 0, maxIterations: 300, start: first.centres });
    expect(first.converged).toBe(true);
    expect(first.iterations).toBeLessThan(300);
    expect(again.labels).toEqual(first.labels);
    expect(again.centres.numeric).toEqual(first.centres.numeric);
  });

  test.each([
    ['more clusters than rows', { k: 5 }, /only 4 rows/],
    ['no start', { k: 2, starts: 0 }, /0 starts/],
    ['a start of another shape', { k: 2, start: from([0], [1]) }, /does not have the shape/],
    ['no cluster', { k: 0 }, /k is 0/],
  ])('%s is an error', async (_, options, message) => {
    await expect(cluster(square, options)).rejects.toThrow(message);
  });

  test('a weight that is negative or no number is an error', async () => {
    await expect(cluster(square, { k: 2 }, [1, 1, -1, 1])).rejects.toThrow(/column weight/);
    await expect(cluster(square, { k: 2 }, [1, Number.NaN, 1, 1])).rejects.toThrow(/column weight/);
    await expect(cluster(square, { k: 2 }, [0, 1, 0, 0])).rejects.toThrow(/only 1 rows have a weight/);
  });
});
