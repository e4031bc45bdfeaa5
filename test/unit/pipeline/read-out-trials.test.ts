import { expect, test } from 'vitest';
import { binomialRange, readOutTrials, type TrialTruth } from '../../reference/read-out-trials.ts';

const seeds = Array.from({ length: 60 }, (_, i) => i);
const truth: TrialTruth = { customers: 2_000, control: 0.25, anyway: [0.05, 0.12], effect: 0.06 };

test('intervals of the lift cover the truth about 19 times out of 20, arms are drawn as asked', {
  timeout: 120_000,
}, async () => {
  const trials = await readOutTrials(seeds, truth);
  const [least] = binomialRange(seeds.length, 0.95, 0.001);
  expect(trials.filter(({ covers }) => covers).length).toBeGreaterThanOrEqual(least);
  const [low, high] = binomialRange(truth.customers, truth.control, 1e-6);
  for (const { control } of trials) {
    expect(control).toBeGreaterThanOrEqual(low);
    expect(control).toBeLessThanOrEqual(high);
  }
  const [, most] = binomialRange(seeds.length, 0.05, 0.001);
  expect(trials.filter(({ differs }) => differs).length).toBeLessThanOrEqual(most);
  expect(trials.filter(({ proven }) => proven).length).toBeGreaterThan(seeds.length / 2);
});

test('without an effect nothing is proven but by chance', { timeout: 120_000 }, async () => {
  const trials = await readOutTrials(seeds, { ...truth, effect: 0 });
  const [, most] = binomialRange(seeds.length, 0.025, 0.001);
  expect(trials.filter(({ proven }) => proven).length).toBeLessThanOrEqual(most);
});
