import {
  type Centres,
  centresFromRows,
  copyPoints,
  createInlinePool,
  createNodePool,
  createRandom,
  defaultGamma,
  drawRows,
  fitCentres,
  fitSideBySide,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases, longTest } from '../../cases.ts';
import { lloyd } from '../../reference/lloyd.ts';
import { pointsOf } from '../../reference/mixed-set.ts';

/** Small tables: eighths, so that sums are exact in every arithmetic, and letters. */
const table = fc.integer({ min: 5, max: 120 }).chain((rows) =>
  fc.record({
    numeric: fc.array(
      fc.array(
        fc.integer({ min: -40, max: 40 }).map((x) => x / 8),
        { minLength: rows, maxLength: rows },
      ),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    texts: fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: rows, maxLength: rows }), { maxLength: 3 }),
    k: fc.integer({ min: 1, max: 5 }),
  }),
);

/** The rows with a 0/1 column per category. */
function embed(numeric: readonly number[][], texts: readonly string[][]): number[][] {
  return numeric[0]!.map((_, i) => [
    ...numeric.map((column) => column[i]!),
    ...texts.flatMap((column) => [...new Set(column)].sort().map((letter) => (column[i] === letter ? 1 : 0))),
  ]);
}

describe('Lloyd in the kernels', () => {
  test('is plain Lloyd in float64, bounds and fixed-point sums notwithstanding', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ numeric, texts, k }) => {
        const points = await pointsOf(createInlinePool(), numeric, texts, { kind: 'one-hot' });
        const rows = embed(numeric, texts);
        const chosen = Array.from({ length: k }, (_, j) => Math.floor((j * rows.length) / k));
        const plain = lloyd(
          rows,
          chosen.map((row) => rows[row]!),
        );
        fc.pre(new Set(plain.labels).size === k && !plain.emptied);
        const fit = await fitCentres(points, { k, start: centresFromRows(points, chosen), tolerance: 0, maxIterations: 300 });
        // Rounding decides between centres at equal distance, and means are rounded differently.
        fc.pre(plain.closest > 1e-9);
        expect([...points.pool.memory.u16(fit.label, rows.length)]).toEqual(plain.labels);
        expect(fit.iterations).toBe(plain.iterations);
        expect(fit.cost).toBeCloseTo(plain.cost, 7);
      }),
      { numRuns: cases(300), seed: 1 },
    );
  });

  test('equal rows kept once give the very result of all rows', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ numeric, texts, k }) => {
        const rows = numeric[0]!.length;
        const doubled = <T>(columns: readonly T[][]) => columns.map((column) => [...column, ...column, ...column]);
        const all = await pointsOf(createInlinePool(), doubled(numeric), doubled(texts));
        const once = await pointsOf(createInlinePool(), doubled(numeric), doubled(texts), { collapse: true });
        expect(once.rows).toBeLessThanOrEqual(rows);
        const start = centresFromRows(
          all,
          Array.from({ length: k }, (_, j) => Math.floor((j * rows) / k)),
        );
        const options = { k, start, tolerance: 0, gamma: 0.5 };
        const [a, b] = [await fitCentres(all, options), await fitCentres(once, options)];
        fc.pre(a.weights.every((weight) => weight > 0) && a.iterations === b.iterations);
        expect(b.centres).toEqual(a.centres);
        expect(b.weights).toEqual(a.weights);
        expect(b.cost).toBeCloseTo(a.cost, 9);
        const map = once.pool.memory.u32(once.map, once.sourceRows);
        const labels = once.pool.memory.u16(b.label, once.rows);
        expect([...map].map((row) => labels[row]!)).toEqual([...all.pool.memory.u16(a.label, all.rows)]);
      }),
      { numRuns: cases(100), seed: 2 },
    );
  });

  test('weights are repetitions, and a common factor changes nothing', async () => {
    const numeric = [[0, 1, 2, 8, 9, 20], [5, 3, 1, 1, 0, 2]]; // biome-ignore format: two columns
    const weight = [3, 1, 2, 1, 4, 2];
    const repeated = numeric.map((column) => column.flatMap((x, i) => Array(weight[i]!).fill(x)));
    const start: Centres = { k: 3, numeric: Float64Array.of(0, 5, 8, 1, 20, 2), shares: new Float64Array(0) };
    const results = [
      await fitCentres(await pointsOf(createInlinePool(), repeated, []), { k: 3, start }),
      await fitCentres(await pointsOf(createInlinePool(), numeric, [], { weight }), { k: 3, start }),
      await fitCentres(await pointsOf(createInlinePool(), numeric, [], { weight: weight.map((w) => w * 0.25) }), { k: 3, start }),
    ];
    expect(results[1]!.centres).toEqual(results[0]!.centres);
    expect(results[2]!.centres).toEqual(results[0]!.centres);
    expect(results[1]!.cost).toBeCloseTo(results[0]!.cost, 10);
    expect(results[2]!.cost * 4).toBeCloseTo(results[0]!.cost, 10);
  });

  longTest('one, two and three workers give the same bytes over several blocks of rows', async () => {
    const rows = 100_000;
    const numeric = [1, 2, 3].map((f) => Array.from({ length: rows }, (_, i) => Math.fround(Math.sin(i * f) * 10 ** f)));
    const texts = [Array.from({ length: rows }, (_, i) => 'abcde'[(i * i) % 5]!)];
    const fits = [];
    for (const workers of [1, 2, 3]) {
      const pool = await createNodePool(workers);
      const points = await pointsOf(pool, numeric, texts);
      const { label, ...fit } = await fitCentres(points, { k: 6, starts: 2, tolerance: 0, maxIterations: 20 });
      fits.push({ ...fit, labels: pool.memory.u16(label, rows).slice() });
      await pool.close();
    }
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2]).toEqual(fits[0]);
  });
});

test('starts on a sample: the cheapest goes on, on all rows, and is a fixed point of Lloyd there', async () => {
  const random = createRandom(3);
  const numeric = [0, 1].map(() => Array.from({ length: 3000 }, () => Math.floor(random.next() * 4) + random.next()));
  const points = await pointsOf(createInlinePool(), numeric, []);
  const options = { k: 6, seed: 5, starts: 4, tolerance: 0, maxIterations: 300 };
  const sampled = await fitCentres(points, { ...options, startSample: 400 });
  const sample = copyPoints(points, drawRows(points, 400, 5));
  const gamma = defaultGamma(points);
  const { centres } = await fitCentres(sample, { ...options, gamma });
  expect((await fitCentres(points, { ...options, start: centres })).cost).toBe(sampled.cost);
  expect((await fitCentres(points, { ...options, start: sampled.centres })).cost).toBeCloseTo(sampled.cost, 6);
  await expect(fitCentres(points, { ...options, startSample: 5 })).rejects.toMatchObject({ code: 'config' });
});

test.each(['k-means++', 'huang', 'cao'] as const)('fits side by side are those of fits one by one: %s', async (start) => {
  const random = createRandom(9);
  const numeric = [0, 1].map(() => Array.from({ length: 900 }, () => random.next()));
  const texts = [Array.from({ length: 900 }, () => 'abcd'[Math.floor(random.next() * 4)]!)];
  const points = await pointsOf(createInlinePool(), numeric, texts);
  const wanted = [2, 3, 9, 17].flatMap((k) => [0, 1].map((seed) => ({ k, seed })));
  const together = await fitSideBySide(points, wanted, { start, tolerance: 1e-3 });
  for (const [i, { k, seed }] of wanted.entries()) {
    const { label, ...fit } = await fitCentres(points, { k, seed, start, tolerance: 1e-3 });
    expect(together[i]).toEqual({ ...fit, labels: points.pool.memory.u16(label, points.rows).slice() });
  }
});
