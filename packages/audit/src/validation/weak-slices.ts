import { log } from '@basketwise/core/parts';
import { publishedCount, publishedValue } from '@basketwise/data/published';
import { normalP } from '@basketwise/recommend';
import type { CampaignTally, TalliedGroup } from './campaign-tally.ts';
import { isProtectedName } from './customer-groups.ts';
import { discoveries } from './false-discoveries.ts';
import { type Moments, meanOf, squaredError } from './moments.ts';
import { shownNumber, shownRange } from './suppressed.ts';
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
  /** Whether the slice is worse than all other customers by a fifth (see weakShare). */
  isWeak: boolean;
}

/** Two-sided p-value for equal means of two groups: Welch's statistic, with the normal distribution because both groups are large. */
function compareMeans(own: Moments, others: Moments): number {
  const error = squaredError(own) + squaredError(others);
  return error === 0 ? Number(meanOf(own) === meanOf(others)) : normalP((meanOf(own) - meanOf(others)) / Math.sqrt(error));
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

function qualityTests(campaign: string, { tested: all, testedBy }: CampaignTally): SliceTest[] {
  return [...testedBy].flatMap(([by, groups]) => {
    // The groups of dimension `history` are also groups of `products held`. Protected columns are not tested.
    if (by === 'history' || isProtectedName(by)) return [];
    return [...groups].flatMap(([label, own]): SliceTest[] => {
      const others = { n: all.n - own.n, sum: all.sum - own.sum, squares: all.squares - own.squares };
      if (own.n < leastCustomers || others.n < leastCustomers) return [];
      const values = { value: meanOf(own), others: meanOf(others) };
      const judged = { p: compareMeans(own, others), isWeak: isBelow(values) };
      return [{ campaign, slice: sliceName(by, label), measure: 'NDCG', customers: own.n, ...values, ...judged }];
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

function calibrationTests(campaign: string, groups: CampaignTally['groups']): SliceTest[] {
  return [...groups].flatMap(([by, ofLabels]) => {
    if (isProtectedName(by)) return [];
    const sum = (of: keyof Purchases) => [...ofLabels.values()].reduce((total, group) => total + group[of], 0);
    const all = { bought: sum('bought'), expected: sum('expected') };
    return [...ofLabels].flatMap(([label, { customers, ...group }]): SliceTest[] => {
      // Uses shown numbers, because the ratios and the p-value of exact numbers would reveal those numbers.
      const [own, total] = [group, all].map(shownPurchases);
      const others = { bought: Math.max(0, total!.bought - own!.bought), expected: total!.expected - own!.expected };
      if (!isEnough(own!) || !isEnough(others)) return [];
      const values = { value: ratioOf(own!), others: ratioOf(others) };
      const judged = judgeCalibration(all, group, values.value > values.others);
      return [{ campaign, slice: sliceName(by, label), measure: 'calibration', customers, ...values, ...judged }];
    });
  });
}

function shownPurchases({ bought, expected }: Purchases): Purchases {
  return { bought: shownNumber(bought), expected: shownNumber(expected) };
}

/** Name of a slice, such as `feature age 30 to 40`. A slice by two dimensions has both names and labels. */
function sliceName(by: string, label: string): string {
  return `${by}: ${label}`;
}

/** Tests of all groups of a campaign, each against all other customers. */
export function sliceTests(campaign: string, tally: CampaignTally): SliceTest[] {
  return [
    ...qualityTests(campaign, tally),
    ...calibrationTests(campaign, tally.groups),
    ...calibrationTests(campaign, tally.pairs),
  ];
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

/** Weak slices among all tests of a bank: discoveries at a false discovery rate of 5 % that are worse by a fifth. Smallest p-value first. */
export function weakSlices(tests: readonly SliceTest[]): ValidationFile['slices'] {
  const found = discoveries(tests.map(({ p }) => p));
  const weak = tests.filter(({ isWeak }, i) => found[i] && isWeak).sort((a, b) => a.p - b.p || (a.slice < b.slice ? -1 : 1));
  return {
    tests: tests.length,
    weak: weak.map(({ customers, value, others, p, isWeak: _, ...slice }) => ({
      ...slice,
      ...{
        customers: publishedCount(customers),
        value: publishedValue(value),
        others: publishedValue(others),
        p: publishedValue(p),
      },
    })),
  };
}
