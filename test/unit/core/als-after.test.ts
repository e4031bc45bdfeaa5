import { createInlinePool, createRandom, fitAls, fitAlsAfter, tableFromRows } from '@basketwise/core';
import { expect, test } from 'vitest';

function training() {
  const pool = createInlinePool();
  const random = createRandom(5);
  const rows = Array.from({ length: 60 }, () => {
    const held = [0, 1, 2, 3, 4, 5, 6].filter(() => random.next() < 0.4);
    return { entries: [...held.map((column) => ({ column, band: 0 })), { column: 7, band: 1 }], multiplicity: 2 };
  });
  const table = tableFromRows(pool.memory, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'constant'], rows, 1);
  return { pool, table, range: { from: 0, to: table.rows } };
}

const parameters = { factors: 4, regularization: 1, alpha: 10, weights: [1], pseudoWeights: [1] };

test('models of several numbers of iterations from one fit are those of a fit each', async () => {
  const counts = [15, 0, 5, 10, 5];
  const models = await fitAlsAfter(training(), { ...parameters, iterations: 1 }, counts);
  for (const [i, iterations] of counts.entries()) {
    expect(models[i]!.history).toHaveLength(iterations);
    expect(models[i]!.state()).toEqual((await fitAls(training(), { ...parameters, iterations })).state());
  }
});

test('a fit that its tolerance ends early is the model of all larger numbers', async () => {
  const early = { ...parameters, iterations: 1, tolerance: 0.01 };
  const models = await fitAlsAfter(training(), early, [2, 100, 200]);
  expect(models.map(({ history }) => history.length)).toEqual([2, models[1]!.history.length, models[1]!.history.length]);
  expect(models[1]!.history.length).toBeLessThan(100);
  expect(models[2]!.itemFactors).toEqual((await fitAls(training(), { ...early, iterations: 200 })).itemFactors);
});
