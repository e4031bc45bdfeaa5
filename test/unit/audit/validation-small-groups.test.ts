// The worst groups have the smallest numbers: suppressed ones raise alarms by their upper bounds.
import type { CampaignTests } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { CampaignTally } from '../../../packages/audit/src/validation/campaign-tally.ts';
import { publishedExposure } from '../../../packages/audit/src/validation/exposure.ts';
import { momentsOf } from '../../../packages/audit/src/validation/moments.ts';
import { publishedCalibration } from '../../../packages/audit/src/validation/published-calibration.ts';
import { publishedQualities } from '../../../packages/audit/src/validation/published-quality.ts';
import { meanRatio } from '../../../packages/audit/src/validation/realised-quality.ts';
import { overdueReview, triggersOf } from '../../../packages/audit/src/validation/triggers.ts';
import { triggerSentence } from '../../../packages/audit/src/validation/validation-text.ts';
import { sliceTests, weakSlices } from '../../../packages/audit/src/validation/weak-slices.ts';

type Figures = Parameters<typeof triggersOf>[0];
const none = {
  quality: [],
  drift: [],
  since: null,
  robustness: [],
  losses: [],
  exposure: [],
  calibration: [],
  slices: { tests: 0, weak: [], compared: [] },
};
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

test('purchases far above an expectation of less than ten are beyond a bound', () => {
  const tally = new CampaignTally();
  const group = (bought: number, expected: number) => ({ customers: 4000, pairs: 20_000, bought, expected });
  tally.groups.set(
    'feature x',
    new Map([
      ['sold', group(300, 6)],
      ['never', group(40, 0)],
      ['few', group(8, 6)],
      ['none', group(0, 3)],
    ]),
  );
  tally.judge.add(0.01, 1000, 30);
  const calibration = publishedCalibration('x', tally);
  expect(triggered({ calibration }, { calibration: 3 })).toEqual([
    'calibration: feature x sold, x',
    'calibration: feature x never, x',
  ]);
  const bounds = calibration
    .find(({ by }) => by === 'feature x')!
    .groups.map(({ least, most }) => [least !== null, most !== null]);
  expect(bounds).toEqual([
    [true, false],
    [true, false],
    [false, false],
    [false, false],
  ]);
});

test('means of fewer than 20 customers, and recalls of a small number of hits, are not shown', () => {
  const recall = (buyers: number, hits: number) => {
    const tally = new CampaignTally();
    for (let i = 0; i < buyers; i++) tally.addCase({ ndcg: 0, recall: Number(i < hits) }, 'protected sex', 'a');
    const groups = [{ group: 'a', customers: 9000, served: 5000, probability: null }];
    return publishedExposure('sex', 'x', groups, tally).groups[0]!.recall;
  };
  expect([recall(11, 11), recall(19, 0), recall(40, 1), recall(40, 9)]).toEqual([null, null, null, null]);
  expect([recall(40, 0), recall(40, 10)]).toEqual([0, 0.25]);
  const tests = { models: new Map(), cases: [], unknown: 0 } as unknown as CampaignTests;
  const outcomes = Array.from({ length: 12 }, () => ({ ranks: [0], targets: 1 }));
  const cases = outcomes.map(() => ({ hasHistory: true }));
  const models = new Map([['model of the config', { name: 'model of the config', specs: [], outcomes, named: new Map() }]]);
  const few = { ...tests, cases, models } as unknown as CampaignTests;
  expect(
    publishedQualities([{ campaign: 'x', tested: 10, tests: few, notes: [] }], 5, { resamples: 0, seed: 1 }, [])[0]!.ndcg,
  ).toBeNull();
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

test('a group whose own numbers are rounded to a larger ratio is no weak slice', () => {
  for (const [bought, expected] of [
    [90, 18],
    [99, 19.8],
    [41, 8.2],
  ] as const) {
    const tally = new CampaignTally();
    tally.groups.set(
      'feature x',
      new Map([
        ['low', { customers: 4000, pairs: 20_000, bought, expected }],
        ['high', { customers: 4000, pairs: 20_000, bought: 5000, expected: 1000 }],
      ]),
    );
    expect(weakSlices(sliceTests('x', tally)).weak).toEqual([]);
  }
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

test('the day of the next review is over for runs of later reference dates', () => {
  const overdue = (nextReview: string | null, referenceDate: string) =>
    overdueReview({ nextReview, referenceDate, run: 'r' } as Parameters<typeof overdueReview>[0]).map(triggerSentence);
  expect(overdue('2026-09-30', '2026-10-01')).toEqual(['validation.next_review was 2026-09-30, and run r is as of 2026-10-01.']);
  expect([overdue('2026-09-30', '2026-09-30'), overdue(null, '2026-10-01')]).toEqual([[], []]);
});

test('a group is published by its customers of one window, not by their sum over windows', () => {
  const tally = new CampaignTally();
  tally.judge.add(0.5, 100, 50);
  const group = (most: number) => ({ customers: 4 * most, most, pairs: 4 * most, bought: 0, expected: 0 });
  tally.groups.set(
    'protected city',
    new Map([
      ['tiny', group(6)],
      ['large', group(60)],
      ['larger', group(70)],
    ]),
  );
  const found = publishedCalibration('x', tally).find(({ by }) => by === 'protected city')!;
  expect(found.groups.map(({ label }) => label)).not.toContain('tiny');
});
