import {
  AppError,
  acquiredBand,
  type BasketRow,
  createBlend,
  createInlinePool,
  fitBlendWeights,
  fitEase,
  fitLookup,
  fitLookupNext,
  fitPopularity,
  fitPositiveBlendWeights,
  modelFromState,
  type SeenChoice,
  type TrainingSet,
  tableFromRows,
} from '@basketwise/core';
import { hash } from '@basketwise/recommend';
import { describe, expect, test } from 'vitest';

const columns = ['a', 'b', 'c', 'd', 'constant'];
const entry = (column: number, band = 0) => ({ column, band });
const constant = entry(4, 5);

function trainingOn(rows: readonly BasketRow[]): TrainingSet {
  const pool = createInlinePool();
  return { pool, table: tableFromRows(pool.memory, columns, rows, 1), range: { from: 0, to: rows.length } };
}

const row = (products: readonly number[], multiplicity: number) => ({
  entries: [...products.map((c) => entry(c)), constant],
  multiplicity,
});
const training = trainingOn([row([0], 10), row([0, 1], 6), row([0, 1, 2], 4), row([0, 3], 2), row([1, 2], 8)]);

describe('lookup', () => {
  const base = fitPopularity(training);
  const model = fitLookup(training, base, { prior: 5 });

  test('counts who holds exactly this basket and one product more, backed off to the base', () => {
    const scores = model.foldIn([entry(0), constant]);
    // Of holders of {a} and one more: 6 with b, 2 with d; popularity of what is not held: b 18, c 12, d 2 of 32.
    expect(scores[1]).toBeCloseTo((6 + (5 * 18) / 32) / 13, 12);
    expect(scores[2]).toBeCloseTo((0 + (5 * 12) / 32) / 13, 12);
    expect(scores[3]).toBeCloseTo((2 + (5 * 2) / 32) / 13, 12);
  });

  test('a basket of no customer gets the base alone', () => {
    expect(model.foldIn([entry(2), entry(3)])[0]).toBeCloseTo(22 / 40, 12);
  });

  test('contexts and bands do not divide baskets', () => {
    expect(model.foldIn([entry(0, 3)])).toEqual(model.foldIn([entry(0), constant]));
  });
});

describe('lookup-next', () => {
  const took = (products: readonly [number, number][], taken: number, multiplicity: number): BasketRow => ({
    entries: [...products.map(([c, band]) => entry(c, band)), entry(taken, acquiredBand)].sort((a, b) => a.column - b.column),
    multiplicity,
  });
  const acquisitions = trainingOn([took([[0, 0]], 1, 3), took([[0, 2]], 2, 9), took([[1, 0]], 0, 4), took([], 0, 100)]);
  const base = fitPopularity(acquisitions, { of: 'upsell' });

  test('counts what holders of exactly this basket took next', () => {
    const scores = fitLookupNext(acquisitions, base, { prior: 4 }).foldIn([entry(0, 1)]);
    // Up-sell of what is not held: b 3, c 9 of 12.
    expect(scores[1]).toBeCloseTo((3 + (4 * 3) / 12) / 16, 12);
    expect(scores[2]).toBeCloseTo((9 + (4 * 9) / 12) / 16, 12);
  });

  test('by recency, holders whose newest product is of the same band', async () => {
    const model = fitLookupNext(acquisitions, base, { prior: 1e-9, byRecency: true });
    expect(model.foldIn([entry(0, 0)])[1]).toBeCloseTo(1, 6);
    expect(model.foldIn([entry(0, 2)])[2]).toBeCloseTo(1, 6);
    const back = await modelFromState(model.state());
    expect(back.foldIn([entry(0, 2)])).toEqual(model.foldIn([entry(0, 2)]));
  });
});

describe('blend', () => {
  test('is the weighted sum of its members, explained and restored', async () => {
    const ease = await fitEase(training, { regularization: 3 });
    const popularity = fitPopularity(training);
    const blend = createBlend([
      { model: ease, scale: 'raw', weight: 2 },
      { model: popularity, scale: 'log', weight: 0.5 },
    ]);
    const basket = [entry(0), constant];
    const scores = blend.foldIn(basket);
    expect(scores[1]).toBeCloseTo(2 * ease.foldIn(basket)[1]! + 0.5 * Math.log(popularity.foldIn(basket)[1]!), 12);
    const why = blend.explain(basket, 1)!;
    expect(why.contributions.reduce((sum, { value }) => sum + value, why.baseline)).toBeCloseTo(scores[1]!, 12);
    const back = await modelFromState(blend.state());
    expect(back.foldIn(basket)).toEqual(scores);
  });

  test('no members, no choices: errors', () => {
    expect(() => createBlend([])).toThrow(AppError);
    expect(() => fitBlendWeights([], 2)).toThrow(AppError);
  });

  test('weights recover those that made the choices', () => {
    const uniform = (i: number) => hash(i, 7) / 2 ** 32;
    const truth = [2, -1, 0];
    const choices: SeenChoice[] = Array.from({ length: 20_000 }, (_, n) => {
      const features = Float64Array.from({ length: 15 }, (_, i) => uniform(n * 16 + i));
      const score = [0, 1, 2, 3, 4].map((c) => Math.exp(truth.reduce((sum, w, k) => sum + w * features[c * 3 + k]!, 0)));
      let left = uniform(n * 16 + 15) * score.reduce((a, b) => a + b, 0);
      let taken = 0;
      while (taken < 4 && left > score[taken]!) left -= score[taken++]!;
      return { features, taken };
    });
    const weights = fitBlendWeights(choices, 3);
    for (const [k, w] of truth.entries()) expect(Math.abs(weights[k]! - w)).toBeLessThan(0.12);
  });

  test('weights of at least 0 leave out a member that speaks against what was taken, and are otherwise the same', () => {
    const uniform = (i: number) => hash(i, 8) / 2 ** 32;
    const choices: SeenChoice[] = Array.from({ length: 2000 }, (_, n) => {
      const features = Float64Array.from({ length: 9 }, (_, i) => uniform(n * 9 + i));
      // Taken: the candidate with the most of member 0 and the least of member 1.
      const score = [0, 1, 2].map((c) => features[c * 3]! - 2 * features[c * 3 + 1]!);
      return { features, taken: score.indexOf(Math.max(...score)) };
    });
    const weights = fitPositiveBlendWeights(choices, 3);
    expect(weights[0]).toBeGreaterThan(0.5);
    expect(weights[1]).toBe(0);
    const alone = choices.map(({ features, taken }) => ({ features: features.filter((_, i) => i % 3 === 0), taken }));
    if (weights[2] === 0) expect(weights[0]).toBeCloseTo(fitBlendWeights(alone, 1)[0]!, 3);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
  });

  test('a choice of weight m is as good as m choices', () => {
    const a: SeenChoice = { features: Float64Array.of(1, 0, 0, 1, 0.5, 0.2), taken: 0 };
    const b: SeenChoice = { features: Float64Array.of(0, 1, 1, 0, 0.1, 0.9), taken: 2 };
    const once = fitBlendWeights([{ ...a, weight: 3 }, b], 2);
    const many = fitBlendWeights([a, a, a, b], 2);
    for (const [k, w] of many.entries()) expect(once[k]).toBeCloseTo(w, 1);
  });
});
