// The worst groups have the smallest numbers: suppressed ones raise alarms by their upper bounds.
import { expect, test } from 'vitest';
import { CampaignTally } from '../../../packages/insight/src/validation/campaign-tally.ts';
import { publishedExposure } from '../../../packages/insight/src/validation/exposure.ts';
import { momentsOf } from '../../../packages/insight/src/validation/moments.ts';
import { publishedCalibration } from '../../../packages/insight/src/validation/published-calibration.ts';
import { meanRatio } from '../../../packages/insight/src/validation/realised-quality.ts';
import { triggersOf } from '../../../packages/insight/src/validation/triggers.ts';
import { sliceTests, weakSlices } from '../../../packages/insight/src/validation/weak-slices.ts';

type Figures = Parameters<typeof triggersOf>[0];
const none = { quality: [], drift: [], robustness: [], exposure: [], calibration: [], slices: { tests: 0, weak: [] } };
const triggered = (more: Partial<Figures>, bounds: Parameters<typeof triggersOf>[1]) =>
  triggersOf({ ...none, ...more } as unknown as Figures, bounds).map(({ bound, where }) => `${bound}: ${where}`);

test.each([0, 5, 12])('a group of 2,000 with %i customers served is flagged, and beyond a bound', (served) => {
  const groups = [
    { group: 'a', customers: 9000, served: 5000, probability: null },
    { group: 'b', customers: 2000, served, probability: null },
  ];
  const exposure = [publishedExposure('sex', 'x', groups, undefined)];
  expect(exposure[0]!.groups.map(({ flagged }) => flagged)).toEqual([false, true]);
  expect(triggered({ exposure }, { exposure: 0.8 })).toEqual(['exposure: sex b, x']);
});

test('a group served as often is not flagged, nor one whose number is suppressed beside a small one', () => {
  const groups = [
    { group: 'a', customers: 9000, served: 5000, probability: null },
    { group: 'b', customers: 60, served: 30, probability: null },
    { group: 'c', customers: 12, served: 3, probability: null },
  ];
  expect(publishedExposure('sex', 'x', groups, undefined).groups.map(({ flagged }) => flagged)).toEqual([false, false, false]);
});

test.each([0, 3, 10])('a group with %i purchases of 400 expected is beyond a bound, and a weak slice', (bought) => {
  const tally = new CampaignTally();
  tally.groups.set(
    'feature x',
    new Map([
      ['low', { customers: 4000, pairs: 20_000, bought, expected: 400 }],
      ['high', { customers: 4000, pairs: 20_000, bought: 390, expected: 400 }],
    ]),
  );
  tally.judge.add(0.02, 40_000, 390 + bought);
  const calibration = publishedCalibration('x', tally);
  const slices = weakSlices(sliceTests('x', tally));
  expect(triggered({ calibration, slices }, { calibration: 3, weak_slices: 0 })).toEqual([
    'calibration: feature x low, x',
    'weak_slices: all campaigns',
  ]);
  expect(slices.weak.map(({ slice }) => slice)).toContain('feature x: low');
});

test('a difference that rounding may have made is no weak slice', () => {
  const tally = new CampaignTally();
  const group = (bought: number, expected: number) => ({ customers: 4000, pairs: 20_000, bought, expected });
  // both numbers of purchases have the same tens: their difference would be 0 of 24 expected, and is 9 at most
  tally.groups.set(
    'feature x',
    new Map([
      ['low', group(30, 40)],
      ['high', group(9, 24)],
    ]),
  );
  expect(weakSlices(sliceTests('x', tally)).weak).toEqual([]);
});

test('a slice with true probabilities is not weak beside others with wrong ones', () => {
  const tally = new CampaignTally();
  const group = (bought: number, expected: number) => ({ customers: 4000, pairs: 20_000, bought, expected });
  tally.groups.set(
    'feature x',
    new Map([
      ['low', group(1000, 1000)],
      ['high', group(900, 500)],
      ['top', group(500, 500)],
    ]),
  );
  expect(weakSlices(sliceTests('x', tally)).weak.map(({ slice }) => slice)).toEqual(['feature x: high']);
});

test('lists without any hit have a ratio of 0 with an upper bound', () => {
  const tested = momentsOf([
    [0.5, 500],
    [0.7, 500],
  ]);
  const ratio = meanRatio(momentsOf([[0, 100]]), tested)!;
  expect([ratio.value, ratio.low]).toEqual([0, 0]);
  expect(ratio.high).toBeGreaterThan(0.05);
  expect(ratio.high).toBeLessThan(0.07);
  expect(meanRatio(momentsOf([[0, 20]]), tested)!.high).toBeGreaterThan(0.2);
});
