// Figures of a pack come from published numbers: banks that differ below the rounding have the same pack.
import { required } from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { CampaignTally } from '../../../packages/audit/src/validation/campaign-tally.ts';
import { publishedExposure } from '../../../packages/audit/src/validation/exposure.ts';
import { publishedBrier, publishedCalibration } from '../../../packages/audit/src/validation/published-calibration.ts';
import { addCases, publishedLosses } from '../../../packages/audit/src/validation/published-losses.ts';
import { sliceTests, weakSlices } from '../../../packages/audit/src/validation/weak-slices.ts';

/** A campaign of 1,000 entries with a probability of 5 %, and the number of purchases. */
function talliedCampaign(bought: number): CampaignTally {
  const tally = new CampaignTally();
  for (const [label, purchases] of [
    ['a', bought],
    ['b', 30],
  ] as const) {
    const group = { customers: 500, pairs: 500, bought: purchases, expected: 25 };
    tally.groups.set('feature x', (tally.groups.get('feature x') ?? new Map()).set(label, group));
    for (let entry = 0; entry < 500; entry++) tally.judge.add(0.05, 1, Number(entry < purchases));
  }
  return tally;
}

describe('exact numbers cannot be read off', () => {
  test('ratios and intervals of purchases, and parts of the Brier score', () => {
    const [one, other] = [talliedCampaign(11), talliedCampaign(18)];
    expect(publishedCalibration('x', one)).toEqual(publishedCalibration('x', other));
    const partsOf = (tally: CampaignTally) => ({ ...publishedBrier('x', tally), score: null });
    expect(partsOf(one)).toEqual(partsOf(other));
    expect(Object.values(partsOf(one)).filter((part) => part === null)).toHaveLength(1); // the score, which the parts leave out
  });

  test('a group of a few customers stays hidden over several windows', () => {
    const tally = talliedCampaign(20);
    const group = (customers: number, most: number) => ({ customers, most, pairs: 100, bought: 30, expected: 25 });
    tally.groups.set(
      'protected city',
      new Map([
        ['tiny', group(24, 6)],
        ['large', group(400, 100)],
        ['middle', group(200, 50)],
      ]),
    );
    tally.groups.set('feature y', required(tally.groups, 'protected city'));
    const { groups, small } = publishedCalibration('x', tally).find(({ by }) => by === 'protected city')!;
    expect([groups.map(({ label }) => label).includes('tiny'), small > 0]).toEqual([false, true]);
    expect(sliceTests('x', tally).map(({ slice }) => slice)).not.toContain('feature y: tiny');
  });

  test('slices that were compared, with their intervals and p-values', () => {
    const slices = (bought: number) => {
      const tally = talliedCampaign(bought);
      const { compared } = weakSlices(sliceTests('x', tally));
      expect(compared.map(({ slice }) => slice).sort()).toEqual(['feature x: a', 'feature x: b']);
      return compared;
    };
    expect(slices(11)).toEqual(slices(18));
    // an expectation of 1 to 9 counts as 10, as the page says
    const tally = talliedCampaign(30);
    required(required(tally.groups, 'feature x'), 'a').expected = 6;
    const { value } = sliceTests('x', tally).find(({ slice }) => slice === 'feature x: a')!;
    expect(value).toBe(34.5 / 10);
  });

  test('shares of lists that change, and the number of test customers by window', () => {
    const losses = (changed: number) => {
      const values = Array(40).fill(0.5);
      const cases = new Map([['no features', { before: values, after: values, changed, otherFirst: changed }]] as const);
      return publishedLosses(new Map([['x', addCases(undefined, cases)]]), { resamples: 100, seed: 1 });
    };
    expect(losses(11)).toEqual(losses(18));
    expect(losses(3)).toEqual(losses(8));
    expect(losses(3)[0]!.changed).toBeNull();
  });

  test('ratios of protected groups', () => {
    const exposure = (customers: number, served: number) =>
      publishedExposure(
        'sex',
        'x',
        [
          { group: 'a', customers: 1000, served: 500, probability: 0.1 },
          { group: 'b', customers, served, probability: 0.1 },
        ],
        undefined,
      );
    expect(exposure(105, 41)).toEqual(exposure(101, 48));
    // a suppressed number of the largest group hides the ratios of all others
    const few = (served: number) => [
      { group: 'a', customers: 1000, served, probability: null },
      { group: 'b', customers: 500, served: 50, probability: null },
    ];
    expect(publishedExposure('sex', 'x', few(3), undefined)).toEqual(publishedExposure('sex', 'x', few(8), undefined));
  });
});
