import {
  type ChoiceProblem,
  ChoiceStore,
  type ChoiceWindow,
  choiceCounts,
  createInlinePool,
  createRandom,
  curvatureOf,
  exp,
  expectedCounts,
  log,
} from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import * as reference from '../../reference/choice-counts.ts';

const pool = createInlinePool();
const [sizes, products] = [[2, 3], 11];

/** Windows of random choices. @param scale of the scores: from some hundred on parts of utilities leave the range of exponentials */
function randomProblem(seed: number, members: number, scale: number): ChoiceProblem {
  const random = createRandom(seed);
  const below = (n: number) => Math.floor(random.next() * n);
  const window = (sets: number): ChoiceWindow => {
    const made = Array.from({ length: sets }, () => {
      const some = Array.from({ length: products }, (_, i) => i).filter(() => random.next() < 0.7);
      const candidates = Uint32Array.from(some.length > 0 ? some : [0]);
      return {
        products: candidates,
        scores: Float64Array.from({ length: candidates.length * members }, () => (random.next() - 0.5) * scale),
      };
    });
    const cells = Array.from({ length: sets * 3 }, () => {
      const set = below(Math.max(1, sets - 1));
      const levels = [below(2), 2 + below(3)].slice(0, 1 + below(2));
      const taken = Float64Array.from(made[set]!.products, () => (random.next() < 0.4 ? (1 + below(3)) * 0.7 : 0));
      return { set, levels, taken };
    });
    return { sets: made, cells };
  };
  let first = 0;
  const features = sizes.map((size) => {
    first += size;
    return { first: first - size, shares: Array.from({ length: size }, () => 1 / size) };
  });
  return { windows: [window(7), window(1), window(4)], members, products, features };
}

describe('choice counts', () => {
  test.each([1, 2, 3, 8, 9, 13])('the kernel gives the bits of the reference with %i members', (members) => {
    for (const scale of [1, 30, 3000]) {
      const problem = randomProblem(members, members, scale);
      const random = createRandom(members + 100);
      for (const divides of [() => true, () => false, (level: number) => level >= 2]) {
        const mark = pool.memory.mark();
        const store = new ChoiceStore(pool);
        const [own, others] = [choiceCounts(store, problem, divides), reference.choiceCounts(problem, divides)];
        expect(own.takenOfAll).toEqual(others.takenOfAll);
        expect(own.taken).toEqual(others.taken);
        for (let round = 0; round < 4; round++) {
          const weights = Float64Array.from({ length: members }, () => (random.next() < 0.4 ? 0 : random.next()));
          const effects = Float64Array.from({ length: own.taken.length }, () => (random.next() - 0.5) * scale);
          expect(expectedCounts(own, weights, effects)).toEqual(reference.countsOf(others, weights, effects));
          const expected = reference.curvatureOf(others, weights);
          const size = Math.max(...expected.map(Math.abs));
          for (const [at, value] of curvatureOf(own, weights).entries())
            expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(1e-12 * size);
        }
        pool.memory.release(mark);
      }
    }
  });

  test('the curvature is that of the log-likelihood, by differences of its gradient', () => {
    const [members, step] = [3, 1e-5];
    const problem = { ...randomProblem(7, members, 1), features: [] };
    const mark = pool.memory.mark();
    const choices = choiceCounts(new ChoiceStore(pool), problem, () => false);
    const weights = Float64Array.of(0.4, 0.2, 0.9);
    const gradient = (k: number, by: number) => {
      const moved = weights.map((weight, m) => (m === k ? weight + by : weight));
      return expectedCounts(choices, moved, new Float64Array()).ofMembers;
    };
    const curvature = curvatureOf(choices, weights);
    for (let k = 0; k < members; k++) {
      const [ahead, behind] = [gradient(k, step), gradient(k, -step)];
      for (let m = 0; m < members; m++) expect(curvature[m * members + k]).toBeCloseTo((ahead[m]! - behind[m]!) / (2 * step), 4);
    }
    pool.memory.release(mark);
  });

  test('exponential and logarithm of the kernels have the bits of numbers/elementary, for all numbers', () => {
    // one set of two candidates: the log-likelihood of choosing the second is -log(exp(u - most) + exp(0)) + ...
    const one = (score: number) => {
      const sets = [{ products: Uint32Array.of(0, 1), scores: Float64Array.of(score, 0) }];
      const cells = [{ set: 0, levels: [], taken: Float64Array.of(0, 1) }];
      const mark = pool.memory.mark();
      const problem = { windows: [{ sets, cells }], members: 1, products: 2, features: [] };
      const { logLikelihood } = expectedCounts(
        choiceCounts(new ChoiceStore(pool), problem, () => false),
        Float64Array.of(1),
        new Float64Array(),
      );
      pool.memory.release(mark);
      return logLikelihood;
    };
    const random = createRandom(5);
    const few = [0, -0, 0.5 * Math.LN2, -0.5 * Math.LN2, -1.5 * Math.LN2, -745, -745.2, -1e5, -1e-300, 700, 1e6];
    for (const score of [...few, ...Array.from({ length: 3000 }, () => (random.next() - 0.7) * 900 * random.next() ** 3)]) {
      const most = Math.max(score, 0);
      expect(one(score)).toBe(1 * (0 - most + 0 - log(exp(score - most) + exp(0 - most))));
    }
  });
});
