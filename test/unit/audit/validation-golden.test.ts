// Against evidently, fairlearn, scikit-learn and scipy: test/golden/validation.py wrote the figures.
import { describe, expect, test } from 'vitest';
import { brierParts } from '../../../packages/audit/src/validation/brier-parts.ts';
import { discoveries } from '../../../packages/audit/src/validation/calibration-verdict.ts';
import { shareRatio } from '../../../packages/audit/src/validation/exposure.ts';
import { shiftBetween } from '../../../packages/clusters/src/profile/drift.ts';
import { ProbabilityJudge } from '../../../packages/insight/src/evaluation/judge-probabilities.ts';
import { normalP } from '../../../packages/recommend/src/evaluation/gamma.ts';
import { countInterval, countRatio } from '../../../packages/recommend/src/evaluation/intervals.ts';
import golden from '../../golden/validation.json' with { type: 'json' };

test.each(golden.psi)('the population stability index is that of evidently: $psi', ({ reference, now, psi }) => {
  expect(shiftBetween(reference, now)!.psi).toBeCloseTo(psi, 9);
});

test.each(golden.exposure)('rates and their ratio are those of fairlearn: $ratio', ({ sizes, served, rates, ratio }) => {
  const groups = sizes.map((customers, i) => ({ customers, served: served[i]! }));
  const ratios = groups.map((group) => shareRatio(group, groups[0]!)!.value);
  expect(Math.min(...ratios)).toBeCloseTo(ratio, 9);
  for (const [i, value] of ratios.entries()) expect(value).toBeCloseTo(rates[i]! / rates[0]!, 9);
});

describe('calibration', () => {
  const { predicted, bought, brier, observed, mean } = golden.calibration;
  test('the Brier score is that of scikit-learn, and the sum of its parts if each group has one probability', () => {
    const judge = new ProbabilityJudge();
    for (const [i, probability] of predicted.entries())
      if (probability > 0 && probability < 1) judge.add(probability, 1, bought[i]!);
    const none = predicted.filter((probability, i) => probability === 0 && bought[i] === 1).length;
    const pairs = predicted.filter((probability) => probability > 0 && probability < 1).length;
    expect((judge.quality()!.brier * pairs + none) / predicted.length).toBeCloseTo(brier, 9);
    const levels = new Map<number, { pairs: number; bought: number; expected: number }>();
    for (const [i, probability] of predicted.entries()) {
      const level = levels.get(probability) ?? { pairs: 0, bought: 0, expected: 0 };
      levels.set(probability, {
        ...{ pairs: level.pairs + 1, bought: level.bought + bought[i]!, expected: level.expected + probability },
      });
    }
    const { reliability, resolution } = brierParts([...levels.values()]);
    const rate = bought.reduce((sum, one) => sum + one, 0) / bought.length;
    expect(reliability - resolution + rate * (1 - rate)).toBeCloseTo(brier, 9);
  });
  test('bought over expected of each fifth is that of the calibration curve of scikit-learn', () => {
    const order = predicted
      .map((probability, i) => ({ probability, bought: bought[i]! }))
      .sort((a, b) => a.probability - b.probability);
    const edges = [0.2, 0.4, 0.6, 0.8].map((share) => {
      const at = share * (order.length - 1);
      const below = order[Math.floor(at)]!.probability;
      return below + (at - Math.floor(at)) * (order[Math.ceil(at)]!.probability - below);
    });
    const fifths = Array.from({ length: 5 }, (_, fifth) =>
      order.filter(({ probability }) => edges.filter((edge) => probability > edge).length === fifth),
    );
    for (const [i, fifth] of fifths.entries()) {
      const sum = (of: 'probability' | 'bought') => fifth.reduce((total, one) => total + one[of], 0);
      expect(countRatio(sum('bought'), sum('probability'))!.value).toBeCloseTo(observed[i]! / mean[i]!, 9);
    }
  });
  test.each(golden.poisson)('the interval of $n purchases is that of scipy', ({ n, low, high }) => {
    const found = countInterval(n);
    expect(found.low / Math.max(1, low)).toBeCloseTo(low / Math.max(1, low), 9);
    expect(found.high / high).toBeCloseTo(1, 9);
  });
});

test('discoveries are those of scipy, and so are p-values of the normal distribution', () => {
  const { p, adjusted } = golden.discoveries;
  for (const rate of [0.05, 0.2, 0.5]) expect(discoveries(p, rate)).toEqual(adjusted.map((value) => value <= rate));
  for (const { z, p: value } of golden.normal) expect(normalP(z)).toBeCloseTo(value, 9);
});
