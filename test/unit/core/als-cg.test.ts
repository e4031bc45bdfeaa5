import { type AlsOptions, type AlsParameters, createInlinePool, fitAls, type KernelPool, tableFromRows } from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';
import { describe, expect, test } from 'vitest';
import { distance, type PlainRow } from '../../reference/als.ts';
import { plainCgAls } from '../../reference/als-cg.ts';

const columns = 30;
const factors = 6;
const weights = [12, 5, 2, 0.5];
/** Rows of 1 to 21 entries, enough short ones for K to pay; those never hold the last six columns, so that only long rows do. */
const held = Array.from({ length: 300 }, (_, u) => {
  const length = 1 + ((u * 7) % 21);
  const of = length < factors ? columns - 6 : columns;
  const seen = new Set(Array.from({ length }, (_, k) => (u * u + k * (1 + (u % 3)) + (k % 2)) % of));
  return { columns: [...seen].sort((a, b) => a - b), multiplicity: 1 + (u % 4) };
});
const bandOf = (u: number, column: number) => (u + column) % 4;
const plainRows: PlainRow[] = held.map(({ columns: of, multiplicity }, u) => ({
  entries: of.map((column) => ({ column, confidence: weights[bandOf(u, column)]! })),
  multiplicity,
}));
/** Of full rank: a start of less would stay there in exact arithmetic, and leave by rounding. */
const start = Array.from({ length: columns }, (_, i) =>
  Array.from({ length: factors }, (_, k) => Math.sin(1 + 3 * i + 7 * k + i * k) / 4),
);
const parameters: AlsParameters = {
  factors,
  regularization: 0.7,
  alpha: 1,
  weights,
  iterations: 4,
  solver: 'cg',
  balance: false,
};

function fitted(more: Partial<AlsParameters>, options: AlsOptions = {}, pool: KernelPool = createInlinePool()) {
  const rows = held.map(({ columns: of, multiplicity }, u) => ({
    entries: of.map((column) => ({ column, band: bandOf(u, column) })),
    multiplicity,
  }));
  const codes = Array.from({ length: columns }, (_, i) => `P${String(i).padStart(3, '0')}`);
  const table = tableFromRows(pool.memory, codes, rows);
  const all = { ...parameters, ...more };
  return fitAls({ pool, table, range: { from: 0, to: table.rows } }, all, { start: Float64Array.from(start.flat()), ...options });
}

// Inner loops are f32: a sweep is right to a few parts in ten million, and each further sweep starts from that.
describe('conjugate gradients against float64', () => {
  test.each([
    ['primal', 3, false],
    ['primal', 1, false],
    ['primal', 3, true],
    ['auto', 3, false],
    ['auto', 2, true],
  ] as const)('rows %s, %i steps, balance %s', async (form, steps, balance) => {
    const model = await fitted({ cgSteps: steps, balance }, { rows: form });
    const longest = form === 'primal' ? 0 : factors - 1;
    const plain = plainCgAls(plainRows, start, 0.7, { sweeps: 4, steps, longest, balance });
    expect(distance(model.itemFactors, plain.y.flat())).toBeLessThan(1e-5);
    for (const [i, objective] of plain.objectives.entries()) {
      expect(Math.abs(model.history[i]!.objective / objective - 1)).toBeLessThan(1e-5);
    }
  });

  test('as many steps as factors are the exact solution, and each half-step lowers the objective', async () => {
    const exact = await fitted({ solver: 'cholesky' });
    const steps = await fitted({ cgSteps: 3 * factors });
    expect(distance(steps.itemFactors, exact.itemFactors)).toBeLessThan(1e-4);
    const three = await fitted({ iterations: 12 });
    const objectives = three.history.flatMap(({ afterCustomers, objective }) => [afterCustomers, objective]);
    for (const [i, value] of objectives.slice(1).entries()) expect(value).toBeLessThanOrEqual(objectives[i]! * (1 + 1e-7));
  });

  test('regularization of each row and column its own', async () => {
    const exact = await fitted({ solver: 'cholesky', frequencyScaling: 0.6 });
    const steps = await fitted({ cgSteps: 4 * factors, frequencyScaling: 0.6 });
    expect(distance(steps.itemFactors, exact.itemFactors)).toBeLessThan(1e-4);
    for (const [i, { objective }] of exact.history.entries()) expect(steps.history[i]!.objective / objective).toBeCloseTo(1, 5);
  });
});

test('the same bytes with 1, 2 and 3 workers', async () => {
  const results: unknown[] = [];
  for (const pool of [createInlinePool(), await createNodePool(1), await createNodePool(2), await createNodePool(3)]) {
    const { itemFactors, history } = await fitted({ balance: true }, {}, pool);
    results.push([itemFactors, history]);
    await pool.close();
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test('refuses another solver and steps out of their range', async () => {
  await expect(fitted({ solver: 'lu' as 'cg' })).rejects.toThrow(/solver is lu/);
  await expect(fitted({ cgSteps: 0 })).rejects.toThrow(/cgSteps is 0/);
});
