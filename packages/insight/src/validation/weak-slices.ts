import { log } from '@basketwise/core/parts';
import { publishedCount, publishedValue } from '@basketwise/data/published';
import { normalP } from '@basketwise/recommend';
import type { CampaignTally, TalliedCase, TalliedGroup } from './campaign-tally.ts';
import { pairName } from './campaign-tally.ts';
import { discoveries } from './false-discoveries.ts';
import { shownNumber } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

/** Fewest test customers of a slice for its NDCG, and fewest purchases, found or expected, for its calibration. */
const leastCustomers = 100;
const leastPurchases = 20;
/** A slice is weak only if its NDCG is below this share of that of the rest, or its calibration beyond this factor. */
const weakShare = 0.8;

/** A group of customers compared with all others of the campaign. */
export interface SliceTest {
  campaign: string;
  slice: string;
  measure: 'NDCG' | 'calibration';
  customers: number;
  value: number;
  rest: number;
  /** Two-sided. */
  p: number;
}

interface Moments {
  n: number;
  sum: number;
  squares: number;
}

const meanOf = ({ n, sum }: Moments) => sum / n;
const errorOf = ({ n, sum, squares }: Moments) => Math.max(0, (squares - (sum * sum) / n) / (n - 1)) / n;

/** Means of two groups compared by Welch's statistic, normal as both are large. */
function compareMeans(own: Moments, rest: Moments): number {
  const error = errorOf(own) + errorOf(rest);
  return error === 0 ? Number(meanOf(own) === meanOf(rest)) : normalP((meanOf(own) - meanOf(rest)) / Math.sqrt(error));
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

/** Test customers by one and by two dimensions. */
function caseGroups(cases: readonly TalliedCase[]): Map<string, Map<string, Moments>> {
  const found = new Map<string, Map<string, Moments>>();
  const add = (by: string, label: string, value: number) => {
    const groups = found.get(by) ?? new Map<string, Moments>();
    found.set(by, groups);
    const own = groups.get(label) ?? { n: 0, sum: 0, squares: 0 };
    groups.set(label, { n: own.n + 1, sum: own.sum + value, squares: own.squares + value * value });
  };
  for (const { ndcg, labels } of cases) {
    const own = [...labels].filter(([by, label]) => label !== null && by !== 'history' && !by.startsWith('protected '));
    for (const [i, [by, label]] of own.entries()) {
      add(by, label!, ndcg);
      for (const [otherBy, other] of own.slice(i + 1)) add(pairName(by, otherBy), pairName(label!, other!), ndcg);
    }
  }
  return found;
}

function qualityTests(campaign: string, cases: readonly TalliedCase[]): SliceTest[] {
  const all = cases.reduce((sum, { ndcg }) => ({ n: sum.n + 1, sum: sum.sum + ndcg, squares: sum.squares + ndcg * ndcg }), {
    ...{ n: 0, sum: 0, squares: 0 },
  });
  return [...caseGroups(cases)].flatMap(([by, groups]) =>
    [...groups].flatMap(([label, own]): SliceTest[] => {
      const rest = { n: all.n - own.n, sum: all.sum - own.sum, squares: all.squares - own.squares };
      if (own.n < leastCustomers || rest.n < leastCustomers) return [];
      const values = { value: meanOf(own), rest: meanOf(rest), p: compareMeans(own, rest) };
      return [{ campaign, slice: sliceName(by, label), measure: 'NDCG', customers: own.n, ...values }];
    }),
  );
}

function calibrationTests(campaign: string, groups: CampaignTally['groups']): SliceTest[] {
  return [...groups].flatMap(([by, ofLabels]) => {
    if (by.startsWith('protected ')) return [];
    const sum = (of: keyof Purchases) => shownNumber([...ofLabels.values()].reduce((total, group) => total + group[of], 0));
    const all = { bought: sum('bought'), expected: sum('expected') };
    return [...ofLabels].flatMap(([label, { customers, ...group }]): SliceTest[] => {
      // of shown numbers: exact ones could be read off the ratios and the p-value
      const own = { bought: shownNumber(group.bought), expected: shownNumber(group.expected) };
      const rest = { bought: all.bought - own.bought, expected: all.expected - own.expected };
      if (!isEnough(own) || !isEnough(rest)) return [];
      const values = { value: own.bought / own.expected, rest: rest.bought / rest.expected, p: compareRatios(own, rest) };
      return [{ campaign, slice: sliceName(by, label), measure: 'calibration', customers, ...values }];
    });
  });
}

/** `feature age 30 to 40`, or of two dimensions with both. */
function sliceName(by: string, label: string): string {
  return `${by}: ${label}`;
}

/** All comparisons of a campaign's groups with the rest. */
export function sliceTests(campaign: string, tally: CampaignTally): SliceTest[] {
  return [
    ...qualityTests(campaign, tally.cases),
    ...calibrationTests(campaign, tally.groups),
    ...calibrationTests(campaign, tally.pairs),
  ];
}

const isWeak = ({ measure, value, rest }: SliceTest) =>
  value < weakShare * rest || (measure === 'calibration' && value > rest / weakShare);

/** Weak slices among all comparisons of a bank: false discoveries controlled at 5 %, and beyond a fifth. The surest first. */
export function weakSlices(tests: readonly SliceTest[]): ValidationFile['slices'] {
  const found = discoveries(tests.map(({ p }) => p));
  const weak = tests.filter((test, i) => found[i] && isWeak(test)).sort((a, b) => a.p - b.p || (a.slice < b.slice ? -1 : 1));
  return {
    tests: tests.length,
    weak: weak.map(({ customers, value, rest, p, ...slice }) => ({
      ...slice,
      ...{ customers: publishedCount(customers), value: publishedValue(value), rest: publishedValue(rest), p: publishedValue(p) },
    })),
  };
}
