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

/** Days of the offers and of the purchases in the figures, and which purchases count. */
function periodText(counted: Runs, { runs, window, gap }: About): string {
  const [first, last] = [counted[0]!.date, counted.at(-1)!.date];
  const which = counted.length === 1 ? `Offers of the run of ${last}` : `Offers of ${counted.length} runs, ${first} to ${last}`;
  const left = runs.length - counted.length;
  const others =
    left === 0
      ? ''
      : ` ${left} other ${left === 1 ? 'run is' : 'runs are'} left out: without offers, or with another draw of the control.`;
  const isAtOnce = gap === null || gap.months + gap.days === 0;
  const [from, until] = [purchaseDays(first, { window, gap })[0], purchaseDays(last, { window, gap })[1]];
  const time = isAtOnce
    ? `within ${spanText(window)} after the run.`
    : `within ${spanText(window)}, from ${spanText(gap)} after the run on. Earlier purchases do not count (evaluate.gap).`;
  return (
    `${which}; later runs follow when their window is over.${others} Purchases from ${from} to ${until}.` +
    ` Bought: opened the offered product, or an equivalent one, ${time}`
  );
}

/** Text on the arms: who is contacted, who is left alone and why, and how customers with several offers are counted. */
function countingText(counted: Runs): string {
  const last = counted.findLast(({ hasOffers }) => hasOffers);
  if (last === undefined) return '';
  const { offered, control } = last.offeredBefore;
  return (
    'Contacted: on the contact list, also if the bank did not reach the customer.' +
    ' Left alone: the control, customers drawn by chance who would have got such an offer. Their purchases show what customers buy' +
    ' without a contact. Effect of the first contact: each customer is counted once, at their first offer, contacted or left alone.' +
    ` Later offers of the same customer are not counted: in the run of ${last.date} those of ${customerCount(offered)} contacted` +
    ` and ${customerCount(control)} left alone.`
  );
}

const looksText =
  'Proven: chance alone does this to 1 in 40 campaigns without an effect, if you look once.' +
  ' With a look after every run it happens more often: to about 1 in 8 after 30 runs.';

const privacyText =
  `To protect customers, their numbers are rounded down to tens. A hidden number, or a dash, is below ${smallestPublished},` +
  ' or would reveal another number below it.';

/** Paragraphs on the figures of the main run: days, counting, repeated looks, rounding. */
export function aboutTexts(about: About): string[] {
  const main = mainRun(about.outcomes);
  const counted = about.runs.filter(({ run }) =>
    main === 'all' ? about.pooled.includes(run) : main === undefined || run === main,
  );
  const counting = countingText(counted);
  return [periodText(counted, about), counting, counting && looksText, privacyText].filter((text) => text !== '');
}
