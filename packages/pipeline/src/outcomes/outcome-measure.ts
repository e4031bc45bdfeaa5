import { dateOfDay, daysSinceEpoch, type PlainDate } from '@basketwise/core/parts';
import type { PublishedOutcome, ReadOutWindow } from '@basketwise/offers';
import { countedRuns, mainOutcomes, mainRun } from './main-run.ts';
import { purchaseDays } from './offered-rows.ts';
import { customerCount, stepOf } from './outcome-step.ts';

/** Effect report, as far as decisions depend on it. Without runs, no time is estimated. */
export interface Decided extends Partial<ReadOutWindow> {
  outcomes: readonly PublishedOutcome[];
  runs?: readonly { run: string; date: PlainDate }[];
  /** Names of the runs that are evaluated together. */
  pooled?: readonly string[];
}

/** Groups of customers whose effect may serve as a measure, with their titles. */
const measures: Partial<Record<PublishedOutcome['by'], (value: string) => string>> = {
  all: () => 'the total',
  campaign: (value) => value,
  product: (value) => `product ${value}`,
  cluster: (value) => `cluster ${value}`,
};
/** Most further runs of an estimate. */
const mostRuns = 100;

/**
 * Need of undecided campaigns whose purchases are hidden: the proven group with the fewest contacted as a measure, and the runs until
 * both arms of a campaign are as large, at their pace so far. Empty without such a group. A campaign with an estimate has its own need.
 */
export function measureText(decided: Decided): string {
  const { outcomes } = decided;
  const open = mainOutcomes(outcomes).filter(
    (one) => one.by === 'campaign' && one.isProof && stepOf(one) === 'undecided' && (one.difference?.value ?? null) === null,
  );
  const run = mainRun(outcomes);
  const [one] = outcomes
    .filter((other) => other.run === run && other.proven && measures[other.by])
    .sort((a, b) => a.offered.customers! - b.offered.customers!);
  if (one === undefined || open.length === 0) return '';
  const paces = open.flatMap((campaign) => paceText(campaign, one, decided));
  const pace = paces.length === 0 ? '' : ` At the pace so far, ${paces.join('; ')}.`;
  return (
    ` A verdict needs a range without 0: above 0 is proven, below 0 is harmful. Rough guide, no promise: the smallest proven group so far, ` +
    `${measures[one.by]!(one.value)}, has ${customerCount(one.offered.customers)} contacted and ${customerCount(one.control.customers)} left alone.` +
    ` A larger effect needs fewer customers, a smaller one more.${pace}`
  );
}

/** Further runs until both arms of a campaign have the numbers of a measure, and the month of their last purchases. */
function paceText(campaign: PublishedOutcome, measure: PublishedOutcome, decided: Decided): string[] {
  const counted = countedRuns({ runs: [], pooled: [], ...decided });
  const runs = Math.max(1, counted.length, decided.pooled?.length ?? 0);
  const more = (['offered', 'control'] as const).map((arm) => {
    const [has, wanted] = [campaign[arm].customers, measure[arm].customers];
    return has === null || has === 0 || wanted === null ? 0 : Math.ceil(((wanted - has) * runs) / has);
  });
  const most = Math.max(...more);
  const last = counted.at(-1);
  if (most <= 0) return [];
  const isKnown = campaign.offered.customers !== null && campaign.control.customers !== null;
  const slow = !isKnown || more[0] === more[1] ? '' : ` (the ${more[0]! > more[1]! ? 'contacted' : 'left alone'} take longest)`;
  const far = most > mostRuns ? `more than ${mostRuns}` : `about ${most}`;
  const month = most > mostRuns ? '' : monthText(counted, most, decided);
  return [`${campaign.value} has as many${slow} ${far} ${last ? `runs after the one of ${last.date}` : 'further runs'}${month}`];
}

/** Month of the last purchases that count for a run so many runs after the last one, at the mean distance of the runs. */
function monthText(counted: readonly { date: PlainDate }[], more: number, { window, gap = null }: Decided): string {
  if (window === undefined || counted.length < 2) return '';
  const [first, last] = [counted[0]!, counted.at(-1)!].map(({ date }) => daysSinceEpoch(date)) as [number, number];
  const date = dateOfDay(last + Math.round((more * (last - first)) / (counted.length - 1)));
  const [, until] = purchaseDays(date, { window, gap });
  return `: in the report from ${until.slice(0, 7)} on`;
}
