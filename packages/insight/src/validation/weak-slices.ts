import { log } from '@basketwise/core/parts';
import { publishedCount, publishedValue } from '@basketwise/data/published';
import { normalP } from '@basketwise/recommend';
import type { CampaignTally, TalliedGroup } from './campaign-tally.ts';
import { isProtectedName } from './customer-groups.ts';
import { discoveries } from './false-discoveries.ts';
import { type Moments, meanOf, squaredError } from './moments.ts';
import { mostSuppressed, shownNumber } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

/** Fewest test customers of a slice for its NDCG, and fewest purchases, found or expected, for its calibration. */
const leastCustomers = 100;
const leastPurchases = 20;
/** A slice is weak only if its NDCG is below this share of that of all others, or its calibration beyond this factor. */
const weakShare = 0.8;

/** A group of customers compared with all others of the campaign. */
export interface SliceTest {
  campaign: string;
  slice: string;
  measure: 'NDCG' | 'calibration';
  customers: number;
  value: number;
  others: number;
  /** Two-sided. */
  p: number;
}

/** Means of two groups compared by Welch's statistic, normal as both are large. */
function compareMeans(own: Moments, others: Moments): number {
  const error = squaredError(own) + squaredError(others);
  return error === 0 ? Number(meanOf(own) === meanOf(others)) : normalP((meanOf(own) - meanOf(others)) / Math.sqrt(error));
}

type Purchases = Pick<TalliedGroup, 'bought' | 'expected'>;

/**
 * Ratios of purchases to their expectation compared by the likelihood ratio of two Poisson numbers, also without purchases:
 * 2 sum n ln(n / m), m the purchases of both in the proportion of their expectations.
 */
function compareRatios(own: Purchases, others: Purchases): number {
  const common = (own.bought + others.bought) / (own.expected + others.expected);
  const part = ({ bought, expected }: Purchases) => (bought === 0 ? 0 : bought * log(bought / (common * expected)));
  return normalP(Math.sqrt(Math.max(0, 2 * (part(own) + part(others)))));
}

const isEnough = ({ bought, expected }: Purchases) => expected > 0 && Math.max(bought, expected) >= leastPurchases;

function qualityTests(campaign: string, { tested: all, testedBy }: CampaignTally): SliceTest[] {
  return [...testedBy].flatMap(([by, groups]) => {
    // products held have the groups of history
    if (by === 'history' || isProtectedName(by)) return [];
    return [...groups].flatMap(([label, own]): SliceTest[] => {
      const others = { n: all.n - own.n, sum: all.sum - own.sum, squares: all.squares - own.squares };
      if (own.n < leastCustomers || others.n < leastCustomers) return [];
      const values = { value: meanOf(own), others: meanOf(others), p: compareMeans(own, others) };
      return [{ campaign, slice: sliceName(by, label), measure: 'NDCG', customers: own.n, ...values }];
    });
  });
}

/**
 * All others than a group, from shown numbers: a difference of two is up to 9 off, so the purchases nearest to the ratio of the group count.
 * No difference is then found that rounding may have made.
 */
function othersOf(all: Purchases, own: Purchases): Purchases {
  const expected = all.expected - own.expected;
  const [middle, level] = [all.bought - own.bought, (own.bought / own.expected) * expected];
  const [least, most] = [Math.max(0, middle - mostSuppressed), Math.max(0, middle + mostSuppressed)];
  return { expected, bought: Math.min(most, Math.max(least, level)) };
}

function calibrationTests(campaign: string, groups: CampaignTally['groups']): SliceTest[] {
  return [...groups].flatMap(([by, ofLabels]) => {
    if (isProtectedName(by)) return [];
    const sum = (of: keyof Purchases) => shownNumber([...ofLabels.values()].reduce((total, group) => total + group[of], 0));
    const all = { bought: sum('bought'), expected: sum('expected') };
    return [...ofLabels].flatMap(([label, { customers, ...group }]): SliceTest[] => {
      // of shown numbers: exact ones could be read off the ratios and the p-value
      const own = { bought: shownNumber(group.bought), expected: shownNumber(group.expected) };
      const others = othersOf(all, own);
      if (!isEnough(own) || !isEnough(others)) return [];
      const values = { value: own.bought / own.expected, others: others.bought / others.expected, p: compareRatios(own, others) };
      return [{ campaign, slice: sliceName(by, label), measure: 'calibration', customers, ...values }];
    });
  });
}

/** `feature age 30 to 40`, or of two dimensions with both. */
function sliceName(by: string, label: string): string {
  return `${by}: ${label}`;
}

/** All comparisons of a campaign's groups with all others. */
export function sliceTests(campaign: string, tally: CampaignTally): SliceTest[] {
  return [
    ...qualityTests(campaign, tally),
    ...calibrationTests(campaign, tally.groups),
    ...calibrationTests(campaign, tally.pairs),
  ];
}

/** Factor between a ratio and 1, at least 1. */
const factorOff = (ratio: number) => (ratio === 0 ? Number.POSITIVE_INFINITY : Math.max(ratio, 1 / ratio));

/** Whether a slice is worse than all others by a fifth: a smaller NDCG, or a ratio further from 1 than that of the others. */
function isWeak({ measure, value, others }: SliceTest): boolean {
  const isBelow = value < weakShare * others;
  if (measure === 'NDCG') return isBelow;
  const isOff = factorOff(value) > Math.max(factorOff(others), 1 / weakShare);
  return isOff && (isBelow || value > others / weakShare);
}

/** Weak slices among all comparisons of a bank: false discoveries controlled at 5 %, and beyond a fifth. The surest first. */
export function weakSlices(tests: readonly SliceTest[]): ValidationFile['slices'] {
  const found = discoveries(tests.map(({ p }) => p));
  const weak = tests.filter((test, i) => found[i] && isWeak(test)).sort((a, b) => a.p - b.p || (a.slice < b.slice ? -1 : 1));
  return {
    tests: tests.length,
    weak: weak.map(({ customers, value, others, p, ...slice }) => ({
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
