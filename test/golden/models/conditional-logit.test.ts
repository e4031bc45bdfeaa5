import {
  type ChoiceProblem,
  ChoiceStore,
  createInlinePool,
  createRandom,
  exp,
  fitConditionalLogit,
  fitTierWeights,
  LogitChoices,
  type LogitOptions,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawnChoices, drawnPlace } from '../../reference/drawn.ts';
import peers from '../peers.json' with { type: 'json' };

const set = (products: readonly number[], scores: readonly (readonly number[])[], tier = 0) => ({
  products: Uint32Array.from(products),
  scores: Float64Array.from(scores.flat()),
  tier,
});
const cell = (of: number, levels: readonly number[], taken: readonly number[]) => ({
  ...{ set: of, levels, taken: Float64Array.from(taken) },
});

const sets = [
  set([0, 1, 2, 3], [[0.5, 1], [0.2, -1], [-0.3, 0.4], [1.2, 0.1]]), // biome-ignore format: one row a candidate
  set([1, 2, 4], [[0, 0.7], [0.9, -0.2], [-0.6, 0.3]]), // biome-ignore format: one row a candidate
  set([0, 2, 3, 4], [[0.1, 0.1], [0.4, -0.9], [0.8, 0.5], [-1, 1]]), // biome-ignore format: one row a candidate
];
const cells = [
  cell(0, [0, 2], [3, 0, 1, 2]),
  cell(0, [1, 3], [1, 4, 0, 1]),
  cell(1, [0, 4], [2, 1, 0]),
  cell(1, [1, 2], [0, 3, 1]),
  cell(2, [1, 4], [1, 0, 2, 5]),
  cell(2, [0, 3], [2, 2, 0, 0]),
];
const features = [
  { first: 0, shares: [0.4, 0.6] },
  { first: 2, shares: [0.2, 0.5, 0.3] },
];
const problem: ChoiceProblem = { windows: [{ sets, cells }], members: 2, products: 5, features };

const pool = createInlinePool();

/** Lends the choices of a problem in kernel memory. */
function withChoices<T>(some: ChoiceProblem, use: (choices: LogitChoices) => T): T {
  const mark = pool.memory.mark();
  try {
    return use(new LogitChoices(new ChoiceStore(pool), some));
  } finally {
    pool.memory.release(mark);
  }
}

const fitOf = (some: ChoiceProblem, options?: LogitOptions) =>
  withChoices(some, (choices) => fitConditionalLogit(choices, options));
const withCells = (some: typeof cells): ChoiceProblem => ({ ...problem, windows: [{ sets, cells: some }] });

/** Choices of holders of some of six products, drawn by weights of pairs f64[6 x 6]. Each held product is a level of its own. */
function choicesOfPairs(pairs: Float64Array): ChoiceProblem {
  const random = createRandom(5);
  const [own, drawn]: [ReturnType<typeof set>[], ReturnType<typeof cell>[]] = [[], []];
  for (let held = 1; held < 2 ** 6 - 1; held++) {
    const levels = [0, 1, 2, 3, 4, 5].filter((product) => (held >> product) % 2 === 1);
    const free = [0, 1, 2, 3, 4, 5].filter((product) => !levels.includes(product));
    const odds = free.map((i) => exp(levels.reduce((sum, j) => sum + pairs[j * 6 + i]!, 0)));
    const taken = free.map(() => 0);
    for (let n = 0; n < 200; n++) taken[drawnPlace(odds, random.next())]!++;
    own.push(set(free, free.map(() => [0, 0]))); // biome-ignore format: short
    drawn.push(cell(own.length - 1, levels, taken));
  }
  const levels = [0, 1, 2, 3, 4, 5].map((first) => ({ first, shares: [0] }));
  return { windows: [{ sets: own, cells: drawn }], members: 2, products: 6, features: levels };
}

describe('conditional logit', () => {
  test('levels of which a customer has several, with shares of 0, find the weights of pairs that drew the choices', () => {
    const random = createRandom(6);
    const pairs = Float64Array.from({ length: 36 }, () => 2 * random.next() - 1);
    const { effects } = fitOf(choicesOfPairs(pairs), { ridges: new Array(6).fill(1) });
    const others = (j: number) => [0, 1, 2, 3, 4, 5].filter((i) => i !== j);
    // the mean of a line changes no choice
    const mean = (of: Float64Array, j: number) => others(j).reduce((sum, i) => sum + of[j * 6 + i]! / 5, 0);
    for (let j = 0; j < 6; j++)
      for (const i of others(j)) {
        const [own, truth] = [effects[j * 6 + i]! - mean(effects, j), pairs[j * 6 + i]! - mean(pairs, j)];
        expect(Math.abs(own - truth)).toBeLessThan(0.2);
      }
  });

  // scipy 1.17.1: minimize(..., method='L-BFGS-B') of the same penalised likelihood with numerical gradients, gtol 1e-10
  test('optimum of an independent solver', () => {
    const fit = fitOf(problem, { prior: Float64Array.of(0.3, 0), priorChoices: 10, ridges: [2, 2] });
    expect(fit.standardised[0]).toBeCloseTo(0.180186, 4);
    expect(fit.standardised[1]).toBe(0);
    expect(fit.weights[0]).toBeCloseTo(0.295037, 4);
    const effects = [
      [0.50952, -0.09712, 0.26124, 0.00699, -0.68063],
      [-0.33968, 0.06475, -0.17416, -0.00466, 0.45375],
      [0.29064, -0.82978, 0.37983, 0.35775, -0.19844],
      [-0.01277, 0.30941, 0.10292, -0.206, -0.19356],
      [-0.17248, 0.0375, -0.42476, 0.10484, 0.45489],
    ].flat();
    for (const [at, effect] of effects.entries()) expect(fit.effects[at]).toBeCloseTo(effect, 3);
  });

  test.each([
    ['without features', {}, peers.conditionalLogit.alone],
    ['with a feature of hardly any ridge', { ridges: [1e-6] }, peers.conditionalLogit.withLevel],
  ])('300 choices %s: weights and likelihood of statsmodels', (_, options, { weights, logLikelihood }) => {
    const choices = drawnChoices();
    const cellsOf = choices.map(({ level, products, chosen }, at) => {
      const taken = products.map((_, c) => (c === chosen ? 1 : 0));
      return cell(at, [level], taken);
    });
    const windows = [{ sets: choices.map(({ products, scores }) => set(products, scores)), cells: cellsOf }];
    withChoices({ windows, members: 3, products: 8, features: [{ first: 0, shares: [0.25, 0.75] }] }, (drawn) => {
      const fit = fitConditionalLogit(drawn, { ...options, priorChoices: 0, tolerance: 1e-14 });
      for (const [k, weight] of weights.entries()) expect(fit.weights[k]).toBeCloseTo(weight, 6);
      expect(drawn.logLikelihood(fit)).toBeCloseTo(logLikelihood, 9);
    });
  });

  test('effects of a feature sum to nothing over the customers', () => {
    const { effects } = fitOf(problem, { ridges: [2, 2] });
    for (let product = 0; product < 5; product++) {
      expect(0.4 * effects[product]! + 0.6 * effects[5 + product]!).toBeCloseTo(0, 12);
    }
  });

  test('without a ridge features are left out, and a prior worth many choices is kept', () => {
    expect(fitOf(problem).effects).toHaveLength(0);
    const leaned = fitOf(problem, { prior: Float64Array.of(1, 2), priorChoices: 1e9 });
    expect(leaned.standardised[0]).toBeCloseTo(1, 5);
    expect(leaned.standardised[1]).toBeCloseTo(2, 5);
  });

  test('a feature with an endless ridge of its own is left out beside any others', () => {
    const alone = fitOf(problem, { ridges: [2, Number.POSITIVE_INFINITY] });
    const first = cells.map((one) => ({ ...one, levels: one.levels.slice(0, 1) }));
    const never = fitOf({ ...withCells(first), features: features.slice(0, 1) }, { ridges: [2] });
    expect(alone.weights).toEqual(never.weights);
    expect(alone.effects.slice(0, 10)).toEqual(never.effects);
    expect(alone.effects.slice(10).every((effect) => effect === 0)).toBe(true);
  });

  test('with a growing ridge the fit becomes that without features', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 22, maxLength: 22 }), (counts) => {
        let at = 0;
        const taken = cells.map((one) => ({ ...one, taken: one.taken.map(() => counts[at++]!) }));
        const some = withCells(taken);
        const [strong, without] = [fitOf(some, { ridges: [1e5, 1e5], tolerance: 1e-14 }), fitOf(some)];
        for (const [k, weight] of without.standardised.entries()) expect(strong.standardised[k]).toBeCloseTo(weight, 3);
        for (const effect of strong.effects) expect(Math.abs(effect)).toBeLessThan(1e-3);
      }),
      { numRuns: 50 },
    );
  });

  test('is at an optimum: no small change of a weight or an effect raises the penalised likelihood', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 22, maxLength: 22 }), (counts) => {
        let at = 0;
        const taken = cells.map((one) => ({ ...one, taken: one.taken.map(() => counts[at++]!) }));
        fc.pre(counts.slice(0, at).some((count) => count > 0));
        const some = withCells(taken);
        const fit = fitOf(some, { ridges: [3, 3], priorChoices: 1 });
        const value = (standardised: Float64Array) => {
          const scale = fit.standardised.map((w, k) => (w > 0 ? fit.weights[k]! / w : 0));
          const weights = standardised.map((w, k) => w * scale[k]!);
          const found = withChoices(some, (choices) => choices.logLikelihood({ weights, effects: fit.effects }));
          return found - standardised.reduce((sum, w) => sum + (w * w) / 2, 0);
        };
        const best = value(fit.standardised);
        for (const k of [0, 1]) {
          if (fit.standardised[k] === 0) continue;
          for (const step of [-1e-2, 1e-2]) {
            const moved = fit.standardised.map((w, i) => (i === k ? Math.max(0, w + step) : w));
            expect(value(moved)).toBeLessThan(best + 1e-9);
          }
        }
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  // the same solver, tier by tier, with thirty times the choices
  test('weights of tiers lean on those of all: optimum of an independent solver', () => {
    const many = cells.map((one) => ({ ...one, taken: one.taken.map((count) => 30 * count) }));
    const tiered = sets.map((one, s) => ({ ...one, tier: [1, 1, 3][s]! }));
    const some: ChoiceProblem = { ...problem, windows: [{ sets: tiered, cells: many }] };
    withChoices(some, (choices) => {
      const fit = fitConditionalLogit(choices, { prior: Float64Array.of(0.3, 0.4), tolerance: 1e-14 });
      const tiers = fitTierWeights(choices, fit, 1e-14)!;
      expect(tiers).toHaveLength(4);
      const wanted = [
        [0.062239, 0.07274],
        [0.42731, 0],
        [0.062239, 0.07274],
        [0, 0.31326],
      ];
      for (const [tier, weights] of wanted.entries()) {
        for (const [k, weight] of weights.entries()) expect(tiers[tier]![k]).toBeCloseTo(weight, 4);
      }
    });
    withChoices(withCells(many), (choices) => expect(fitTierWeights(choices, fitConditionalLogit(choices))).toBeNull());
  });

  test('weights of tiers are an optimum beside the effects of features', () => {
    const tiered = sets.map((one, s) => ({ ...one, tier: s }));
    withChoices({ ...problem, windows: [{ sets: tiered, cells }] }, (choices) => {
      const fit = fitConditionalLogit(choices, { prior: Float64Array.of(0.3, 0.4), ridges: [3, 3] });
      const tiers = fitTierWeights(choices, fit, 1e-14)!;
      for (const tier of [0, 1, 2]) {
        const value = (weights: Float64Array) =>
          choices.ofTier(tier).logLikelihood({ weights, effects: fit.effects }) -
          weights.reduce((sum, weight, k) => sum + 100 * (weight * choices.spread[k]! - fit.standardised[k]!) ** 2, 0);
        const best = value(tiers[tier]!);
        expect(best).toBeGreaterThan(value(fit.weights));
        for (const k of [0, 1]) {
          for (const step of [-1e-2, 1e-2]) {
            const moved = tiers[tier]!.map((weight, i) => (i === k ? Math.max(0, weight + step) : weight));
            expect(value(moved)).toBeLessThanOrEqual(best + 1e-9);
          }
        }
      }
    });
  });

  test('without choices it is the prior; without customers it refuses', () => {
    const taken = cells.map((one) => ({ ...one, taken: one.taken.map(() => 0) }));
    const { standardised, weights } = fitOf(withCells(taken), { prior: Float64Array.of(0.5, 0.2) });
    expect([...standardised]).toEqual([0.5, 0.2]);
    expect(weights.every((weight) => weight > 0)).toBe(true);
    expect(() => fitOf({ ...problem, windows: [{ sets: [], cells: [] }] })).toThrow(/no customer/);
  });
});
