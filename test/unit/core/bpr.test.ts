import { type BprParameters, createInlinePool, fitBpr, tableFromRows } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { type BprState, bprPass } from '../../reference/bpr.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'constant'];
const baskets = [[0, 1, 5], [0, 1, 2, 5], [0, 5], [1, 4, 5], [2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [5]];

function train(parameters: BprParameters) {
  const pool = createInlinePool();
  const rows = baskets.map((basket) => ({ entries: basket.map((column) => ({ column, band: column === 5 ? 1 : 0 })) }));
  const table = tableFromRows(pool.memory, names, rows, 1);
  return fitBpr({ pool, table, range: { from: 0, to: table.rows } }, parameters);
}

/** The matrices of a model as lines. */
async function stateOf(parameters: BprParameters): Promise<BprState> {
  const { bias, held, offered } = (await train(parameters)).state().matrices;
  const lines = ({ values, columns }: NonNullable<typeof held>) =>
    Array.from({ length: names.length }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);
  return { bias: [...bias!.values], held: lines(held!), offered: lines(offered!) };
}

describe('bpr', () => {
  test('its second pass equals the float64 reference from its first', async () => {
    const parameters = { factors: 4, regularization: 0.02, learningRate: 0.3, seed: 7 };
    // A fit of two passes starts as one of a single pass with the same steps: the rate falls in a straight line to 0.
    const state = await stateOf({ ...parameters, iterations: 1 });
    const twoPasses = await stateOf({ ...parameters, iterations: 2 });
    const seed = (Math.imul(8, 0xc2b2_ae3d) + Math.imul(2, 0x27d4_eb2f)) >>> 0;
    const holdings = baskets.flat().filter((column) => column < 5).length;
    bprPass(baskets, 5, state, { samples: holdings, seed, rate: 0.15, lambda: 0.02 });
    expect(holdings).toBeGreaterThan(10);
    for (const [i, value] of state.bias.entries()) expect(twoPasses.bias[i]).toBeCloseTo(value, 13);
    for (const side of ['held', 'offered'] as const) {
      for (const [i, line] of state[side].entries()) {
        for (const [k, value] of line.entries()) expect(twoPasses[side][i]![k]).toBeCloseTo(value, 13);
      }
    }
  });

  test('an odd number of factors is padded, and never leaves its padding', async () => {
    const { held, offered } = await stateOf({ factors: 3, regularization: 0.01, iterations: 5 });
    for (const line of [...held, ...offered]) expect(line[3]).toBe(0);
  });

  test('what is bought together ranks above what is not', async () => {
    const pool = createInlinePool();
    const pair = (a: number, b: number) => ({ entries: [a, b].map((column) => ({ column, band: 0 })), multiplicity: 50 });
    const table = tableFromRows(pool.memory, ['a', 'b', 'c', 'd'], [pair(0, 1), pair(2, 3)]);
    const model = await fitBpr({ pool, table, range: { from: 0, to: 2 } }, { factors: 4, regularization: 0.001 });
    const scores = model.foldIn([{ column: 0, band: 0 }]);
    expect(scores[1]).toBeGreaterThan(Math.max(scores[2]!, scores[3]!));
  });

  test.each([
    ['factors', { factors: 0, regularization: 0.01 }],
    ['regularization', { factors: 2, regularization: -1 }],
    ['learningRate', { factors: 2, regularization: 0.01, learningRate: 0 }],
    ['iterations', { factors: 2, regularization: 0.01, iterations: 0.5 }],
    ['seed', { factors: 2, regularization: 0.01, seed: -1 }],
  ])('refuses %s out of its range', async (name, parameters) => {
    await expect(train(parameters)).rejects.toMatchObject({ code: 'config', message: expect.stringContaining(name) });
  });
});
