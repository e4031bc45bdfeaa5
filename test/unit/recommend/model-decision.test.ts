import { createInlinePool, createRandom, usualEase } from '@basketwise/core';
import { bestSellers, recommendTo } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import {
  bestSimpleModel,
  decideBetween,
  decidingFolds,
  type FoldValues,
  testedOn,
} from '../../../packages/recommend/src/choosing/campaign-choice.ts';
import { longTest } from '../../cases.ts';

const popularity = bestSellers(true)[0]!;

/** Fold whose customers have these differences, challenger minus learned model. */
function foldOf(...differences: number[]): FoldValues {
  const learned = new Float64Array(differences.length).fill(0.5);
  const challenger = Float64Array.from(differences, (ahead) => 0.5 + ahead);
  return { learned, challenger, simple: [{ ...popularity, values: learned.map((value) => value / 2) }] };
}

const times = (count: number, ...values: number[]) => Array.from({ length: count }, () => values).flat();

test('other folds than the tuned one decide, with the mean over all their customers and its standard error', () => {
  const tuningFold = foldOf(...times(30, 0.5));
  const decision = decideBetween(
    'blend',
    decidingFolds(tuningFold, [foldOf(...times(10, 0.25)), foldOf(...times(10, 0.25, 0, -0.25))]),
  );
  // 20 differences of .25, 10 of 0 and 10 of -.25: mean .0625, variance .04296875
  expect(decision).toMatchObject({ challenger: 'blend', folds: 2, tested: 40, difference: 0.0625, replaces: true });
  expect(decision.standardError).toBeCloseTo(Math.sqrt(0.04296875 / 40), 12);
});

test('a model ahead only where it was tuned, or by less than a standard error, replaces nothing', () => {
  const tuningFold = foldOf(...times(30, 0.5));
  expect(
    decideBetween('ease', decidingFolds(tuningFold, [foldOf(...times(20, -0.25)), foldOf(...times(20, 0.125))])).replaces,
  ).toBe(false);
  const slight = decideBetween('ease', decidingFolds(tuningFold, [foldOf(...times(10, 0.5, -0.5), 0.5)]));
  expect(slight.difference).toBeGreaterThan(0);
  expect([slight.difference < slight.standardError, slight.replaces]).toEqual([true, false]);
});

test('with fewer than 20 customers in the other folds, the tuned fold decides alone', () => {
  const decision = decideBetween('ease', decidingFolds(foldOf(...times(30, 0.5)), [foldOf(...times(19, -0.5))]));
  expect(decision).toMatchObject({ folds: 1, tested: 30, difference: 0.5, replaces: true });
});

test('a verdict on the tuned model counts the customers of the folds that decided, with each baseline', () => {
  const folds = [foldOf(...times(2, 0.25)), foldOf(0, -0.5)];
  expect(testedOn(folds, true)).toEqual({
    own: Float64Array.of(0.75, 0.75, 0.5, 0),
    baselines: [{ name: 'popularity', values: new Float64Array(4).fill(0.25) }],
  });
});

test('with dates the challenger is the simple model that is best over all windows, and a verdict has popularity baselines only', () => {
  const values = (value: number) => new Float64Array(20).fill(value);
  const window = (learned: number, popular: number, ease: number) => {
    const simple = [
      { ...popularity, values: values(popular) },
      { name: 'ease', spec: usualEase, values: values(ease) },
    ];
    return { learned: values(learned), simple };
  };
  // One odd window does not decide: EASE is ahead by .1 in the mean of the windows, popularity is not.
  const [challenger, windows] = bestSimpleModel([window(0.5, 0.8, 0.6), window(0.5, 0.1, 0.6)]);
  expect(challenger.name).toBe('ease');
  expect(decideBetween(challenger.name, windows)).toMatchObject({ replaces: true, folds: 2, tested: 40 });
  expect(testedOn(windows, true).own[0]).toBe(0.6);
  expect(testedOn(windows, true).baselines.map(({ name }) => name)).toEqual(['popularity']);
});

/**
 * Bank without dates: customers of several kinds, each with two to four of the products of their kind.
 * @param of number of products of a kind, the first ones more popular with a larger skew
 * @param count number of products; those after the products of the kinds have no holders
 */
function undatedBank(customers: number, { seed = 5, kinds = 2, of = 6, skew = 1, count = 12 } = {}) {
  const random = createRandom(seed);
  const [customer, product]: [number[], number[]] = [[], []];
  for (let i = 0; i < customers; i++) {
    const held = new Set<number>();
    for (let left = 2 + Math.floor(3 * random.next()); left > 0; left--)
      held.add(of * (i % kinds) + Math.floor(of * random.next() ** skew));
    for (const one of held) {
      customer.push(i);
      product.push(one);
    }
  }
  const products = Array.from({ length: count }, (_, one) => `P${String(one).padStart(2, '0')}`);
  return { customer: Int32Array.from(customer), product: Int32Array.from(product), products };
}

test('a bank without dates decides on three folds of customers, always the same', async () => {
  const bank = undatedBank(400);
  const [first, second] = [
    await recommendTo(createInlinePool(), bank, { n: 3 }),
    await recommendTo(createInlinePool(), bank, { n: 3 }),
  ];
  const { decision, tested, trials, spec, verdict } = first.choice!;
  expect(decision!.folds).toBe(3);
  // about three fifths of the customers with two products or more; the tuned fold has a fifth
  expect(decision!.tested).toBeGreaterThan(2 * tested);
  expect(decision!.tested + tested).toBeLessThan(400);
  expect(trials.map(({ name }) => name)).toContain(decision!.challenger);
  expect(spec.kind === 'next-purchase').toBe(!decision!.replaces);
  expect(verdict!.tested).toBe(decision!.tested);
  expect(second.choice).toEqual(first.choice);
});

test('a tuned model that wins is compared with popularity on the folds that did not tune it', async () => {
  const bank = undatedBank(300, { seed: 29, kinds: 5, of: 4, skew: 2, count: 20 });
  const { decision, tested, verdict } = (await recommendTo(createInlinePool(), bank, { n: 3 })).choice!;
  expect(decision).toMatchObject({ replaces: true, folds: 3 });
  expect(verdict!.tested).toBe(decision!.tested);
  expect(verdict!.tested).toBeGreaterThan(2 * tested);
});

longTest('with up to 1,024 products three folds decide, with more the first alone', async () => {
  const foldsOf = async (count: number) =>
    (await recommendTo(createInlinePool(), undatedBank(200, { count }), { n: 3 })).choice!.decision!.folds;
  expect([await foldsOf(1024), await foldsOf(1025)]).toEqual([3, 1]);
});
