import { tuningSummary } from '@basketwise/insight';
import { expect, test } from 'vitest';

const window = { at: '2022-05-31', from: '2022-06-30', to: '2022-07-31' };
const gap = (mean: number) => ({ mean, low: mean - 0.01, high: mean + 0.01, level: Math.abs(mean) < 0.01 });

function summary(current: number | null, minusCurrent: number | null, minusPopularity: number): string {
  return tuningSummary({
    ...{ version: 3, window, outer: window, metric: 'ndcg@5' },
    campaigns: [
      {
        ...{ campaign: '예금 교차', tested: 100, current },
        trials: [{ parameters: { kind: 'als', factors: 8 }, share: 1, score: 0.5 }],
        evidence: {
          ...{ tested: 100, chosen: 0.5, current, popularity: 0.3, minusPopularity: gap(minusPopularity) },
          minusCurrent: minusCurrent === null ? null : gap(minusCurrent),
        },
      },
    ],
  } as unknown as Parameters<typeof tuningSummary>[0]);
}

test.each([
  ['better than both', 0.4, 0.1, 0.2, 'Take it from tune.yaml'],
  ['worse than popularity', 0.4, 0.1, -0.2, 'Do not take it'],
  ['behind on the inner split', 0.6, 0.1, 0.2, "Keep the config's model: on the inner split"],
  ['behind outside of it', 0.4, -0.1, 0.2, "Keep the config's model: outside the split"],
  ['beside a model that is chosen in each run', null, null, 0.2, 'chosen in each run'],
] as const)('the sentence on what was chosen, %s', (_, current, minusCurrent, minusPopularity, advice) => {
  const text = summary(current, minusCurrent, minusPopularity);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(advice);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
