import { exp, log } from '@basketwise/core';
import { publishedCount, publishedMiddle, publishedValue, smallestPublished } from '@basketwise/data/base';
import { normalP, z95 } from '@basketwise/recommend';
import { discoveries } from './calibration-verdict.ts';
import { type CampaignTally, type TalliedGroup, windowName } from './campaign-tally.ts';
import { isProtectedName } from './customer-groups.ts';
import { type Moments, meanOf, squaredError } from './moments.ts';
import { mostSuppressed, shownRange } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

/**
 * Least number of test customers for which a slice's NDCG is tested. Also the least number of purchases, actual or expected, for which its
 * calibration is tested.
 */
const leastCustomers = 100;
const leastPurchases = 20;
/**
 * A slice can be weak only if its NDCG is below this share of the NDCG of all other customers.
 * By calibration it can be weak only if its ratio is further from 1 than that of all other customers, by this factor.
 */
const weakShare = 0.8;

/** Test of a slice: a group of customers compared with all other customers of the campaign. */
export interface SliceTest {
  campaign: string;
  slice: string;
  measure: 'NDCG' | 'calibration';
  customers: number;
  value: number;
  others: number;
  /** Two-sided p-value. */
  p: number;
  /** Standard error of the difference (NDCG), or of the logarithm of the quotient of both ratios (calibration). */
  error: number;
  /** The same if the group is as good as all others. */
  equalError: number;
  /** Whether the slice is worse than all other customers by a fifth (see weakShare). */
  isWeak: boolean;
}

/** Two-sided p-value for equal means of two groups: Welch's statistic, with the normal distribution because both groups are large. */
function compareMeans(own: Moments, others: Moments): Pick<SliceTest, 'p' | 'error' | 'equalError'> {
  const error = Math.sqrt(squaredError(own) + squaredError(others));
  const difference = meanOf(own) - meanOf(others);
  return { p: error === 0 ? Number(difference === 0) : normalP(difference / error), error, equalError: error };
}

type Purchases = Pick<TalliedGroup, 'bought' | 'expected'>;

/**
 * Two-sided p-value for equal ratios of purchases to expected purchases in two groups. Likelihood ratio test of two Poisson numbers:
 *   2 sum over the two groups of n ln(n / m)
 * n: purchases of the group (0 is allowed); m: purchases of both groups x the group's share of the expected purchases.
 */
function compareRatios(own: Purchases, others: Purchases): number {
  const common = (own.bought + others.bought) / (own.expected + others.expected);
  const part = ({ bought, expected }: Purchases) => (bought === 0 ? 0 : bought * log(bought / (common * expected)));
  return normalP(Math.sqrt(Math.max(0, 2 * (part(own) + part(others)))));
}

const isEnough = ({ bought, expected }: Purchases) => expected > 0 && Math.max(bought, expected) >= leastPurchases;

/** Tests of NDCG; null for each group that is too small. */
function qualityTests(campaign: string, { tested: all, testedBy }: CampaignTally): (SliceTest | null)[] {
  return [...testedBy].flatMap(([by, groups]) => {
    // The groups of dimension `history` are also groups of `products held`. Protected columns are not tested.
    if (by === 'history' || by === windowName || isProtectedName(by)) return [];
    return [...groups].map(([label, own]): SliceTest | null => {
      const others = { n: all.n - own.n, sum: all.sum - own.sum, squares: all.squares - own.squares };
      if (own.n < leastCustomers || others.n < leastCustomers) return null;
      const values = { value: meanOf(own), others: meanOf(others) };
      const judged = { ...compareMeans(own, others), isWeak: isBelow(values) };
      return { campaign, slice: sliceName(by, label), measure: 'NDCG', customers: own.n, ...values, ...judged };
    });
  });
}

const ratioOf = ({ bought, expected }: Purchases) => bought / expected;

/** Least and greatest numbers of purchases and of expected purchases that the shown (rounded) numbers stand for. */
interface Range {
  least: Purchases;
  most: Purchases;
}

function rangeOf({ bought, expected }: Purchases): Range {
  const [of, to] = [shownRange(bought), shownRange(expected)];
  // Expected purchases are not whole numbers, so their range extends to the next whole number.
  return { least: { bought: of[0], expected: to[0] }, most: { bought: of[1], expected: to[1] + 1 } };
}

/**
 * Numbers of a group and of all others, within the ranges of the shown numbers, for which their two ratios differ least.
 * A difference that rounding alone could have caused is therefore not reported. Null if the two ratios may be equal.
 */
function nearestPair(all: Range, own: Range, isHigh: boolean): Record<'own' | 'others', Purchases> | null {
  const [group, bought, expected] = isHigh
    ? [{ bought: own.least.bought, expected: own.most.expected }, all.most.bought, all.least.expected]
    : [{ bought: own.most.bought, expected: own.least.expected }, all.least.bought, all.most.expected];
  const others = { bought: Math.max(0, bought - group.bought), expected: expected - group.expected };
  const isApart = others.expected > 0 && (isHigh ? ratioOf(group) > ratioOf(others) : ratioOf(group) < ratioOf(others));
  return isApart ? { own: group, others } : null;
}

/** p-value of a group's calibration against all others, and whether the group is weak for all numbers that the shown numbers stand for. */
function judgeCalibration(all: Purchases, group: Purchases, isHigh: boolean): Pick<SliceTest, 'p' | 'isWeak'> {
  const pair = nearestPair(rangeOf(all), rangeOf(group), isHigh);
  if (pair === null) return { p: 1, isWeak: false };
  return {
    p: compareRatios(pair.own, pair.others),
    isWeak: isFurther({ value: ratioOf(pair.own), others: ratioOf(pair.others) }),
  };
}

/** Tests of calibration; null for each group that is too small. */
function calibrationTests(campaign: string, groups: CampaignTally['groups']): (SliceTest | null)[] {
  return [...groups].flatMap(([by, ofLabels]) => {
    if (by === windowName || isProtectedName(by)) return [];
    const sum = (of: keyof Purchases) => [...ofLabels.values()].reduce((total, group) => total + group[of], 0);
    const all = { bought: sum('bought'), expected: sum('expected') };
    return [...ofLabels].map(([label, { customers, most = customers, ...group }]): SliceTest | null => {
      // Uses shown numbers, because the ratios and the p-value of exact numbers would reveal those numbers.
      const [own, total] = [group, all].map(shownPurchases);
      const others = { bought: Math.max(0, total!.bought - own!.bought), expected: total!.expected - own!.expected };
      if (most < smallestPublished || !isEnough(own!) || !isEnough(others)) return null;
      const values = { value: ratioOf(own!), others: ratioOf(others) };
      const judged = judgeCalibration(all, group, values.value > values.others);
      const errorOf = (of: keyof Purchases) => Math.sqrt(1 / Math.max(1, own![of]) + 1 / Math.max(1, others[of]));
      const errors = { error: errorOf('bought'), equalError: errorOf('expected') };
      return { campaign, slice: sliceName(by, label), measure: 'calibration', customers, ...values, ...judged, ...errors };
    });
  });
}

/** Middles of the published tens. Suppressed purchases count as 9, and a suppressed expectation as 10, as in all ratios of a pack. */
function shownPurchases(group: Purchases): Purchases {
  const [bought, expected] = [publishedCount(group.bought), publishedCount(group.expected)];
  return {
    bought: bought === null ? mostSuppressed : publishedMiddle(bought),
    expected: expected === null ? smallestPublished : publishedMiddle(expected),
  };
}

/** Name of a slice, such as `feature age 30 to 40`. A slice by two dimensions has both names and labels. */
function sliceName(by: string, label: string): string {
  return `${by}: ${label}`;
}

function allTests(campaign: string, tally: CampaignTally): (SliceTest | null)[] {
  return [
    ...qualityTests(campaign, tally),
    ...calibrationTests(campaign, tally.groups),
    ...calibrationTests(campaign, tally.pairs),
  ];
}

/** Tests of all groups of a campaign, each against all other customers. */
export function sliceTests(campaign: string, tally: CampaignTally): SliceTest[] {
  return allTests(campaign, tally).filter((test) => test !== null);
}

/** Number of groups that are too small for a test. */
export function untestedSlices(tally: CampaignTally): number {
  return allTests('', tally).filter((test) => test === null).length;
}

/** Factor by which a ratio differs from 1, upwards or downwards; at least 1. */
const factorOff = (ratio: number) => (ratio === 0 ? Number.POSITIVE_INFINITY : Math.max(ratio, 1 / ratio));

type Compared = Pick<SliceTest, 'value' | 'others'>;

/** Whether a slice's value is below .8 of the value of all other customers. */
const isBelow = ({ value, others }: Compared) => value < weakShare * others;

/** Whether a slice's ratio is further from 1 than the ratio of all other customers, by the factor of `weakShare`. */
function isFurther({ value, others }: Compared): boolean {
  const isOff = factorOff(value) > Math.max(factorOff(others), 1 / weakShare);
  return isOff && (isBelow({ value, others }) || value > others / weakShare);
}

/** Probability of finding a weakness of the size `seen`. */
const power = 0.8;

/** Value z of the standard normal distribution with the two-sided probability p, to 1e-9. */
function normalQuantile(p: number): number {
  let [low, high] = [0, 40];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalP(middle) > p) low = middle;
    else high = middle;
  }
  return low;
}

/** How much weaker a slice is than all others; smaller is weaker. NDCG: their quotient. Calibration: that of the distances from 1, as factors. */
function weakness({ measure, value, others }: SliceTest): number {
  return measure === 'NDCG' ? value / Math.max(others, 1e-9) : factorOff(others) / factorOff(value);
}

/** Difference (NDCG) or quotient (calibration) of a slice and all others: its 95 % interval, and the size that the tests find in 80 %. */
function sizes({ measure, value, others, error, equalError }: SliceTest, tests: number): Record<'low' | 'high' | 'seen', number> {
  // Of several tests, the first discovery needs the p-value 0.05 / tests. A weak slice also is a fifth worse in the estimate.
  const [discovered, missed] = [normalQuantile(0.05 / tests) * equalError, normalQuantile(2 * (1 - power)) * equalError];
  const half = z95 * error;
  if (measure === 'NDCG') {
    const seen = Math.max(discovered, (1 - weakShare) * others) + missed;
    return { low: value - others - half, high: value - others + half, seen };
  }
  const quotient = value / others;
  return { low: quotient * exp(-half), high: quotient * exp(half), seen: exp(Math.max(discovered, -log(weakShare)) + missed) };
}

/**
 * All tests of a bank, the weakest slice first, and the weak slices: discoveries that are worse by a fifth. Smallest p-value first. The false
 * discovery rate is 5 % among the tests of each measure.
 */
export function weakSlices(tests: readonly SliceTest[], untested = 0): ValidationFile['slices'] {
  const published = (['NDCG', 'calibration'] as const).flatMap((of) =>
    judgedSlices(tests.filter(({ measure }) => measure === of)),
  );
  const byName = (a: (typeof published)[number], b: typeof a) => (a.shown.slice < b.shown.slice ? -1 : 1);
  const weak = published.filter((one) => one.isWeak).sort((a, b) => a.exact - b.exact || byName(a, b));
  const compared = [...published].sort((a, b) => a.weakness - b.weakness || byName(a, b));
  return { tests: tests.length, untested, weak: weak.map(({ shown }) => shown), compared: compared.map(({ shown }) => shown) };
}

/** Published figures of the tests of one measure, and whether each slice is weak. */
function judgedSlices(tests: readonly SliceTest[]) {
  const found = discoveries(tests.map(({ p }) => p));
  return tests.map((test, i) => {
    const { campaign, slice, measure, customers, value, others, p, isWeak } = test;
    const { low, high, seen } = sizes(test, tests.length);
    return {
      ...{ weakness: weakness(test), exact: p, isWeak: found[i]! && isWeak },
      shown: {
        ...{
          campaign,
          slice,
          measure,
          customers: publishedCount(customers),
          value: publishedValue(value),
          others: publishedValue(others),
        },
        ...{ low: publishedValue(low), high: publishedValue(high), seen: publishedValue(seen), p: publishedValue(p) },
      },
    };
  });
}
