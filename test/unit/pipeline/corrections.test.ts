// First tier, .1 s: corrections of simulated products, against the next window of the same products.
import { createRandom, required } from '@basketwise/core/parts';
import { calibrationTerms, logistic } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { correctOdds, ratioPrior } from '../../../packages/recommend/src/evaluation/corrections.ts';
import { poissonCount } from '../../reference/random-counts.ts';

const products = 60;
const customers = 4000;
const fit = { intercept: Math.log(0.005), slopes: calibrationTerms.map(() => 0) };

/** Rows of a campaign where each product is recommended to 4,000 customers, and bought by a Poisson number of mean 20 x its ratio. */
function windowOf(ratios: readonly number[], poisson: (mean: number) => number) {
  const bought = Float64Array.from(ratios, (ratio) => poisson(customers * logistic(fit.intercept) * ratio));
  return {
    terms: new Float64Array(products * calibrationTerms.length),
    pairs: new Float64Array(products).fill(customers),
    bought,
    product: Int32Array.from(ratios, (_, i) => i),
  };
}

/** (Purchases - expected purchases)^2 / expected purchases of the next window, by product: with the corrections, and without. */
function errorsOf(seed: number, spread: number): Record<'corrected' | 'plain', number> {
  const { next } = createRandom(seed);
  const poisson = (mean: number) => poissonCount(mean, next);
  const drawn = Array.from({ length: products }, () => Math.exp(spread * (next() + next() + next() - 1.5) * 2));
  const mean = drawn.reduce((sum, ratio) => sum + ratio, 0) / products;
  const ratios = drawn.map((ratio) => ratio / mean);
  const [{ intercept, products: corrections }] = correctOdds([{ rows: windowOf(ratios, poisson), fit }]) as [
    ReturnType<typeof correctOdds>[number],
  ];
  const { bought } = windowOf(ratios, poisson);
  const errorOf = (expectedOf: (product: number) => number) =>
    bought.reduce((sum, count, i) => sum + (count - expectedOf(i)) ** 2 / expectedOf(i), 0) / products;
  return {
    corrected: errorOf((i) => customers * logistic(intercept + required(corrections, i))),
    plain: errorOf(() => customers * logistic(fit.intercept)),
  };
}

const meanOf = (name: 'corrected' | 'plain', spread: number) => {
  const seeds = Array.from({ length: 20 }, (_, seed) => errorsOf(seed + 1, spread)[name]);
  return seeds.reduce((sum, value) => sum + value, 0) / seeds.length;
};

test('products that sell half or twice as expected: after the correction the next window has hardly more error than chance', () => {
  expect(meanOf('plain', 0.5)).toBeGreaterThan(4);
  expect(meanOf('corrected', 0.5)).toBeLessThan(2.1);
});

test('products that sell as expected: the corrections add no error', () => {
  expect(meanOf('plain', 0)).toBeLessThan(1.1);
  expect(meanOf('corrected', 0)).toBeLessThan(1.1);
});

test('clusters that buy a half more or less than expected are corrected, products within them are not', () => {
  const { next } = createRandom(7);
  const found = Array.from({ length: 20 }, () => {
    const rows = windowOf(
      Array.from({ length: products }, (_, i) => [0.5, 1, 1.5][i % 3]!),
      (mean) => poissonCount(mean, next),
    );
    const cluster = Int32Array.from(rows.pairs, (_, i) => i % 3);
    const product = Int32Array.from(rows.pairs, (_, i) => Math.floor(i / 3));
    const [one] = correctOdds([{ rows: { ...rows, cluster, product }, fit }]) as [ReturnType<typeof correctOdds>[number]];
    const ofProducts = [...one.products.values()].reduce((sum, value) => sum + Math.abs(value), 0) / one.products.size;
    return [...[0, 1, 2].map((of) => Math.exp(required(one.clusters, of))), ofProducts];
  });
  const [low, middle, high, ofProducts] = [0, 1, 2, 3].map((i) => found.reduce((sum, one) => sum + one[i]!, 0) / found.length);
  expect(low).toBeCloseTo(0.5, 1);
  expect(middle).toBeCloseTo(1, 1);
  expect(high).toBeCloseTo(1.5, 1);
  expect(ofProducts).toBeLessThan(0.02);
});

test('the sum of the probabilities stays, also where no product was bought', () => {
  for (const bought of [0, 30]) {
    const rows = windowOf(
      Array.from({ length: products }, (_, i) => i % 3),
      (mean) => (bought * mean) / 20,
    );
    const [{ intercept, products: corrections }] = correctOdds([{ rows, fit }]) as [ReturnType<typeof correctOdds>[number]];
    const expected = [...corrections.values()].reduce((sum, value) => sum + customers * logistic(intercept + value), 0);
    expect(expected / (products * customers * logistic(fit.intercept))).toBeCloseTo(1, 6);
  }
});

test('the weight of the prior is that of the negative binomial likelihood with the lgamma of Python', () => {
  const ofTheSample = [12, 51, 84, 102, 92, 91, 61, 41, 53, 52, 133, 129, 20, 24, 30, 16, 15, 35, 35, 18];
  const list = ofTheSample.flatMap((bought, i) => (i % 2 === 0 ? [{ bought, expected: ofTheSample[i + 1]! }] : []));
  expect(ratioPrior(list)).toBeCloseTo(4, 9);
  expect(
    ratioPrior([
      { bought: 52, expected: 51 },
      { bought: 99, expected: 102 },
      { bought: 44, expected: 41 },
    ]),
  ).toBe(1024);
});
