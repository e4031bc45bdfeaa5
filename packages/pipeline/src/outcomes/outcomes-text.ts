import { type CalendarSpan, dateOfDay, daysSinceEpoch, minusSpan, type PlainDate } from '@basketwise/core/parts';
import { countWords, smallestPublished } from '@basketwise/data/published';
import { textTable, wrapped } from '@basketwise/page';
import { decisionText, nowText, outcomeSentences } from './outcome-sentence.ts';
import { outcomeTable } from './outcome-table.ts';
import type { Outcomes } from './outcomes.ts';
import { publishedOutcomes } from './published-outcomes.ts';

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

/** Parts of the effect report for the terminal. */
export interface OutcomesTextOptions {
  width: number;
  /** Whether each run has a table, too. */
  withRuns?: boolean;
  /** Path of the current contact list. Absent: none. */
  contactList?: string;
}

/** Effect report for the terminal: sentences, decision, what the figures mean, and all runs together. */
export function outcomesText(outcomes: Outcomes, { width, withRuns = false, contactList }: OutcomesTextOptions): string {
  const published = publishedOutcomes(outcomes);
  if (published.runs.length === 0) return `No run's window is over on ${outcomes.date}: there is nothing to read out yet.\n`;
  const sentences = outcomeSentences(published).map(({ group, text }) => `${group}: ${text}`);
  const now = contactList === undefined ? '' : nowText(published, contactList);
  const about = aboutTexts(published);
  const runs = [...new Set(published.outcomes.map(({ run }) => run))];
  const main = runs.includes('all') ? 'all' : runs.at(-1);
  const shown = runs.filter((run) => run === main || withRuns).sort((a, b) => Number(b === main) - Number(a === main));
  const more = withRuns || runs.length < 2 ? '' : 'Each run by itself: --runs. All groups: --json.';
  const tables = shown.map((run) => runText(published, run, width));
  const [first, ...others] = sentences.map((text) => wrapped(text, { width }));
  const wrappedAll = (texts: readonly string[]) => texts.map((text) => (text === '' ? '' : wrapped(text, { width })));
  return [
    ...[first ?? '', ...wrappedAll([decisionText(published)]), others.join(''), ...wrappedAll([now, ...about])],
    ...tables,
    ...wrappedAll([more]),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Table of a run, or of all together. */
function runText({ outcomes, names }: ReturnType<typeof publishedOutcomes>, run: string, width: number): string {
  const { head, rows, notes } = outcomeTable(
    outcomes.filter((one) => one.run === run),
    names,
  );
  const title = run === 'all' ? 'all runs together' : `run ${run}`;
  return [
    `${title}\n`,
    rows.length > 0 ? textTable([head, ...rows], width) : '',
    ...notes.map((text) => wrapped(text, { width })),
  ].join('');
}
