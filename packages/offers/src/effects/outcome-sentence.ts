import { type PublishedCount, publishedMiddle, smallestPublished } from '@basketwise/data/base';
import { formatNumber } from '@basketwise/page';
import type { PublishedArm } from './outcome-figures.ts';
import { armNames, campaignName, mainOutcomes, type PublishedOutcome, type Step, stepOf } from './published-outcomes.ts';

/** Sentence on the effect of a group of offers. */
interface OutcomeSentence {
  /** Campaign, or `all campaigns`. */
  group: string;
  text: string;
}

/** One sentence on the effect of all offers, and one on the effect of each campaign. */
export function outcomeSentences({ outcomes }: { outcomes: readonly PublishedOutcome[] }): OutcomeSentence[] {
  return mainOutcomes(outcomes).map((one) => ({ group: campaignName(one), text: outcomeSentence(one) }));
}

/**
 * Sentence that sorts the campaigns by the decision that their effects support. Empty if no campaign has a control.
 * Example: "Go on: up. Stop or change: none. Undecided, keep running: cross."
 */
export function decisionText({ outcomes }: { outcomes: readonly PublishedOutcome[] }): string {
  const campaigns = mainOutcomes(outcomes).filter(({ by, isProof }) => by === 'campaign' && isProof);
  const named = (title: string, step: Step) => {
    const names = campaigns.flatMap((one) => (stepOf(one) === step ? [one.value] : []));
    return `${title}: ${names.join(', ') || 'none'}.`;
  };
  return campaigns.length === 0
    ? ''
    : [named('Go on', 'go on'), named('Stop or change', 'stop'), named('Undecided, keep running', 'undecided')].join(' ');
}

/** Current contact list. */
export interface ContactList {
  /** Name or path of the list, for a sentence. */
  list: string;
  /** Number of customers on the list. */
  customers: PublishedCount;
  /** Whether the offers have a control: customers who are not contacted, for comparison. */
  hasControl: boolean;
}

/**
 * Sentence on the next step: contact all customers of the contact list. (The next effect report counts each of them as contacted.)
 * @param when beginning of the sentence if no campaign should stop
 */
export function contactText(
  { outcomes }: { outcomes: readonly PublishedOutcome[] },
  { list, customers, hasControl }: ContactList,
  when: string,
): string {
  const stops = mainOutcomes(outcomes).some((one) => one.by === 'campaign' && one.isProof && stepOf(one) === 'stop');
  const notControl = hasControl ? ' Make these offers to no other customer: the customers left alone are not on the list.' : '';
  const many = customers === null ? '' : ` (about ${formatNumber(customers)})`;
  return stops
    ? `Next: remove campaigns to stop from the config, and run again. Then contact all customers on the new contact list once, before the next run.${notControl} Skipped customers would count as contacted in the next report.`
    : `${when}: contact all customers${many} on ${list} once, before the next run.${notControl}`;
}

/**
 * Sentence on an outcome: share of customers with a purchase in both arms, difference with its 95 % interval, proof, and next step.
 * Uses only published numbers. If the purchases of an arm are hidden, the sentence has only the interval. Example:
 * "Of 2,000 contacted about 12.2 % bought, of 500 left alone about 8.8 %: 3.4 percentage points more, with 95 % confidence between -1.1 and 7.1.
 * Undecided yet: about 3,350 more customers would probably prove it (4 times out of 5), if the difference is real. Next: go on with
 * these offers and the control."
 */
function outcomeSentence(outcome: PublishedOutcome): string {
  const { offered, control, isProof, difference } = outcome;
  const [firstArm, secondArm] = armNames(outcome);
  const arms = [
    { name: firstArm, customers: offered.customers },
    { name: secondArm, customers: control.customers },
  ];
  const shown = arms.flatMap(({ name, customers }) => (customers === null ? [] : [`${formatNumber(customers)} ${name}`]));
  if (difference === null) {
    return offered.customers && control.customers
      ? `No comparison of ${shown.join(', ')}: the purchases of one arm are hidden, because they would reveal another number below ${smallestPublished}. Undecided. ${goOnText}`
      : `No comparison yet${shown.length > 0 ? `: ${shown.join(', ')}` : ''}.${hiddenText(arms)}${isProof ? waitText : ''}`;
  }
  const decimals = decimalsOf(difference);
  const points = pointsOf(outcome, decimals);
  // Shares have all decimals only where readers can check the difference.
  const [share, ofOthers] = [offered, control].map((arm) => rateText(arm, points === null ? decimals - 1 : decimals));
  const shares = `Of ${shown[0]} ${share} bought, of ${shown[1]} ${ofOthers}`;
  const [low, high] = [difference.low, difference.high].map((end) => pointsText(end, decimals));
  const change =
    points === null
      ? `the difference is between ${low} and ${high} percentage points, with 95 % confidence`
      : `${Math.abs(points).toFixed(decimals)} percentage points ${points < 0 ? 'less' : 'more'}, with 95 % confidence between ${low} and ${high}`;
  return `${shares}: ${change}. ${proofSentence(outcome)}`;
}

/** Sentence on the arms whose number of customers is not published. Empty if there are none. */
function hiddenText(arms: readonly { name: string; customers: PublishedCount }[]): string {
  const names = arms.flatMap(({ name, customers }) => (customers === null ? [name] : []));
  return names.length === 0
    ? ''
    : ` The number ${names.join(' and the number ')} is not shown: it is below ${smallestPublished}, or would reveal one below ${smallestPublished}.`;
}

const goOnText = 'Next: go on with these offers and the control.';

/** Next step of a campaign without a comparison. */
const waitText = ` Undecided. ${goOnText} A comparison needs ${smallestPublished} contacted and ${smallestPublished} left alone, a verdict more.`;

function proofSentence({ by, isProof, proven, missing, difference }: PublishedOutcome): string {
  if (!isProof) return 'No proof: customers with a list are not a random sample.';
  const step = stepOf({ difference, proven });
  // The sentence on all offers names no decision, because each campaign has its own decision.
  if (by === 'all' && step !== 'undecided')
    return step === 'stop' ? 'The contacts lowered purchases, all together.' : 'Proven for all together.';
  if (step === 'go on') return `Proven. ${goOnText}`;
  if (step === 'stop') return 'The contacts lowered purchases. Next: stop these offers, or change them.';
  const next = by === 'all' ? '' : ` ${goOnText}`;
  if (missing === null)
    return `Undecided${difference?.value != null && difference.value <= 0 ? ': so far the contacts added no purchases' : ''}.${next}`;
  if (missing === 0) return `Undecided, as published numbers are rounded down to tens.${next}`;
  return `Undecided yet: about ${formatNumber(missing)} more customers would probably prove it (4 times out of 5), if the difference is real.${next}`;
}

/** Greatest number of decimals of a percentage. */
const mostDecimals = 6;

/** Number of decimals of the percentages beside an interval: two significant digits of the interval's width, at least one decimal. */
export function decimalsOf({ low, high }: { low: number; high: number }): number {
  const [, exponent] = (100 * (high - low)).toExponential(1).split('e');
  return Math.min(mostDecimals, Math.max(1, 1 - Number(exponent)));
}

/** Percentage of an arm's customers with a purchase. Null if the number of purchasers is hidden. */
function rateOf({ customers, bought }: PublishedArm, decimals: number): number | null {
  if (bought === null) return null;
  return Number((100 * Math.min(1, publishedMiddle(bought) / publishedMiddle(customers!))).toFixed(decimals));
}

function rateText(arm: PublishedArm, decimals: number): string {
  const rate = rateOf(arm, decimals);
  if (rate !== null) return `about ${rate.toFixed(decimals)} %`;
  const unit = 10 ** decimals;
  const most = Math.ceil((100 * smallestPublished * unit) / arm.customers!) / unit;
  return `fewer than ${smallestPublished} customers${most < 100 ? ` (under ${most.toFixed(decimals)} %)` : ''}`;
}

/**
 * Difference in percentage points between the two percentages as shown, so that readers can check it. Null if a percentage is hidden.
 * A comparison of two effects shows its estimate instead.
 */
export function pointsOf({ by, offered, control, difference }: PublishedOutcome, decimals: number): number | null {
  if (by === 'effect') return difference?.value == null ? null : Number((100 * difference.value).toFixed(decimals));
  const [offeredRate, controlRate] = [rateOf(offered, decimals), rateOf(control, decimals)];
  return offeredRate === null || controlRate === null ? null : offeredRate - controlRate;
}

/** Share in percentage points, never `-0.0`. */
export function pointsText(share: number, decimals: number): string {
  return (Number((100 * share).toFixed(decimals)) || 0).toFixed(decimals);
}
