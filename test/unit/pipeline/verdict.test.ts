import { verdictOf, verdictText, verdictWarnings } from '@basketwise/recommend';
import { expect, test } from 'vitest';

const window = { at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' };
const options = { window, clustered: false, resamples: 500, seed: 1 };
const best = Float64Array.from({ length: 60 }, (_, i) => 0.3 + (i % 4) / 10);
const others = [
  { name: 'popularity', values: best.map((value) => value - 0.05) },
  { name: 'popularity of 1 month', values: best },
];
const of = (own: Float64Array, more = {}) => verdictOf(own, others, { ...options, ...more });

test('lists are held against the best of the best sellers, and are better or worse only where the paired interval says so', () => {
  const better = of(best.map((value, i) => value + (i % 2) / 10))!;
  expect([better.verdict, better.against, better.tested]).toEqual(['better', 'popularity of 1 month', 60]);
  expect(better.gap.mean).toBeCloseTo(0.05, 12);
  expect(verdictText(better)).toMatch(/^better than popularity of 1 month: 0.050 NDCG@5 \(95 %: 0.0\d\d to 0.0\d\d\)$/);
  expect(verdictWarnings('up', better)).toEqual([]);
  const worse = of(best.map((value) => value - 0.1))!;
  expect(worse.verdict).toBe('worse');
  expect(verdictWarnings('up', worse)).toEqual([
    expect.stringContaining('campaigns.up: behind popularity of 1 month by 0.100 NDCG@5 (trained as of 2022-06-30, tested'),
  ]);
  expect(of(best.map((value, i) => value + (i % 2 ? 0.1 : -0.1)))!.verdict).toBe('level');
});

test('clusters of columns of today never make lists better, but may make them worse; and no few customers say anything', () => {
  const clustered = { clustered: true };
  const ahead = of(
    best.map((value) => value + 0.1),
    clustered,
  )!;
  expect(ahead.verdict).toBe('unknown');
  expect(verdictText(ahead)).toContain('cannot be told');
  expect(
    of(
      best.map((value) => value - 0.1),
      clustered,
    )!.verdict,
  ).toBe('worse');
  const few = others.map(({ name, values }) => ({ name, values: values.subarray(0, 19) }));
  expect(verdictOf(best.subarray(0, 19), few, options)).toBeNull();
  expect(verdictText(null)).toBe('too few test customers for a verdict');
  // Without intervals asked for, a verdict has one all the same.
  expect(Number.isFinite(of(best, { resamples: 0 })!.gap.low)).toBe(true);
});
