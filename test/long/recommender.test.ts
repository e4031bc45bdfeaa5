import { createNodePool, loadModel } from '@basketwise/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArraysBank, arraysBank, featuresOf, featuresOfConfig, listed } from '../browser/arrays-bank.ts';

let bank: ArraysBank;
/** Lists of a run by the default model. */
let lists: Awaited<ReturnType<ArraysBank['run']>>['lists'];
beforeAll(async () => {
  bank = await arraysBank(8_000, 120);
  ({ lists } = await bank.run());
});
afterAll(() => bank.remove());

async function inMemory(options?: Parameters<typeof listed>[2]) {
  const pool = await createNodePool(2);
  try {
    return await listed(pool, bank, options);
  } finally {
    await pool.close();
  }
}

test('lists of arrays are those of a run, to the last bit of score and probability', async () => {
  expect(lists.length).toBeGreaterThan(500);
  expect((await inMemory()).lists).toEqual(lists);
});

test('next-purchase with features that are fixed, computed, crossed or change: the lists and the model file of a run', async () => {
  const { lists: featured, model } = await bank.run(`model: { kind: next-purchase }\n${featuresOfConfig}`);
  const found = await inMemory({ model: { kind: 'next-purchase' }, features: featuresOf(bank.features) });
  expect(found.lists).toEqual(featured);
  expect(featured).not.toEqual(lists);
  const { header, state } = await loadModel(model);
  expect(state.kind).toBe('next-purchase');
  expect(await found.save(header)).toEqual(new Uint8Array(model));
});

test('a kind and windows that are named', async () => {
  const { lists: named } = await bank.run(
    'model: { kind: als, factors: 8, iterations: 3 }\nevaluate: { window: 2 months, gap: 0 days }\n',
  );
  const als = { kind: 'als', factors: 8, iterations: 3 } as const;
  expect((await inMemory({ model: als, window: '2 months', gap: null })).lists).toEqual(named);
});
