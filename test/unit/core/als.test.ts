import {
  type AlsOptions,
  type AlsParameters,
  type BasketRow,
  createInlinePool,
  createNodePool,
  fitAls,
  type KernelPool,
  offset,
  tableFromRows,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distance, inner, plainAls, plainObjective } from '../../reference/als.ts';

const codes = (count: number) => Array.from({ length: count }, (_, i) => `P${String(i).padStart(3, '0')}`);
const defaults: AlsParameters = { factors: 4, regularization: 0.1, alpha: 1, weights: [41], iterations: 3 };

/** A row of columns, all in band 0. */
const row = (columns: readonly number[], more: Partial<BasketRow> = {}): BasketRow => ({
  entries: columns.map((column) => ({ column, band: 0 })),
  ...more,
});

async function trained(
  rows: readonly BasketRow[],
  columns: number,
  parameters: Partial<AlsParameters> = {},
  options: AlsOptions & { pseudoColumns?: number; pool?: KernelPool; weight?: Float32Array } = {},
) {
  const pool = options.pool ?? createInlinePool();
  const table = tableFromRows(pool.memory, codes(columns), rows, options.pseudoColumns);
  const weight = options.weight && pool.memory.store(options.weight);
  const set = { pool, table, range: { from: 0, to: table.rows }, ...(weight === undefined ? {} : { weight }) };
  return { pool, table, model: await fitAls(set, { ...defaults, ...parameters }, options) };
}

/** Lists as plain arrays. */
async function lists({ pool, table, model }: Awaited<ReturnType<typeof trained>>, n: number, allowed?: readonly number[]) {
  const mask = Uint8Array.from(table.columns, (_, i) => (!allowed || allowed.includes(i) ? 1 : 0));
  const top = await model.topN({ pool, table, range: { from: 0, to: table.rows }, n, allowed: mask });
  return Array.from({ length: top.rows }, (_, r) => {
    const count = pool.memory.u32(top.count, top.rows)[r]!;
    return {
      columns: [...pool.memory.u32(offset(top.column, r * n * 4), count)],
      scores: [...pool.memory.f32(offset(top.score, r * n * 4), count)],
    };
  });
}

describe('implicit: checkerboard of 50, f = 32, lambda = 0', () => {
  const rows = Array.from({ length: 50 }, (_, u) =>
    row(Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 2 === u % 2 && i !== u)),
  );

  test('the first recommendation of each customer is the withheld one; batch and single agree', async () => {
    const fitted = await trained(rows, 50, { factors: 32, regularization: 0, weights: [1], iterations: 15, seed: 23 });
    for (const [u, { columns, scores }] of (await lists(fitted, 3)).entries()) {
      expect(columns[0]).toBe(u);
      const folded = fitted.model.foldIn(rows[u]!.entries);
      for (const [rank, column] of columns.entries()) expect(scores[rank]).toBeCloseTo(folded[column]!, 4);
    }
  });

  test('fold-in: a row of another customer gets the other list', async () => {
    const { model } = await trained(rows, 50, { factors: 2, regularization: 0.01, alpha: 40, weights: [1], iterations: 15 });
    const scores = model.foldIn(rows[1]!.entries);
    const free = codes(50)
      .map((_, i) => i)
      .filter((i) => !rows[1]!.entries.some(({ column }) => column === i));
    expect(free.sort((a, b) => scores[b]! - scores[a]!)[0]).toBe(1);
  });
});

test('implicit: explanation of counts, f = 4, lambda = 20, 100 sweeps: contributions sum to the score, largest first', async () => {
  const cells = ['110100', '011100', '114070', '110000', '904101', '010001', '002011'];
  const columns = Array.from({ length: 6 }, (_, u) => cells.map((text) => Number(text[u])));
  const rows = columns.map((counts) => ({ entries: counts.flatMap((band, column) => (band > 0 ? [{ column, band }] : [])) }));
  const fitted = await trained(rows, 7, {
    factors: 4,
    regularization: 20,
    alpha: 2,
    weights: [...'0123456789'].map(Number),
    iterations: 100,
  });
  const { model } = fitted;
  const explanation = model.explain(rows[0]!.entries, 1)!;
  expect(explanation.contributions.map(({ column }) => column).sort()).toEqual([0, 2, 3, 4]);
  const values = explanation.contributions.map(({ value }) => value);
  expect(values).toEqual([...values].sort((a, b) => b - a));
  expect(values.reduce((a, b) => a + b, 0) / explanation.score).toBeCloseTo(1, 10);
  expect(explanation.score).toBeCloseTo(model.foldIn(rows[0]!.entries)[1]!, 12);
  const [first] = await lists(fitted, 3);
  for (const [rank, column] of first!.columns.entries()) {
    expect(first!.scores[rank]! / model.foldIn(rows[0]!.entries)[column]!).toBeCloseTo(1, 5);
  }
});

test('zero iterations keep the start; objectives of sweeps never rise', async () => {
  const start = Float64Array.from({ length: 20 }, (_, i) => Math.sin(i + 1));
  const { model } = await trained([row([0, 1]), row([2])], 5, { iterations: 0 }, { start });
  expect(model.itemFactors).toEqual(start);
  expect(model.history).toEqual([]);
  const { model: fitted } = await trained([row([0, 1]), row([2]), row([1, 2, 3])], 5, { iterations: 8 }, { start });
  const objectives = fitted.history.flatMap(({ afterCustomers, objective }) => [afterCustomers, objective]);
  for (const [i, value] of objectives.slice(1).entries()) expect(value).toBeLessThanOrEqual(objectives[i]! * (1 + 1e-9));
});

test('tolerance stops early, a signal stops at once, both after whole half-steps', async () => {
  const rows = [row([0, 1]), row([2, 3]), row([1, 2])];
  const { model } = await trained(rows, 5, { iterations: 200, tolerance: 0.02 });
  expect(model.history.length).toBeLessThan(100);
  const stop = new AbortController();
  const stopped = trained(
    rows,
    5,
    { iterations: 50 },
    { signal: stop.signal, onIteration: () => stop.abort(new Error('stopped')) },
  );
  await expect(stopped).rejects.toThrow('stopped');
});

test('warns of clamped factors and of confidences below 1', async () => {
  const warnings: string[] = [];
  const { model } = await trained(
    [row([0, 1]), row([2])],
    3,
    { factors: 200, weights: [1, 0.25], alpha: 2 },
    { onWarning: (w) => warnings.push(w) },
  );
  expect(model.factors).toBe(3);
  expect(warnings).toEqual([
    'factors: 200 is more than the 3 columns; 3 are used',
    'alpha x weight is 0.5 in recency band 1: below 1, a held product counts less than an unheld one',
  ]);
});

test('what cannot be fitted says why', async () => {
  // also where pivots are positive, but too small a part of what they are left of to have correct digits
  for (const regularization of [0, 1e-11]) {
    const spoilt = trained([row([0]), row([0, 1])], 40, { factors: 8, regularization });
    await expect(spoilt).rejects.toThrow(/not positive definite/);
  }
  await expect(trained([{ entries: [{ column: 0, band: 3 }] }], 4)).rejects.toThrow(/recency band 3, which has no weight/);
  await expect(trained([row([0])], 4, { factors: 257 })).rejects.toThrow(/factors is 257/);
  await expect(trained([row([0])], 4, { regularization: -1 })).rejects.toThrow(/regularization is -1/);
  await expect(trained([row([0])], 4, {}, { start: Float64Array.of(1, 2) })).rejects.toThrow(/start factors of 2 numbers/);
});

test('no training customers: all scores are 0, nothing breaks', async () => {
  const fitted = await trained([row([]), row([])], 4);
  expect([...fitted.model.itemFactors].every((value) => value === 0)).toBe(true);
  expect((await lists(fitted, 2)).map(({ columns }) => columns)).toEqual([
    [0, 1],
    [0, 1],
  ]);
});

describe('tables as fast-check draws them, against the float64 reference', () => {
  const rowsOf = (columns: number) =>
    fc.array(
      fc.record({
        columns: fc.uniqueArray(fc.nat(columns - 1), { maxLength: columns }),
        band: fc.nat(3),
        multiplicity: fc.integer({ min: 1, max: 50 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
  const weights = [30, 4, 1, 0.5];

  // Three sweeps of a barely regularised problem magnify any rounding; one does not.
  test.each([
    ['auto', 1, 0.5],
    ['dual', 1, 0.5],
    ['primal', 1, 0.5],
    ['auto', 3, 20],
    ['dual', 3, 20],
    ['primal', 3, 20],
  ] as const)('rows solved %s, %i sweeps, lambda %f', async (form, iterations, regularization) => {
    const sample = fc.sample(
      fc
        .integer({ min: 1, max: 20 })
        .chain((columns) =>
          fc.record({ columns: fc.constant(columns), rows: rowsOf(columns), factors: fc.integer({ min: 1, max: 12 }) }),
        ),
      { seed: 5, numRuns: 30 },
    );
    for (const { columns, rows, factors: wanted } of sample) {
      const factors = Math.min(wanted, columns);
      const start = Array.from({ length: columns }, (_, i) =>
        Array.from({ length: factors }, (_, k) => Math.sin(1 + 3 * i + 7 * k)),
      );
      const { model } = await trained(
        rows.map(({ columns: held, band, multiplicity }) => ({
          entries: held.map((column) => ({ column, band: (band + column) % 4 })),
          multiplicity,
        })),
        columns,
        { factors, weights, regularization, iterations, balance: false },
        { start: Float64Array.from(start.flat()), rows: form },
      );
      const plain = plainAls(
        rows.map(({ columns: held, band, multiplicity }) => ({
          entries: held.map((column) => ({ column, confidence: weights[(band + column) % 4]! })),
          multiplicity,
        })),
        start,
        regularization,
        iterations,
      );
      if (rows.some(({ columns: held }) => held.length > 0))
        expect(distance(model.itemFactors, plain.y.flat())).toBeLessThan(1e-5);
      for (const [i, objective] of plain.objectives.entries()) {
        expect(Math.abs(model.history[i]!.objective - objective)).toBeLessThan(1e-6 * objective + 1e-9);
      }
    }
  });
});

describe('the same bytes', () => {
  const rows = Array.from({ length: 900 }, (_, u) => row([u % 7, 7 + (u % 5), 12 + (u % 11)], { multiplicity: 1 + (u % 3) }));

  test.each([
    ['seeded', 'auto'],
    ['svd', 'auto'],
    ['seeded', 'primal'],
  ] as const)('with 1, 2 and 3 workers: %s start, rows %s', async (start, form) => {
    const results: [Float64Array, unknown][] = [];
    for (const pool of [createInlinePool(), await createNodePool(1), await createNodePool(2), await createNodePool(3)]) {
      const fitted = await trained(rows, 23, { factors: 5, start }, { pool, rows: form });
      results.push([fitted.model.itemFactors, [fitted.model.history, await lists(fitted, 5)]]);
      await pool.close();
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('a row of multiplicity 3 is the row three times; weights replace multiplicities, 0 leaves a row out', async () => {
    const [a, b, c] = [[0, 1], [1, 2, 3], [4]];
    const { model } = await trained([row(a!, { multiplicity: 3 }), row(b!)], 5);
    const { model: copies } = await trained([row(a!), row(a!), row(a!), row(b!)], 5);
    expect(distance(copies.itemFactors, model.itemFactors)).toBeLessThan(1e-6);
    const { model: weighted } = await trained([row(a!), row(b!), row(c!)], 5, {}, { weight: Float32Array.of(3, 1, 0) });
    expect(weighted.itemFactors).toEqual(model.itemFactors);
  });

  test('the seeded start does not depend on the order of columns', async () => {
    const pool = createInlinePool();
    const order = [3, 0, 4, 1, 2];
    const set = (columns: string[], rows: BasketRow[]) => {
      const table = tableFromRows(pool.memory, columns, rows);
      return { pool, table, range: { from: 0, to: table.rows } };
    };
    const rows = [
      [0, 1],
      [1, 2, 3],
      [4, 0],
    ];
    const first = await fitAls(
      set(
        codes(5),
        rows.map((r) => row(r)),
      ),
      { ...defaults, factors: 3 },
    );
    const moved = await fitAls(
      set(
        order.map((i) => codes(5)[i]!),
        rows.map((r) => row(r.map((i) => order.indexOf(i)))),
      ),
      { ...defaults, factors: 3 },
    );
    const back = codes(5).flatMap((_, i) => [...moved.itemFactors.subarray(order.indexOf(i) * 3, order.indexOf(i) * 3 + 3)]);
    expect(distance(back, first.itemFactors)).toBeLessThan(1e-6);
  });
});

test('the constant pseudo-product: never recommended, shown as the baseline, gives empty baskets a list', async () => {
  const constant = { column: 4, band: 1 };
  const rows = [[0, 1], [0, 2], [0], []].map((held) => ({ entries: [...held.map((column) => ({ column, band: 0 })), constant] }));
  const fitted = await trained(rows, 5, { factors: 2, weights: [10], pseudoWeights: [0.5], alpha: 2 }, { pseudoColumns: 1 });
  const all = await lists(fitted, 5);
  expect(all[3]!.columns[0]).toBe(0);
  expect(all.every(({ columns }) => !columns.includes(4))).toBe(true);
  const { score, baseline, contributions } = fitted.model.explain(rows[0]!.entries, 2)!;
  expect(contributions.map(({ column }) => column).sort()).toEqual([0, 1]);
  expect(baseline + contributions.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(score, 12);
  expect(baseline).not.toBe(0);
});

// Products with many rows and few neighbours, and products beside which everything occurs, are summed in different ways.
test('64 factors, a common product and 63 rare ones: the factors and objective of the float64 reference', async () => {
  const columns = 64;
  const held = Array.from({ length: 2500 }, (_, u) => {
    const rare = [1 + (u % 5), 6 + ((u * 7) % 29), 35 + (Math.floor(u / 29) % 29)];
    return u % 2 === 0 ? [...new Set([0, ...rare, 6 + (Math.floor(u / 58) % 29)])].sort((a, b) => a - b) : rare;
  });
  const start = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (_, k) => Math.sin(1 + 3 * i + 7 * k * k)),
  );
  const parameters = { factors: columns, regularization: 20, weights: [10], iterations: 1, balance: false };
  const { model } = await trained(
    held.map((list) => row(list)),
    columns,
    parameters,
    { start: Float64Array.from(start.flat()) },
  );
  const plain = plainAls(
    held.map((list) => ({ entries: list.map((column) => ({ column, confidence: 10 })) })),
    start,
    20,
    1,
  );
  expect(distance(model.itemFactors, plain.y.flat())).toBeLessThan(1e-6);
  expect(model.history[0]!.objective / plain.objectives[0]!).toBeCloseTo(1, 7);
});

test('more columns than a columns x columns matrix is made for: the same factors and lists', async () => {
  const columns = 4200;
  const rows = Array.from({ length: 60 }, (_, u) => row([u * 70, (u * 131) % columns, 4190 + (u % 10)].sort((a, b) => a - b)));
  const start = Array.from({ length: columns }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i)]);
  const parameters = { factors: 3, regularization: 5, weights: [10], iterations: 2, balance: false };
  const fitted = await trained(rows, columns, parameters, { start: Float64Array.from(start.flat()) });
  const plainRows = rows.map(({ entries }) => ({ entries: entries.map(({ column }) => ({ column, confidence: 10 })) }));
  expect(distance(fitted.model.itemFactors, plainAls(plainRows, start, 5, 2).y.flat())).toBeLessThan(1e-9);
  const [first] = await lists(fitted, 3);
  const scores = fitted.model.foldIn(rows[0]!.entries);
  for (const [rank, column] of first!.columns.entries()) expect(first!.scores[rank]).toBeCloseTo(scores[column]!, 5);
});

test('balancing scales the factors to equal norms, and its objective is exact', async () => {
  const rows = [row([0, 1]), row([1, 2, 3]), row([4], { multiplicity: 3 })];
  const start = Array.from({ length: 5 }, (_, i) => [Math.sin(i) / 50, Math.cos(3 * i) / 50]);
  const parameters = { factors: 2, regularization: 2, weights: [10], iterations: 1 };
  const { model } = await trained(rows, 5, parameters, { start: Float64Array.from(start.flat()) });
  const plainRows = rows.map(({ entries, multiplicity = 1 }) => ({
    entries: entries.map(({ column }) => ({ column, confidence: 10 })),
    multiplicity,
  }));
  const { x, y, objectives } = plainAls(plainRows, start, 2, 1);
  const norm = (vectors: number[][]) =>
    Math.sqrt(vectors.reduce((sum, v, r) => sum + (vectors === x ? plainRows[r]!.multiplicity : 1) * inner(v, v), 0));
  const scale = Math.sqrt(norm(x) / norm(y));
  const balanced = y.map((v) => v.map((value) => value * scale));
  expect(distance(model.itemFactors, balanced.flat())).toBeLessThan(1e-6);
  const scaledBack = x.map((v) => v.map((value) => value / scale));
  const objective = plainObjective(plainRows, scaledBack, balanced, 2);
  expect(model.history[0]!.objective / objective).toBeCloseTo(1, 6);
  expect(objective).toBeLessThan(objectives[0]!);
});
