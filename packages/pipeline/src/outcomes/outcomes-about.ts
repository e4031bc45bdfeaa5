import type { CalendarSpan } from '@basketwise/core/parts';
import { smallestPublished } from '@basketwise/data/published';
import type { publishedOutcomes } from '@basketwise/offers';
import { mainRun } from './main-run.ts';
import { purchaseDays } from './offered-rows.ts';
import { customerCount } from './outcome-sentence.ts';

function spanText({ months, days }: CalendarSpan): string {
  const parts = [[months, 'month'] as const, [days, 'day'] as const].filter(([count]) => count > 0);
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' and ');
}

type About = Pick<ReturnType<typeof publishedOutcomes>, 'runs' | 'pooled' | 'outcomes' | 'window' | 'gap'>;
type Runs = About['runs'];

/** Largest number of dates of runs in a sentence. */
const mostDates = 8;

/** Runs of the figures, with their dates. */
function runsText(counted: Runs): string {
  const dates = counted.map(({ date }) => date);
  if (dates.length === 1) return `Offers of the run of ${dates[0]}`;
  const days = dates.length <= mostDates ? `: ${dates.join(', ')}` : `, the first on ${dates[0]}, the last on ${dates.at(-1)}`;
  return `Offers of ${dates.length} runs${days}`;
}

/** Days of the offers and of the purchases in the figures, and which purchases count. */
function periodText(counted: Runs, { runs, window, gap }: About): string {
  const left = runs.length - counted.length;
  const others =
    left === 0
      ? ''
      : ` ${left} other ${left === 1 ? 'run is' : 'runs are'} left out: without offers, or with another draw of the control.`;
  const isAtOnce = gap === null || gap.months + gap.days === 0;
  const [from] = purchaseDays(counted[0]!.date, { window, gap });
  const [, until] = purchaseDays(counted.at(-1)!.date, { window, gap });
  const time = isAtOnce
    ? `from the day after their run to ${spanText(window)} later`
    : `within ${spanText(window)}, from ${spanText(gap)} after their run on`;
  const early = isAtOnce ? '' : ' Earlier purchases do not count (evaluate.gap).';
  return (
    `${runsText(counted)}. Each later run is added when its time for purchases is over.${others}` +
    ` Purchases count for each customer ${time}: in all from ${from} to ${until}.${early}` +
    ' Bought: opened the offered product, or an equivalent one. Equivalent products share a group, or a name, in the products table of' +
    ' the bank, such as renewals. For customers left alone it is the product that they would have been offered.'
  );
}

/** Text on the arms: who is contacted, who is left alone and why, and how customers with several offers are counted. */
function countingText(counted: Runs): string {
  const last = counted.findLast(({ hasOffers }) => hasOffers);
  if (last === undefined) return '';
  const { offered, control } = last.offeredBefore;
  const left =
    offered === 0 && control === 0
      ? ''
      : ` In the run of ${last.date} this leaves out ${customerCount(offered)} contacted and ${customerCount(control)} left alone.`;
  return (
    'Contacted: on the contact list, also if the bank did not reach the customer.' +
    ' Left alone: the control, customers drawn by chance who would have got such an offer. Their purchases show what customers buy' +
    ' without a contact. Effect of the first contact: each customer is counted once, at their first offer, contacted or left alone.' +
    ' Later offers of the same customer are not counted, nor are purchases of a product that only a later offer had.' +
    left
  );
}

/**
 * Shares of campaigns without an effect that are proven by chance, by number of looks: half of the two-sided shares at a level of
 * 5 % of repeated significance tests on accumulating data (Armitage, McPherson and Rowe, 1969).
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

/** Share of campaigns without an effect that chance would prove in a number of looks, between the tabled ones in proportion. */
export function chanceOfProof(looks: number): number {
  const next = provenByChance.findIndex(([at]) => at >= looks);
  if (next <= 0) return provenByChance.at(next)![1];
  const [[a, low], [b, high]] = [provenByChance[next - 1]!, provenByChance[next]!];
  return low + ((high - low) * (looks - a)) / (b - a);
}

/** Certainty of a proof, with a look after each run. */
function looksText({ length }: Runs): string {
  const looks = length === 1 ? 'one look' : `a look after each of the ${length} runs`;
  return `Proven: with ${looks}, chance alone proves about 1 in ${Math.round(1 / chanceOfProof(length))} campaigns or products without an effect.`;
}

const privacyText =
  `To protect customers, their numbers are rounded down to tens, so campaigns need not add up to the total. A hidden number, or a dash,` +
  ` is below ${smallestPublished}, or would give away another number that is below ${smallestPublished}.`;

/** Runs of the figures: those of the main run. */
export function countedRuns({ outcomes, runs, pooled }: Pick<About, 'outcomes' | 'runs' | 'pooled'>): Runs {
  const main = mainRun(outcomes);
  return runs.filter(({ run }) => (main === 'all' ? pooled.includes(run) : main === undefined || run === main));
}

/** Paragraphs on the figures of the main run: days, counting, repeated looks, rounding. */
export function aboutTexts(about: About): string[] {
  const counted = countedRuns(about);
  const counting = countingText(counted);
  return [periodText(counted, about), counting, counting && looksText(counted), privacyText].filter((text) => text !== '');
}
