import { createInlinePool, createRandom } from '@basketwise/core/parts';
import { recommendTo } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { decideBetween, type FoldValues } from '../../../packages/recommend/src/choosing/model-decision.ts';
import { longTest } from '../../cases.ts';

/** Fold whose customers have these differences, tuned minus learned model. */
function foldOf(...differences: number[]): FoldValues {
  return { learned: new Float64Array(differences.length).fill(0.5), tuned: Float64Array.from(differences, (one) => 0.5 + one) };
}

const times = (count: number, ...values: number[]) => Array.from({ length: count }, () => values).flat();

test('other folds than the tuned one decide, with the mean over all their customers and its standard error', () => {
  const tuningFold = foldOf(...times(30, 0.5));
  const decision = decideBetween('blend', tuningFold, [foldOf(...times(10, 0.25)), foldOf(...times(10, 0.25, 0, -0.25))]);
  // 20 differences of .25, 10 of 0 and 10 of -.25: mean .0625, variance .04296875
  expect(decision).toMatchObject({ tuned: 'blend', folds: 2, tested: 40, difference: 0.0625, replaces: true });
  expect(decision.standardError).toBeCloseTo(Math.sqrt(0.04296875 / 40), 12);
});

test('a model ahead only where it was tuned, or by less than a standard error, replaces nothing', () => {
  const tuningFold = foldOf(...times(30, 0.5));
  expect(decideBetween('ease', tuningFold, [foldOf(...times(20, -0.25)), foldOf(...times(20, 0.125))]).replaces).toBe(false);
  const slight = decideBetween('ease', tuningFold, [foldOf(...times(10, 0.5, -0.5), 0.5)]);
  expect(slight.difference).toBeGreaterThan(0);
  expect([slight.difference < slight.standardError, slight.replaces]).toEqual([true, false]);
});

test('with fewer than 20 customers in the other folds, the tuned fold decides alone', () => {
  const decision = decideBetween('ease', foldOf(...times(30, 0.5)), [foldOf(...times(19, -0.5))]);
  expect(decision).toMatchObject({ folds: 1, tested: 30, difference: 0.5, replaces: true });
});

/**
 * Bank without dates: customers of two kinds, each with two to four of the six products of their kind.
 * @param count number of products; those after the first 12 have no holders
 */
function undatedBank(customers: number, count = 12) {
  const random = createRandom(5);
  const [customer, product]: [number[], number[]] = [[], []];
  for (let i = 0; i < customers; i++) {
    const held = new Set<number>();
    for (let left = 2 + Math.floor(3 * random.next()); left > 0; left--) held.add(6 * (i % 2) + Math.floor(6 * random.next()));
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
  const { decision, tested, trials, spec } = first.choice!;
  expect(decision!.folds).toBe(3);
  // about three fifths of the customers with two products or more; the tuned fold has a fifth
  expect(decision!.tested).toBeGreaterThan(2 * tested);
  expect(decision!.tested + tested).toBeLessThan(400);
  expect(trials.map(({ name }) => name)).toContain(decision!.tuned);
  expect(spec.kind === 'next-purchase').toBe(!decision!.replaces);
  expect(second.choice).toEqual(first.choice);
});

longTest('with up to 1,024 products three folds decide, with more the first alone', async () => {
  const foldsOf = async (count: number) =>
    (await recommendTo(createInlinePool(), undatedBank(200, count), { n: 3 })).choice!.decision!.folds;
  expect([await foldsOf(1024), await foldsOf(1025)]).toEqual([3, 1]);
});
