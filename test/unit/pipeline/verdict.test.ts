import { verdictOf, verdictsText, verdictText, verdictWarnings } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { decisionText } from '../../../packages/pipeline/src/report/sections-campaign.ts';

const window = { at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' };
const options = { window, windows: 1, clustered: false, resamples: 500, seed: 1 };
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
  expect(verdictText(better)).toMatch(/^better: NDCG@5 0.050 higher than popularity of 1 month \(95 %: 0.0\d\d to 0.0\d\d\)$/);
  expect(verdictWarnings('up', better)).toEqual([]);
  const worse = of(best.map((value) => value - 0.1))!;
  expect(worse.verdict).toBe('worse');
  expect(verdictWarnings('up', worse)).toEqual([
    expect.stringMatching(
      /^campaigns.up: worse than popularity of 1 month by 0.100 NDCG@5 .*: set model: { kind: popularity, of: recent, within: 1 } until /,
    ),
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
  expect(verdictText(ahead)).toMatch(/^not known, as clusters use columns of today: NDCG@5 0.100 higher than /);
  expect(
    of(
      best.map((value) => value - 0.1),
      clustered,
    )!.verdict,
  ).toBe('worse');
  const few = others.map(({ name, values }) => ({ name, values: values.subarray(0, 19) }));
  expect(verdictOf(best.subarray(0, 19), few, options)).toBeNull();
  expect(verdictText(null)).toBe('not known: no test with enough customers');
  // Without intervals asked for, a verdict has one all the same.
  expect(Number.isFinite(of(best, { resamples: 0 })!.gap.low)).toBe(true);
});

test('the text of a verdict gives the direction of the difference and of both ends', () => {
  const gap = (mean: number, low: number, high: number, level = false) => ({ mean, low, high, level }) as never;
  expect(verdictText({ verdict: 'worse', against: 'popularity', gap: gap(-0.1, -0.12, -0.08) })).toBe(
    'worse: NDCG@5 0.100 lower than popularity (95 %: 0.080 to 0.120)',
  );
  expect(verdictText({ verdict: 'level', against: 'popularity', gap: gap(-0.01, -0.04, 0.02, true) })).toBe(
    'level: NDCG@5 0.010 lower than popularity (95 %: 0.040 lower to 0.020 higher)',
  );
  expect(verdictText({ verdict: 'level', against: 'popularity', gap: gap(0, 0, 0, true) })).toBe(
    'level: the same lists as popularity',
  );
});

test('every campaign counts once in the sentence of a run, tested or not', () => {
  const of = (...verdicts: ('better' | 'level' | 'worse' | 'unknown' | null)[]) =>
    verdictsText(verdicts.map((verdict) => ({ verdict: verdict && { verdict } })));
  expect(of('better', null, 'better', null, null)).toBe('Of 5 campaigns: 2 better than best sellers, 3 not known.');
  expect(of('unknown', 'worse', 'level')).toBe('Of 3 campaigns: 0 better than best sellers, 1 level, 1 worse, 1 not known.');
  expect(of(null, null)).toBe('No campaign was tested against best sellers.');
});

const decision = { challenger: 'blend', replaces: true, folds: 3, tested: 120, difference: 0.0123, standardError: 0.004 };

test.each([
  [
    'a model that is ahead',
    decision,
    'Decided by 3 folds (120 customers): blend has NDCG@5 0.0123 higher than next-purchase (standard error 0.0040). Chosen: blend.',
  ],
  [
    'a model that is behind',
    { ...decision, difference: -0.01, replaces: false, folds: 1, tested: null },
    'Decided by 1 fold (fewer than 10 customers): blend has NDCG@5 0.0100 lower than next-purchase (standard error 0.0040). Chosen: next-purchase.',
  ],
  [
    'models with the same lists',
    { ...decision, difference: 0, standardError: 0, replaces: false },
    'Decided by 3 folds (120 customers): blend has the same NDCG@5 as next-purchase (standard error 0.0000). Chosen: next-purchase.',
  ],
])('the report compares the two models, and names the chosen one: %s', (_, one, text) => {
  expect(decisionText(one, 'fold')).toBe(text);
});
