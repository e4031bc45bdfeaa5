import { type PublishedCount, publishedMiddle, smallestPublished } from '@basketwise/data/published';
import type { PublishedArm } from '@basketwise/offers';
import { formatNumber } from '@basketwise/page';
import type { PublishedOutcome } from './published-outcomes.ts';

/** Effect of a group of offers, as a sentence. */
interface OutcomeSentence {
  /** Campaign, or `all campaigns`. */
  group: string;
  text: string;
}

/** Outcomes of all offers and of each campaign: of all runs together, or of the only one. */
export function mainOutcomes(outcomes: readonly PublishedOutcome[]): PublishedOutcome[] {
  const run = outcomes.some((one) => one.run === 'all') ? 'all' : outcomes.at(-1)?.run;
  return outcomes.filter((one) => one.run === run && (one.by === 'all' || one.by === 'campaign'));
}

/** Effect of all offers and of each campaign, one sentence each. */
export function outcomeSentences({ outcomes }: { outcomes: readonly PublishedOutcome[] }): OutcomeSentence[] {
  return mainOutcomes(outcomes).map((one) => ({
    group: one.by === 'all' ? 'all campaigns' : one.value,
    text: outcomeSentence(one),
  }));
}

/**
 * Sentence that sorts the campaigns by what follows from their offers: "Go on: up. Stop: none. Undecided: cross." Empty if no
 * campaign has a control.
 */
export function decisionText({ outcomes }: { outcomes: readonly PublishedOutcome[] }): string {
  const campaigns = mainOutcomes(outcomes).filter(({ by, isProof }) => by === 'campaign' && isProof);
  const named = (title: string, step: Step) => {
    const names = campaigns.flatMap((one) => (stepOf(one) === step ? [one.value] : []));
    return `${title}: ${names.join(', ') || 'none'}.`;
  };
  return campaigns.length === 0
    ? ''
    : [named('Go on', 'go on'), named('Stop or change', 'stop'), named('Undecided', 'undecided')].join(' ');
}

/** Next step of today: the customers to contact. @param list name of the contact list */
export function nowText({ outcomes }: { outcomes: readonly PublishedOutcome[] }, list: string): string {
  const stops = mainOutcomes(outcomes).some((one) => one.by === 'campaign' && one.isProof && stepOf(one) === 'stop');
  const except = stops ? ', except for campaigns to stop or change' : '';
  return `Now: contact the customers on ${list} once${except}, and leave all others alone.`;
}

type Step = 'go on' | 'stop' | 'undecided';

/** Decision on a campaign, from its published effect. */
function stepOf({ difference, proven, missing }: PublishedOutcome): Step {
  if (difference === null) return 'undecided';
  if (proven) return 'go on';
  return difference.high < 0 || missing === null ? 'stop' : 'undecided';
}

/**
 * Sentence on the shares of customers with a purchase in both arms, their difference with its 95 % interval, what it proves, and
 * what follows. Uses only published numbers.
 * "Of 2,350 contacted 11.2 % bought, of 300 left alone 8.4 %: 2.8 percentage points more, with 95 % confidence between -0.6 and 6.1.
 * Not proven yet: about 1,900 customers more would do. Next: go on with these offers and the control."
 */
function outcomeSentence({ by, offered, control, isProof, difference, proven, missing }: PublishedOutcome): string {
  const [one, other] = isProof ? ['contacted', 'left alone'] : ['with a list', 'without one'];
  const [many, few] = [offered, control].map(({ customers }) => customerCount(customers));
  if (difference === null) {
    const arms = `${many} ${one}, ${few} ${other}`;
    return offered.customers && control.customers
      ? `No comparison of ${arms}: the purchases of one arm are hidden, because they would reveal another number below ${smallestPublished}. Undecided. Next: wait for more runs.`
      : `Too few customers for a comparison, or their number is hidden: ${arms}.${isProof ? waitText : ''}`;
  }
  const points = pointsOf(offered, control, difference.value);
  const shares = `Of ${many} ${one} ${rateText(offered)} bought, of ${few} ${other} ${rateText(control)}${control.bought === null ? ' did' : ''}`;
  const [low, high] = [difference.low, difference.high].map((end) => roundedPoints(100 * end));
  const change = `${Math.abs(points).toFixed(1)} percentage points ${points < 0 ? 'less' : 'more'}`;
  return `${shares}: ${change}, with 95 % confidence between ${low} and ${high}. ${proofSentence({ by, isProof, proven, missing, difference })}`;
}

/** Next step of a campaign without a comparison. */
const waitText = ` Undecided. Next: wait for more customers, at least ${smallestPublished} contacted and ${smallestPublished} left alone.`;

type Proof = Pick<PublishedOutcome, 'by' | 'isProof' | 'proven' | 'missing' | 'difference'>;

function proofSentence({ by, isProof, proven, missing, difference }: Proof): string {
  if (!isProof) return 'No proof: customers with a list are not a random sample.';
  if (proven) return by === 'all' ? 'Proven for all together.' : 'Proven. Next: go on with these offers.';
  if (difference!.high < 0) return 'The contacts lowered purchases. Next: stop these offers, or change them.';
  if (missing === null) return 'Not proven, and more customers would not prove such a difference. Next: change these offers.';
  if (missing === 0)
    return 'Not proven, as published numbers are rounded down to tens. Next: go on with these offers and the control.';
  return `Not proven yet: about ${formatNumber(missing)} customers more would do. Next: go on with these offers and the control.`;
}

/** Percentage of an arm's customers with a purchase, to one decimal. Null if the number is hidden, because it is small. */
function rateOf({ customers, bought }: PublishedArm): number | null {
  return bought === null ? null : Number((100 * Math.min(1, publishedMiddle(bought) / publishedMiddle(customers!))).toFixed(1));
}

function rateText(arm: PublishedArm): string {
  const rate = rateOf(arm);
  return rate === null ? `fewer than ${smallestPublished}` : `${rate.toFixed(1)} %`;
}

/** Difference in points between the shown percentages, so that readers can check it. Without these, the estimate. */
function pointsOf(offered: PublishedArm, control: PublishedArm, difference: number): number {
  const [one, other] = [rateOf(offered), rateOf(control)];
  return one === null || other === null ? 100 * difference : one - other;
}

/** Number with one decimal, never `-0.0`. */
export function roundedPoints(value: number): string {
  return (Math.round(value * 10) / 10 || 0).toFixed(1);
}

function customerCount(customers: PublishedCount): string {
  return customers === null ? 'a hidden number' : formatNumber(customers);
}
