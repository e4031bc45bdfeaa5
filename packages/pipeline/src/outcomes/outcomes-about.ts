import { type CalendarSpan, dateOfDay, daysSinceEpoch, minusSpan, type PlainDate } from '@basketwise/core/parts';
import { countWords, smallestPublished } from '@basketwise/data/published';
import type { publishedOutcomes } from './published-outcomes.ts';

function spanText({ months, days }: CalendarSpan): string {
  const parts = [[months, 'month'] as const, [days, 'day'] as const].filter(([count]) => count > 0);
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' and ');
}

type About = Pick<ReturnType<typeof publishedOutcomes>, 'runs' | 'window' | 'gap'>;

const plusSpan = (date: PlainDate, { months, days }: CalendarSpan) => minusSpan(date, { months: -months, days: -days });

/** Days of the offers and of the purchases in the figures, and which purchases count. */
function periodText({ runs, window, gap }: About): string {
  const [first, last] = [runs[0]!.date, runs.at(-1)!.date];
  const which = first === last ? `Offers of the run of ${last}` : `Offers of ${runs.length} runs, ${first} to ${last}`;
  const none = { months: 0, days: 0 };
  const isAtOnce = gap === null || gap.months + gap.days === 0;
  const begin = plusSpan(first, gap ?? none);
  const from = dateOfDay(daysSinceEpoch(begin) + 1);
  const until = plusSpan(plusSpan(last, gap ?? none), window);
  return (
    `${which}; later runs follow when their window is over. Purchases from ${from} to ${until}. Bought: the customer opened a product` +
    ` of that offer within ${spanText(window)}, beginning ${isAtOnce ? '' : `${spanText(gap)} (evaluate.gap) `}after the run.`
  );
}

/** Text on the control: who is left alone and why, and how customers with several offers are counted. */
function countingText({ runs }: About): string {
  const last = runs.findLast(({ hasOffers }) => hasOffers);
  if (last === undefined) return '';
  const { offered, control } = last.offeredBefore;
  return (
    'Left alone: the control, customers drawn by chance who would have got such an offer. Their purchases show what customers buy' +
    ' without a contact. Effect of the first contact: each customer is counted once, at their first offer, contacted or left alone.' +
    ` Later offers of the same customer are not counted: in the run of ${last.date} those of ${countWords(offered)} contacted` +
    ` and ${countWords(control)} left alone.`
  );
}

const privacyText =
  `To protect customers, their numbers are rounded down to tens. A hidden number, or a dash, is below ${smallestPublished},` +
  ' or would reveal another number below it.';

/** Paragraphs on the figures: days, counting, rounding. */
export function aboutTexts(about: About): string[] {
  return [periodText(about), countingText(about), privacyText].filter((text) => text !== '');
}
