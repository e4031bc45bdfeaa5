import type { CalendarSpan } from '@basketwise/core';
import { smallestPublished } from '@basketwise/data/base';
import { formatNumber } from '@basketwise/page';
import { purchaseDays } from './effect-report.ts';
import { countedRuns, mainOutcomes, type publishedOutcomes } from './published-outcomes.ts';

function spanText({ months, days }: CalendarSpan): string {
  const parts = [[months, 'month'] as const, [days, 'day'] as const].filter(([count]) => count > 0);
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' and ');
}

type About = Pick<ReturnType<typeof publishedOutcomes>, 'runs' | 'pooled' | 'outcomes' | 'window' | 'gap'>;
type Runs = About['runs'];

/** Largest number of dates of runs in a sentence. */
const mostDates = 8;

/** Sentence on the runs in the figures, with their dates. */
function runsText(counted: Runs): string {
  const dates = counted.map(({ date }) => date);
  const title = counted.every(({ hasOffers }) => hasOffers) ? 'Offers' : 'Lists';
  if (dates.length === 1) return `${title} of the run of ${dates[0]}`;
  const days = dates.length <= mostDates ? `: ${dates.join(', ')}` : `, the first on ${dates[0]}, the last on ${dates.at(-1)}`;
  return `${title} of ${dates.length} runs${days}`;
}

/** Sentence on the days of the offers and of the purchases in the figures. */
function periodText(counted: Runs, { runs, window, gap }: About, isProof: boolean): string {
  const left = runs.length - counted.length;
  const why = isProof ? ': without offers, or with another draw of the control' : '';
  const others = left === 0 ? '' : ` ${left} other ${left === 1 ? 'run is' : 'runs are'} left out${why}.`;
  const isAtOnce = gap === null || gap.months + gap.days === 0;
  const [from] = purchaseDays(counted[0]!.date, { window, gap });
  const [, until] = purchaseDays(counted.at(-1)!.date, { window, gap });
  const time = isAtOnce
    ? `from the day after their run to ${spanText(window)} later`
    : `within ${spanText(window)}, from ${spanText(gap)} after their run on`;
  const early = isAtOnce ? '' : ' Earlier purchases do not count (evaluate.gap).';
  return (
    `${runsText(counted)}. ${isProof ? 'A run makes one contact list. Its date counts as the day of the offer, also if the bank contacts later. ' : ''}Each later run is added when its time for purchases is over.${others}` +
    ` Purchases count for each customer ${time}: in all from ${from} to ${until}.${early}`
  );
}

const equivalentText =
  'Equivalent: with the same product group, or the same name, in the products table of the bank. A renewal counts if it is a new contract.';

/** Sentence on the purchases that count. */
function boughtText(isProof: boolean): string {
  return isProof
    ? 'Bought: opened the offered product, or an equivalent one, within the time for purchases. The same rule holds for customers left alone, with the' +
        ` product that they would have been offered. ${equivalentText}`
    : `Bought: opened a product of their list, or an equivalent one. For customers without a list, any product on a list counts. ${equivalentText}`;
}

/** Text on the arms: contacted customers, control customers, and the counting of customers with several offers. */
function countingText(counted: Runs): string {
  const { date, offeredBefore } = counted.at(-1)!;
  const { offered, control } = offeredBefore;
  const left =
    offered === 0 && control === 0
      ? ''
      : ` So ${offered === null || control === null ? 'customers contacted or left alone before' : `${formatNumber(offered)} contacted and ${formatNumber(control)} left alone`} are not counted again in the run of ${date}.`;
  return (
    'Contacted: on the contact list, also if the bank did not reach the customer.' +
    ' Left alone: the control, customers drawn by chance who would have got such an offer, the same in every run.' +
    ' Their purchases show what customers buy without a contact. Effect of the first contact: each customer is counted once, at their' +
    ' first offer, contacted or left alone. Later offers are not counted. A purchase of a product that only a later offer had is not' +
    ` counted either.${left}`
  );
}

/**
 * Error rates of repeated looks: pairs of a number of looks and the share of campaigns without an effect that chance would prove.
 * Half of the two-sided rates at level 5 % of repeated significance tests on accumulating data (Armitage, McPherson and Rowe, 1969).
 */
const provenByChance = [
  ...([
    [1, 0.025],
    [2, 0.0415],
    [3, 0.0535],
    [4, 0.063],
    [5, 0.071],
    [10, 0.0965],
  ] as const),
  ...([
    [20, 0.124],
    [50, 0.16],
    [100, 0.187],
    [200, 0.212],
    [1000, 0.265],
  ] as const),
] as const;

/** Share of campaigns without an effect that chance would prove in a number of looks, by linear interpolation in `provenByChance`. */
export function chanceOfProof(looks: number): number {
  const next = provenByChance.findIndex(([at]) => at >= looks);
  if (next <= 0) return provenByChance.at(next)![1];
  const [[a, low], [b, high]] = [provenByChance[next - 1]!, provenByChance[next]!];
  return low + ((high - low) * (looks - a)) / (b - a);
}

/**
 * Sentence on the certainty of a proof, if the report is read after each run.
 * Customers with offers before the first run show that earlier runs were removed.
 */
function looksText([first, ...others]: Runs): string {
  const [runs, before] = [others.length + 1, first!.offeredBefore];
  const least = before.offered === 0 && before.control === 0 ? '' : 'at least ';
  const looks = runs === 1 ? 'With one look,' : `As the report is read after each of the ${runs} runs,`;
  return (
    'Proven: the whole range is above 0. The confidence of 95 % holds for one look at one range.' +
    ` ${looks} ${least}about ${Math.round(100 * chanceOfProof(runs))} in 100 campaigns or products without an effect are called proven by chance${runs === 1 ? '' : ` (${Math.round(100 * chanceOfProof(1))} in 100 with one look)`}. This is also true of all campaigns together.`
  );
}

const privacyText =
  'To protect customers, their numbers are rounded down to tens, so campaigns need not add up to the total. Shares take the middle of each' +
  ` ten: 120 counts as 124.5. "Fewer than ${smallestPublished}" is always below ${smallestPublished}. A dash hides a number below ${smallestPublished}, or a larger one from which such a number could be worked out. With hidden purchases there is a range, and no single figure.`;

/** Paragraphs that explain the figures of the main run: days, purchases, counting, repeated looks, rounding. */
export function aboutTexts(about: About): string[] {
  const counted = countedRuns(about);
  const isProof = mainOutcomes(about.outcomes).some((one) => one.isProof);
  const proof = isProof ? [countingText(counted), looksText(counted)] : [];
  return [periodText(counted, about, isProof), boughtText(isProof), ...proof, privacyText];
}
