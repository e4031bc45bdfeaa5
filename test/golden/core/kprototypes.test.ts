// Expected values: kmodes 0.12.2 (its own test suite and runs of it) and a float64 batch Lloyd in Python, made for this project.
import { centresFromRows, createInlinePool, defaultGamma, fitCentres, type Points } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { drawnTable } from '../../reference/drawn.ts';
import { dataFile, evenRows, numbersOf, pointsOf, readTable } from '../../reference/mixed-set.ts';
import peers from '../peers.json' with { type: 'json' };

const examples = dataFile('kmodes_examples/stocks.csv') !== undefined;

describe.skipIf(!examples)('kmodes examples', () => {
  test('soybean: k-modes from Cao starts recovers the four diseases', async () => {
    const table = Object.values(await readTable('kmodes_examples/soybean.csv', 'header = false'));
    const classes = table.at(-1)!;
    const points = await pointsOf(createInlinePool(), [], table.slice(0, -1));
    const result = await fitCentres(points, { k: 4, start: 'cao' });
    expect(result.gamma).toBe(1);
    expect(result.cost).toBe(199);
    const labels = [...points.pool.memory.u16(result.label, points.rows)];
    const pairs = new Set(labels.map((label, i) => `${label} ${classes[i]}`));
    expect(pairs.size).toBe(4);
    expect([...result.weights].sort((a, b) => a - b)).toEqual([10, 10, 10, 17]);
  });

  test('stocks: gamma, cost, centres and groups', async () => {
    const [, value, ...texts] = Object.values(await readTable('kmodes_examples/stocks.csv', 'header = false'));
    const points = await pointsOf(createInlinePool(), [numbersOf(value!)], texts);
    expect(defaultGamma(points)).toBeCloseTo(69.90333603547751, 4);
    const both = await pointsOf(points.pool, [[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5], numbersOf(value!)], []);
    expect(defaultGamma(both)).toBeCloseTo(35.33525036439546, 4);
    const result = await fitCentres(points, { k: 4, starts: 10, tolerance: 0 });
    expect(result.cost / 1664.4708549504871).toBeCloseTo(1, 6);
    const labels = [...points.pool.memory.u16(result.label, points.rows)];
    const groups = labels.map((label) => labels.indexOf(label) + 1);
    expect(groups).toEqual([1, 2, 2, 2, 2, 6, 6, 6, 6, 10, 10, 10]);
    const values = [...result.centres.numeric].sort((a, b) => b - a);
    [738.5, 356.975, 275.35, 197.6667].forEach((expected, j) => {
      expect(values[j]!).toBeCloseTo(expected, 3);
    });
  });
});

test('two kinds of rows leave all but two clusters empty', async () => {
  const points = await pointsOf(createInlinePool(), [], [Array(6).fill('0'), ['1', '1', '1', '2', '2', '2']]);
  const result = await fitCentres(points, { k: 6, start: 'huang' });
  expect([...result.weights].filter((weight) => weight > 0)).toEqual([3, 3]);
});

/** K-prototypes from evenly spaced rows: cost and sizes as expected. */
async function expectFit(points: Points, expected: { k: number; gamma: number; cost: number; sizes: readonly number[] }) {
  const { k, gamma, cost, sizes } = expected;
  const start = centresFromRows(points, evenRows(points.rows, k));
  const result = await fitCentres(points, { k, start, gamma, tolerance: 0, maxIterations: 300 });
  expect(result.cost / cost).toBeCloseTo(1, 6);
  expect([...result.weights]).toEqual(sizes);
}

describe('drawn rows as kmodes', () => {
  const { numeric, texts } = drawnTable();
  const { gamma, fits } = peers.kprototypes;

  test('default gamma', async () => {
    expect(defaultGamma(await pointsOf(createInlinePool(), numeric, texts))).toBeCloseTo(gamma, 12);
  });

  test.each(fits)('k = $k: k-prototypes from given rows, k-modes from Cao starts', async (fit) => {
    await expectFit(await pointsOf(createInlinePool(), numeric, texts), { ...fit, gamma: 20 });
    const modes = await fitCentres(await pointsOf(createInlinePool(), [], texts), { k: fit.k, start: 'cao', tolerance: 0 });
    expect(modes.cost).toBe(fit.cao);
  });
});
