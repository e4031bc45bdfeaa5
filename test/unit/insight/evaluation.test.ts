import { AppError, difference } from '@basketwise/core';
import { catalogueUse, response } from '@basketwise/insight';
import { bootstrap, hash, hitRate, isDifferent, ranksInList, rankTargets, reciprocalRank } from '@basketwise/recommend';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricValues } from '../../../packages/insight/src/evaluation/compare-models.ts';

test('the hash is the finaliser of MurmurHash3', () => {
  expect(hash(0, 0)).toBe(0);
  expect(hash(1, 0)).toBe(0x514e28b7);
  expect(hash(0xffffffff, 0)).toBe(0x81f16f39);
});

describe('ranking', () => {
  test('ties go to the more popular, then to the lower column; held columns are no candidates', () => {
    const scores = Float64Array.of(1, 2, 2, 2, 9);
    const candidate = Uint8Array.of(1, 1, 1, 1, 0);
    const popularity = Float64Array.of(5, 5, 7, 5, 9);
    expect(rankTargets(scores, candidate, popularity, [3, 0]).ranks).toEqual([3, 4]);
    expect(rankTargets(scores, candidate, popularity, [4])).toEqual({ ranks: [], targets: 1 });
  });

  test('ranks of targets agree with the sorted list', () => {
    const column = fc.record({
      score: fc.integer({ min: 0, max: 4 }),
      held: fc.boolean(),
      holders: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 20 }), fc.nat(), (columns, seed) => {
        const scores = Float64Array.from(columns, (c) => c.score);
        const candidate = Uint8Array.from(columns, (c) => (c.held ? 0 : 1));
        const popularity = Float64Array.from(columns, (c) => c.holders);
        const truth = [seed % columns.length];
        const list = [...columns.keys()].filter((column) => candidate[column] === 1);
        list.sort((a, b) => scores[b]! - scores[a]! || popularity[b]! - popularity[a]! || a - b);
        expect(rankTargets(scores, candidate, popularity, truth)).toEqual(ranksInList(list, truth));
      }),
    );
  });

  test('hit rate and reciprocal rank', () => {
    expect(hitRate(ranksInList([4, 2], [2]), 1)).toBe(0);
    expect(hitRate(ranksInList([4, 2], [2]), 2)).toBe(1);
    expect(reciprocalRank(ranksInList([4, 2], [2, 9]))).toBe(0.5);
    expect(reciprocalRank(ranksInList([4, 2], [9]))).toBe(0);
    const mrr = metricValues([ranksInList([4, 2, 9], [9])], [1], 2).get('mrr');
    expect(mrr).toEqual(Float64Array.of(0));
  });

  test('coverage and mean popularity rank', () => {
    const use = catalogueUse(Float64Array.of(3, 0, 1, 5), Uint8Array.of(1, 1, 1, 0), Float64Array.of(10, 20, 10, 1));
    expect(use).toEqual({ coverage: 2 / 3, meanPopularityRank: (3 * 2 + 1 * 3) / 4 });
  });
});

describe('response by product', () => {
  test('AUC counts pairs, ties half; the decile shares out ties', () => {
    const ones = new Float64Array(20).fill(1);
    const buyers = Float64Array.from({ length: 20 }, (_, i) => (i < 2 ? 1 : 0));
    const rising = Float64Array.from({ length: 20 }, (_, i) => -i);
    expect(response(rising, ones, buyers)).toEqual({ auc: 1, topDecileLift: 10, buyers: 2, customers: 20 });
    expect(response(new Float64Array(20), ones, buyers)).toMatchObject({ auc: 0.5, topDecileLift: 1 });
    expect(
      response(
        rising.map((v) => -v),
        ones,
        buyers,
      ),
    ).toMatchObject({ auc: 0, topDecileLift: 0 });
  });

  test('a unit of many customers is as good as many units', () => {
    const one = response(Float64Array.of(3, 2, 1), Float64Array.of(10, 20, 70), Float64Array.of(5, 4, 1));
    const score = new Float64Array(100).map((_, i) => (i < 10 ? 3 : i < 30 ? 2 : 1));
    const buyer = new Float64Array(100).map((_, i) => (i < 5 || (i >= 10 && i < 14) || i === 99 ? 1 : 0));
    const many = response(score, new Float64Array(100).fill(1), buyer);
    expect(many.auc).toBeCloseTo(one.auc, 12);
    expect(many.topDecileLift).toBeCloseTo(one.topDecileLift, 12);
  });
});

describe('bootstrap', () => {
  const noise = Float64Array.from({ length: 4000 }, (_, i) => hash(i + 1, 0) / 2 ** 32);

  test('the interval of a mean is the normal one, within a few percent', () => {
    const [{ mean, low, high }] = bootstrap([noise], { resamples: 2000, seed: 0 }) as [
      { mean: number; low: number; high: number },
    ];
    const halfWidth = 1.96 * Math.sqrt(1 / 12 / noise.length);
    expect(mean).toBeCloseTo(noise.reduce((s, v) => s + v, 0) / noise.length, 12);
    expect((high - low) / 2 / halfWidth).toBeGreaterThan(0.93);
    expect((high - low) / 2 / halfWidth).toBeLessThan(1.07);
  });

  test('a paired difference is found where the two intervals overlap', () => {
    const better = noise.map((value, i) => value + (i % 2 === 0 ? 0.004 : 0.002));
    const [a, b, d] = bootstrap([better, noise, difference(better, noise)], { resamples: 500, seed: 1 });
    expect(a!.low).toBeLessThan(b!.high);
    expect(isDifferent(d!)).toBe(true);
    expect(d!.mean).toBeCloseTo(0.003, 12);
  });

  test('the same seed gives the same interval, another one a slightly different one', () => {
    const of = (seed: number) => bootstrap([noise], { resamples: 200, seed });
    expect(of(5)).toEqual(of(5));
    expect(of(5)).not.toEqual(of(6));
  });

  test('too few customers for an interval is an error', () => {
    const run = () => bootstrap([new Float64Array(19)], { resamples: 200, seed: 0 });
    expect(run).toThrow(AppError);
    expect(run).toThrow(/at least 20 test customers, there are 19/);
  });
});
