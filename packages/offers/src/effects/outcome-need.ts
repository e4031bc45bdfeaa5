import { dateOfDay, daysSinceEpoch, type PlainDate } from '@basketwise/core';
import { publishedCount, publishedMiddle, smallestPublished } from '@basketwise/data/base';
import { formatNumber } from '@basketwise/page';
import { purchaseDays, type ReadOutWindow } from './effect-report.ts';
import { armRange, type PublishedArm, publishedFigures } from './outcome-figures.ts';
import { countedRuns, mainOutcomes, mainRun, type PublishedOutcome, stepOf } from './published-outcomes.ts';

/** Parts of an effect report on which decisions depend. If `runs` is absent, the month of a proof is not estimated. */
export interface Decided extends Partial<ReadOutWindow> {
  outcomes: readonly PublishedOutcome[];
  runs?: readonly { run: string; date: PlainDate }[];
  /** Names of the runs that are evaluated together. */
  pooled?: readonly string[];
}

/** Numbers of customers of both arms: contacted, control. */
type ArmSizes = readonly [number, number];

/** Greatest number of further runs that an estimate names. */
const mostRuns = 100;
/** Number of steps from 0 to the customers of all campaigns, in the search for a campaign whose own numbers of customers are hidden. */
const steps = 200;

/**
 * Text that says how many customers an undecided campaign needs for a decision, if its purchases are hidden.
 * It assumes that the campaign has the same effect as all campaigns together. If that effect is not proven, the text is empty.
 * It names the numbers of customers that would prove the effect. If the campaign's own numbers of customers are published, it also names
 * the number of further runs until then, and the month.
 * In simulations, .37 to .93 of such effects were proven at these numbers.
 * Campaigns with an estimated effect are left out: the report already gives their number of additional customers.
 */
export function needText(decided: Decided): string {
  const { outcomes } = decided;
  const open = mainOutcomes(outcomes).filter(
    (one) => one.by === 'campaign' && one.isProof && stepOf(one) === 'undecided' && (one.difference?.value ?? null) === null,
  );
  const run = mainRun(outcomes);
  const total = outcomes.find((one) => one.by === 'all' && one.run === run && one.proven);
  const needs = total === undefined ? [] : open.flatMap((campaign) => campaignNeed(campaign, total, decided));
  return needs.length === 0
    ? ''
    : `A verdict needs a range without 0: above 0 is proven, below 0 is harmful. Rough guide, no promise: with an effect as large as that of all campaigns together, ${needs.join('; ')}. A smaller effect needs more customers.`;
}

/** Customers that a campaign needs, as the end of a sentence. Empty if even the customers of all campaigns do not suffice. */
function campaignNeed(campaign: PublishedOutcome, total: PublishedOutcome, decided: Decided): string[] {
  const counted = countedRuns({ runs: [], pooled: [], ...decided });
  const runs = Math.max(1, counted.length, decided.pooled?.length ?? 0);
  const [contacted, leftAlone] = [campaign.offered.customers, campaign.control.customers];
  const has: ArmSizes | null = contacted && leftAlone ? [contacted, leftAlone] : null;
  const sizesAt = (step: number): ArmSizes =>
    has === null
      ? [(total.offered.customers! * step) / steps, (total.control.customers! * step) / steps]
      : [(has[0] * (runs + step)) / runs, (has[1] * (runs + step)) / runs];
  const most = has === null ? steps : mostRuns;
  let step = 1;
  while (step <= most && !isProven(total, sizesAt(step))) step++;
  const last = counted.at(-1);
  const since = last ? ` after the one of ${last.date}` : ' from now';
  if (step > most) return has === null ? [] : [`${campaign.value} needs more than ${mostRuns} runs${since}`];
  const [many, few] = sizesAt(step).map((size) => formatNumber(Math.ceil(size / 10) * 10));
  const [now, left] = has?.map(formatNumber) ?? [];
  const time =
    has === null
      ? ''
      : ` (so far ${now} and ${left}), which it reaches about ${step} ${step === 1 ? 'run' : 'runs'}${since}${monthText(counted, step, decided)}`;
  return [`${campaign.value} needs in total about ${many} contacted and ${few} left alone${time}`];
}

/** Whether arms of these sizes would prove an effect, with the shares of purchasers of all campaigns together. */
function isProven({ offered, control }: PublishedOutcome, sizes: ArmSizes): boolean {
  const [offeredRange, controlRange] = [offered, control].map((arm, i) => {
    const bought = Math.round(shareOf(arm) * sizes[i]!);
    const published = bought < smallestPublished ? null : publishedCount(bought);
    return armRange({ customers: publishedCount(sizes[i]!), bought: published }, bought);
  });
  return publishedFigures(true, offeredRange!, controlRange!, null)?.proven ?? false;
}

/** Share of an arm's customers with a purchase. A hidden number of purchasers counts as half of the smallest published number. */
function shareOf({ customers, bought }: PublishedArm): number {
  return (bought === null ? smallestPublished / 2 : publishedMiddle(bought)) / publishedMiddle(customers!);
}

/** Month in which the purchase window ends for the run that is `more` runs after the last one. Runs are spaced by their mean distance. */
function monthText(counted: readonly { date: PlainDate }[], more: number, { window, gap = null }: Decided): string {
  if (window === undefined || counted.length < 2) return '';
  const [first, last] = [counted[0]!, counted.at(-1)!].map(({ date }) => daysSinceEpoch(date)) as [number, number];
  const date = dateOfDay(last + Math.round((more * (last - first)) / (counted.length - 1)));
  const [, until] = purchaseDays(date, { window, gap });
  return ` (in the report from ${until.slice(0, 7)} on)`;
}
