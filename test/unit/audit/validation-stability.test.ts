// Figures of a pack that need no earlier run: losses, agreement with the lists of the newest window, power of slice tests.
import { createRandom, required } from '@basketwise/core';
import { countRatio } from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { groupsBeyond } from '../../../packages/audit/src/validation/calibration-verdict.ts';
import { CampaignTally } from '../../../packages/audit/src/validation/campaign-tally.ts';
import { publishedExposure } from '../../../packages/audit/src/validation/exposure.ts';
import { jaccard, rankBiasedOverlap } from '../../../packages/audit/src/validation/list-agreement.ts';
import {
  publishedBrier,
  publishedCalibration,
  publishedGroup,
} from '../../../packages/audit/src/validation/published-calibration.ts';
import { addCases, publishedLosses } from '../../../packages/audit/src/validation/published-losses.ts';
import { shareOfMiddles } from '../../../packages/audit/src/validation/suppressed.ts';
import { boundsOf, triggersOf } from '../../../packages/audit/src/validation/triggers.ts';
import { furtherWindows } from '../../../packages/audit/src/validation/validate.ts';
import { sliceTests, untestedSlices, weakSlices } from '../../../packages/audit/src/validation/weak-slices.ts';
import { pairOf, purchasedName, weightedQuantiles } from '../../../packages/audit/src/validation/window-drift.ts';
import { cases } from '../../cases.ts';
import { poissonCount } from '../../reference/random-counts.ts';

type Figures = Parameters<typeof triggersOf>[0];
const none = {
  ...{ quality: [], drift: [], since: null, robustness: [], losses: [], exposure: [], calibration: [], products: {} },
  slices: { tests: 0, weak: [], compared: [] },
};
const figures = (more: object) => ({ ...none, ...more }) as unknown as Figures;
const resampling = { resamples: 200, seed: 1 };

test('tenths of weighted values are those of the values, each repeated', () => {
  const values = [
    [3, 10],
    [1, 40],
    [2, 50],
  ] as const;
  expect(weightedQuantiles(values)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2]);
  expect(weightedQuantiles([])).toEqual([]);
});

test('overlaps of two lists are those of which the agreement is computed', () => {
  const pair = pairOf(['a', 'b', 'c'], ['b', 'a']);
  expect(pair).toEqual({ customers: 1, overlaps: [0, 2, 2], entries: 5, isSameFirst: false });
  expect(jaccard(pair)).toBeCloseTo(2 / 3, 12);
  expect(rankBiasedOverlap(pairOf(['a', 'b'], ['a', 'b']))).toBeCloseTo(1, 12);
});

const window = (before: number[], after: number[]) =>
  new Map([['a lost product', { before, after, changed: before.length, otherFirst: 0 }]] as const);

test('a loss is the paired difference over all windows, and beyond its bound only with its whole interval', () => {
  const cases = addCases(
    addCases(undefined, window(Array(15).fill(0.8), Array(15).fill(0.5))),
    window(Array(15).fill(0.6), Array(15).fill(0.5)),
  );
  const losses = publishedLosses(new Map([['x', cases]]), resampling);
  expect(losses).toMatchObject([{ customers: 30, changed: 1, otherFirst: 0, ndcg: 0.7, lost: { mean: 0.2, level: false } }]);
  const { low } = losses[0]!.lost!;
  expect(low).toBeLessThan(0.2);
  const beyond = (limit: number) => triggersOf(figures({ losses }), { lost_ndcg: limit }).map(({ where }) => where);
  expect([beyond(0.1), beyond(0.19)]).toEqual([['x, a lost product'], []]);
  expect(
    publishedLosses(new Map([['x', addCases(undefined, window(Array(19).fill(1), Array(19).fill(0)))]]), resampling),
  ).toEqual([]);
});

test('the bound of the index judges customers since the newest window, and no purchases', () => {
  const variable = (name: string) => ({ variable: name, campaign: null, bins: 2, psi: 0.5, noise: 0.01, verdict: 'shifted' });
  const since = { at: '2022-01-31', variables: [variable('products held'), variable(purchasedName)], lists: [] };
  expect(triggersOf(figures({ since }), { psi: 0.25 }).map(({ where }) => where)).toEqual(['products held, against 2022-01-31']);
  expect(boundsOf(figures({ since }), { psi: 0.25 })).toMatchObject([{ figures: 1, beyond: 1 }]);
});

test('of the windows, the bound for calibration judges the newest', () => {
  const group = (label: string, bought: number) => ({
    label,
    bought,
    expected: 100,
    ratio: countRatio(bought, 100),
    least: 1,
    most: 3,
  });
  const calibration = [{ campaign: 'x', by: 'window', groups: [group('new', 100), group('old', 200)] }];
  expect(triggersOf(figures({ calibration }), { calibration: 1.5 })).toEqual([]);
  calibration[0]!.groups.reverse();
  expect(triggersOf(figures({ calibration }), { calibration: 1.5 }).map(({ where }) => where)).toEqual(['window old, x']);
});

test.each([1, 1.25, 0.8])(
  'of hundreds of small groups with a ratio of %d, chance and rounding put none beyond a bound of 1.25',
  (ratio) => {
    const { next } = createRandom(11);
    const packs = Array.from({ length: cases(200) }, () => {
      const groups = Array.from({ length: 180 }, (_, i) => {
        const expected = 10 + 50 * next();
        return publishedGroup(String(i), { pairs: 1000, bought: poissonCount(ratio * expected, next), expected }, 100);
      });
      return [{ campaign: 'x', by: 'product', groups, small: 0 }];
    });
    const alarmed = packs.filter((calibration) => groupsBeyond(calibration, 1.25).size > 0);
    // with ratios exactly at the bound, 5 % of the packs are expected to be beyond it; chance adds up to three standard errors
    const chance = ratio === 1 ? 0 : 3 * Math.sqrt(0.05 * 0.95 * packs.length);
    expect(alarmed.length).toBeLessThanOrEqual(0.05 * packs.length + chance);
    const wrong = publishedGroup('wrong', { pairs: 20_000, bought: 600, expected: 400 }, 20_000);
    const found = packs.filter(([all]) => groupsBeyond([{ ...all!, groups: [...all!.groups, wrong] }], 1.25).has(wrong));
    expect(found).toHaveLength(packs.length);
  },
);

/** Tally of a campaign whose test customers have a feature level, with NDCG as a random number around a mean by level. */
function tallied(means: Readonly<Record<string, number>>, each: number, seed: number): CampaignTally {
  const { next: random } = createRandom(seed);
  const tally = new CampaignTally();
  for (const [level, mean] of Object.entries(means)) {
    for (let i = 0; i < each; i++) {
      const one = { ndcg: Number(random() < mean), recall: Number(random() < mean) };
      tally.addCase(one);
      tally.addCase(one, 'feature x', level);
      tally.addCase(one, 'protected y', level);
    }
  }
  return tally;
}

test('all slice tests are listed, the weakest first, and a weakness of the size `seen` is found in about 80 %', () => {
  const { seen } = weakSlices(sliceTests('x', tallied({ a: 0.5, b: 0.5, c: 0.5 }, 400, 1))).compared[0]!;
  expect(seen).toBeGreaterThan(0.05);
  let found = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const tally = tallied({ a: 0.5 - seen, b: 0.5, c: 0.5 }, 400, seed);
    const { weak, compared } = weakSlices(sliceTests('x', tally));
    expect(compared).toHaveLength(3);
    expect(compared[0]!.value / compared[0]!.others).toBeLessThanOrEqual(compared[1]!.value / compared[1]!.others);
    found += Number(weak.some(({ slice }) => slice === 'feature x: a'));
  }
  expect(found).toBeGreaterThanOrEqual(65);
  expect(found).toBeLessThanOrEqual(95);
  expect([untestedSlices(tallied({ a: 0.5, b: 0.5 }, 20, 1))]).toEqual([2]);
});

test('the difference of recalls from the largest group has an interval; it and recalls are missing for few customers', () => {
  const groups = [
    { group: 'a', customers: 900, served: 500, probability: null },
    { group: 'b', customers: 300, served: 150, probability: null },
  ];
  const of = (tally: CampaignTally) => publishedExposure('y', 'x', groups, tally).groups.map(({ recallMinus }) => recallMinus);
  const [largest, other] = of(tallied({ a: 0.9, b: 0.4 }, 200, 3));
  expect(largest).toBeNull();
  expect(other).toMatchObject({ level: false });
  expect(other!.low).toBeLessThan(other!.mean);
  expect(other!.high).toBeLessThan(0);
  expect(of(tallied({ a: 0.9, b: 0.4 }, 15, 3))).toEqual([null, null]);
  // a recall with few customers with a hit, or without one, would reveal their number
  const recalls = (tally: CampaignTally) => publishedExposure('y', 'x', groups, tally).groups.map(({ recall }) => recall);
  expect(recalls(tallied({ a: 0.5, b: 0.1 }, 60, 3))).toEqual([expect.any(Number), null]);
  expect(recalls(tallied({ a: 0.5, b: 0.95 }, 60, 3))).toEqual([expect.any(Number), null]);
});

test('intervals of ratios and shares are of the numbers that published tens stand for', () => {
  // the interval covers that of the exact numbers
  for (let bought = 10; bought < 60; bought += 7)
    for (let expected = 10; expected < 60; expected += 3.3) {
      const { low, high } = publishedGroup('x', { pairs: 900, bought, expected }, 100).ratio!;
      const exact = countRatio(bought, expected)!;
      expect([bought, expected, low <= exact.low * 1.005, high >= exact.high * 0.995]).toEqual([bought, expected, true, true]);
    }
  expect([shareOfMiddles(0, 20), shareOfMiddles(20, 20), shareOfMiddles(null, 20)]).toEqual([0, 1, null]);
  expect(shareOfMiddles(10, 20)).toBeCloseTo(14.5 / 24.5, 5);
});

test('parts of the Brier score are known where tenths have few purchases, and windows are a dimension only if there are several', () => {
  const tally = new CampaignTally();
  for (let entry = 0; entry < 5000; entry++)
    tally.judge.add(entry < 4000 ? 0.001 : 0.04, 1, Number(entry % 25 === 0 && entry >= 4000));
  const { reliability, resolution, uncertainty, score } = publishedBrier('x', tally)!;
  expect([reliability, resolution, uncertainty].every((part) => part !== null)).toBe(true);
  expect((reliability! - resolution! + uncertainty!) / score).toBeCloseTo(1, 1);
  const group = () => ({ customers: 100, pairs: 500, bought: 20, expected: 20 });
  tally.groups.set('window', new Map([['new', group()]]));
  expect(publishedCalibration('x', tally).map(({ by }) => by)).toEqual(['all', 'tenth']);
  required(tally.groups, 'window').set('old', group());
  expect(publishedCalibration('x', tally).map(({ by }) => by)).toEqual(['all', 'tenth', 'window']);
});

test('further windows are tested where they have the history of the newest one, and not in large banks', () => {
  const evaluate = { window: { months: 6, days: 0 }, gap: null, windows: 1 };
  const further = (first: string | null, customerCount: number) =>
    furtherWindows(
      { config: { evaluate } } as unknown as Parameters<typeof furtherWindows>[0],
      {
        ...{ finished: { snapshot: { customerCount } }, asOf: '2022-07-31', first },
      } as unknown as Parameters<typeof furtherWindows>[1],
    );
  // the window before the last starts on 2021-07-31; its oldest learning window starts two years before
  expect([further('1991-06', 20_000), further('2019-06', 20_000), further('2019-08', 20_000)]).toEqual([3, 1, 0]);
  expect([further('1991-06', 200_000), further('1991-06', 1_000_000), further(null, 20_000)]).toEqual([1, 0, 0]);
});
