// First tier, .1 s: corrections of simulated products, against the next window of the same products.
import { createRandom, required } from '@basketwise/core';
import { calibrationTerms, logistic } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { correctOdds } from '../../../packages/recommend/src/evaluation/corrections.ts';
import { ratioPrior } from '../../../packages/recommend/src/evaluation/fit-calibration.ts';
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
    groups: new Map([['product', Int32Array.from(ratios, (_, i) => i)]]),
  };
}

/** (Purchases - expected purchases)^2 / expected purchases of the next window, by product: with the corrections, and without. */
function errorsOf(seed: number, spread: number): Record<'corrected' | 'plain', number> {
  const { next } = createRandom(seed);
  const poisson = (mean: number) => poissonCount(mean, next);
  const drawn = Array.from({ length: products }, () => Math.exp(spread * (next() + next() + next() - 1.5) * 2));
  const mean = drawn.reduce((sum, ratio) => sum + ratio, 0) / products;
  const ratios = drawn.map((ratio) => ratio / mean);
  const { intercept, groups } = correctOdds([{ rows: windowOf(ratios, poisson), fit, rates: new Map() }])[0]!;
  const corrections = required(groups, 'product');
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

test('levels of a feature that buy a half more or less than expected are corrected, also of a campaign with few purchases, products within them are not', () => {
  const { next } = createRandom(7);
  const ratios = Array.from({ length: products }, (_, i) => [0.5, 1, 1.5][i % 3]!);
  const banks = Array.from({ length: 20 }, () => {
    const campaigns = [1, 0.02].map((size) => {
      const rows = windowOf(ratios, (mean) => poissonCount(mean * size, next));
      const level = Int32Array.from(ratios, (_, i) => i % 3);
      const product = Int32Array.from(ratios, (_, i) => Math.floor(i / 3));
      const pairs = rows.pairs.map((count) => count * size);
      return {
        rows: {
          ...rows,
          pairs,
          groups: new Map([
            ['feature age', level],
            ['product', product],
          ]),
        },
        fit,
        rates: new Map(),
      };
    });
    const corrections = correctOdds(campaigns);
    const levels = corrections.flatMap(({ groups }) =>
      [0, 1, 2].map((level) => Math.exp(required(required(groups, 'feature age'), level))),
    );
    const ofProducts = [...required(corrections[0]!.groups, 'product').values()];
    return [...levels, ofProducts.reduce((sum, value) => sum + Math.abs(value), 0) / ofProducts.length];
  });
  const means = banks[0]!.map((_, i) => banks.reduce((sum, values) => sum + values[i]!, 0) / banks.length);
  for (const [i, ratio] of [0.5, 1, 1.5, 0.5, 1, 1.5].entries()) expect(Math.abs(means[i]! - ratio)).toBeLessThan(0.08);
  expect(means[6]).toBeLessThan(0.02);
});

test('the sum of the probabilities stays, also where no product was bought', () => {
  for (const bought of [0, 30]) {
    const rows = windowOf(
      Array.from({ length: products }, (_, i) => i % 3),
      (mean) => (bought * mean) / 20,
    );
    const { intercept, groups } = correctOdds([{ rows, fit, rates: new Map() }])[0]!;
    const expected = [...required(groups, 'product').values()].reduce(
      (sum, value) => sum + customers * logistic(intercept + value),
      0,
    );
    expect(expected / (products * customers * logistic(fit.intercept))).toBeCloseTo(1, 6);
  }
});

test('a product that sold eight times as often in the window keeps the part of it that its trend keeps, and the sum stays', () => {
  const slopes = fit.slopes.map((_, term) => (calibrationTerms[term] === 'trend' ? 0.4 : 0));
  const rows = windowOf(
    Array.from({ length: products }, (_, i) => (i === 0 ? 8 : 1)),
    Math.round,
  );
  const rates = new Map(Array.from({ length: products }, (_, i) => [i, { share: 0, trend: i === 0 ? Math.log(8) : 0 }]));
  const { intercept, groups } = correctOdds([{ rows, fit: { ...fit, slopes }, rates }])[0]!;
  const corrections = required(groups, 'product');
  const chances = [...rates].map(([i, { trend }]) => logistic(intercept + required(corrections, i) + 0.4 * trend));
  expect(chances[0]! / chances[1]!).toBeCloseTo(8 ** 0.4, 1);
  const all = chances.reduce((sum, chance) => sum + customers * chance, 0);
  expect(all / (products * customers * logistic(fit.intercept))).toBeCloseTo(1, 6);
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
