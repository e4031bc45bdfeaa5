import { type PublishedCount, publishedMiddle, smallestPublished } from '@basketwise/data/published';
import { formatNumber } from '../page/html.ts';
import type { PublishedArm } from './outcome-figures.ts';
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
 * Sentence on the shares of customers with a purchase in both arms, their difference with its 95 % interval, and what it proves.
 * Uses only published numbers.
 * "Of 2,350 contacted 11.2 % bought, of 300 left alone 8.4 %: 2.8 points more, likely between -0.6 and 6.1. Not proven yet: about
 * 1,900 customers more would do."
 */
function outcomeSentence({ offered, control, isProof, difference, proven, missing }: PublishedOutcome): string {
  const [one, other] = isProof ? ['contacted', 'left alone'] : ['with a list', 'without one'];
  const [many, few] = [offered, control].map(({ customers }) => customerCount(customers));
  if (difference === null) {
    const scarce = offered.customers && control.customers ? 'purchases' : 'customers';
    return `Too few ${scarce} for a comparison: ${many} ${one}, ${few} ${other}.`;
  }
  const [more, less] = [rateOf(offered), rateOf(control)];
  const points = more - less;
  const shares = `Of ${many} ${one} ${more.toFixed(1)} % bought, of ${few} ${other} ${less.toFixed(1)} %`;
  const [low, high] = [difference.low, difference.high].map((end) => roundedPoints(100 * end));
  const change = `${Math.abs(points).toFixed(1)} points ${points < 0 ? 'less' : 'more'}`;
  return `${shares}: ${change}, likely between ${low} and ${high}. ${proofSentence({ isProof, proven, missing })}`;
}

function proofSentence({ isProof, proven, missing }: Pick<PublishedOutcome, 'isProof' | 'proven' | 'missing'>): string {
  if (!isProof) return 'No proof: customers with a list are not a random sample.';
  if (proven) return 'Proven.';
  if (missing === null) return 'Not proven, and more customers would not prove such a difference.';
  if (missing === 0) return 'Not proven, as published numbers are rounded down to tens.';
  return `Not proven yet: about ${formatNumber(missing)} customers more would do.`;
}

/** Percentage of an arm's customers with a purchase, to one decimal. */
function rateOf({ customers, bought }: PublishedArm): number {
  return Number((100 * Math.min(1, publishedMiddle(bought!) / publishedMiddle(customers!))).toFixed(1));
}

/** Number with one decimal, never `-0.0`. */
function roundedPoints(value: number): string {
  return (Math.round(value * 10) / 10 || 0).toFixed(1);
}

function customerCount(customers: PublishedCount): string {
  return customers === null ? `fewer than ${smallestPublished}` : formatNumber(customers);
}
