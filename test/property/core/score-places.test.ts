import { ScorePlacer } from '@basketwise/recommend';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Scores from a narrow and a wide range, many of them alike or almost. */
const score = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }),
  fc.constantFrom(0.5, 0.5 + 1e-7, 0.5 - 1e-7, 0.5 + 1e-5),
);
const met = fc.array(fc.record({ score, met: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 60 });

test('a place is the log odds of the share of scores below, and of half of those that differ by rounding alone', () => {
  fc.assert(
    fc.property(met, fc.array(score, { maxLength: 20 }), (some, others) => {
      const sorted = some.toSorted((a, b) => a.score - b.score);
      const below = new Float64Array(sorted.length + 1);
      for (const [i, one] of sorted.entries()) below[i + 1] = below[i]! + one.met;
      const placer = new ScorePlacer({ scores: Float64Array.from(sorted, (one) => one.score), below });
      for (const asked of [...others, ...sorted.map((one) => one.score)]) {
        const off = 2e-6 * Math.max(1, Math.abs(asked));
        const sum = (isIn: (score: number) => boolean) =>
          sorted.reduce((all, { score, met }) => all + (isIn(score) ? met : 0), 0);
        const share = (sum((one) => one < asked - off) + sum((one) => one <= asked + off)) / 2 / sum(() => true);
        expect(placer.placeOf(asked)).toBeCloseTo(Math.log((share + 0.01) / (1.01 - share)), 12);
      }
    }),
  );
});

test('without scores every place is the middle', () => {
  expect(new ScorePlacer({ scores: new Float64Array(), below: new Float64Array(1) }).placeOf(3)).toBe(0);
});
