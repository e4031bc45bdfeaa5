import type { CalendarSpan } from '@basketwise/core/parts';
import { countText, countWords, percent } from '@basketwise/data/published';
import { formatNumber, textTable, wrapped } from '@basketwise/page';
import type { LiftInterval } from '@basketwise/recommend';
import { outcomeSentences } from './outcome-sentence.ts';
import type { Outcomes } from './outcomes.ts';
import { type PublishedOutcome, publishedOutcomes } from './published-outcomes.ts';

const effectText = (share: number) => percent(share, 2);

/** Verdict on offers, in a few words. */
function proofText({ isProof, proven, missing }: Pick<PublishedOutcome, 'isProof' | 'proven' | 'missing'>): string {
  if (!isProof) return 'no proof: listed customers are not a random sample';
  if (proven === null) return '–';
  if (proven) return 'proven';
  return missing === null
    ? 'not proven'
    : missing === 0
      ? 'not proven by numbers in tens'
      : `not proven, about ${formatNumber(missing)} customers more`;
}

/** Greatest factor between the ends of a lift that is shown. */
const mostSpan = 100;

/** Whether a lift says nothing: its interval has no upper bound, or ends far apart. Lower ends below -90 % count as -90 %. */
function isVague({ low, high }: LiftInterval): boolean {
  return high === null || 1 + high > mostSpan * Math.max(1 + low, 0.1);
}

/** Sentence on lifts that are not shown. Empty if there are none. */
export function liftText(outcomes: readonly PublishedOutcome[]): string {
  return outcomes.some(({ by, lift }) => by !== 'effect' && lift !== null && isVague(lift))
    ? `No lift is shown where so few customers bought that its interval has no bound, or ends a factor of ${mostSpan} apart.`
    : '';
}

/** Cells of an outcome: rates, difference, lift, verdict. */
export function outcomeCells({ offered, control, difference, lift, ...outcome }: PublishedOutcome): string[] {
  const bounds =
    difference === null ? '–' : `${effectText(difference.value)} [${effectText(difference.low)}, ${effectText(difference.high)}]`;
  const ratio =
    lift === null || lift.value === null || isVague(lift)
      ? '–'
      : `${effectText(lift.value)} [${effectText(lift.low)}, ${effectText(lift.high!)}]`;
  return [
    ...[offered, control].flatMap(({ customers, bought }) => [countText(customers), countText(bought)]),
    ...[bounds, ratio, proofText(outcome)],
  ];
}

/** Names of the cells of an outcome. */
export const outcomeHeads = ['offered', 'bought', 'control', 'bought', 'difference [95 %]', 'lift [95 %]', 'verdict'];

function spanText({ months, days }: CalendarSpan): string {
  const parts = [[months, 'month'] as const, [days, 'day'] as const].filter(([count]) => count > 0);
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' and ');
}

/** Dates of the runs in the figures. */
function periodText(runs: ReturnType<typeof publishedOutcomes>['runs']): string {
  const [first, last] = [runs[0]!.date, runs.at(-1)!.date];
  const which = first === last ? `Offers of the run of ${last}` : `Offers of ${runs.length} runs, ${first} to ${last}`;
  return `${which}; later runs follow when their window is over.`;
}

/** Text on the estimand of the figures, and on the number of the last run's customers that they exclude. */
export function estimandText({
  runs,
  window,
  gap,
}: Pick<ReturnType<typeof publishedOutcomes>, 'runs' | 'window' | 'gap'>): string {
  const after = gap === null || gap.months + gap.days === 0 ? '' : `${spanText(gap)} (evaluate.gap) `;
  const bought = `Bought: within ${spanText(window)}, beginning ${after}after the run.`;
  const last = runs.findLast(({ hasOffers }) => hasOffers);
  if (last === undefined) return `${periodText(runs)} ${bought}`;
  const { offered, control } = last.offeredBefore;
  return (
    `${periodText(runs)} ${bought} Effect of the first contact: each customer counts at their first offer under the salt of the control,` +
    ` contacted or left alone. Later offers are not counted: in ${last.run} those of ${countWords(offered)} customers,` +
    ` and of ${countWords(control)} of the control.`
  );
}

/** Effect report for the terminal: a sentence for each campaign, then all figures, a table for each run. */
export function outcomesText(outcomes: Outcomes, width: number): string {
  const published = publishedOutcomes(outcomes);
  if (published.runs.length === 0) return `No run's window is over on ${outcomes.date}: there is nothing to read out yet.\n`;
  const sentences = outcomeSentences(published).map(({ group, text }) => wrapped(`${group}: ${text}`, { width }));
  const about = [estimandText(published), liftText(published.outcomes)].filter((text) => text !== '');
  const tables = [...new Set(published.outcomes.map(({ run }) => run))].map((run) => {
    const groups = published.outcomes.filter((one) => one.run === run);
    const rows = groups.map((one) => [one.by === 'all' ? 'all' : `${one.by} ${one.value}`, ...outcomeCells(one)]);
    return `${run === 'all' ? 'all runs together' : `run ${run}`}\n${textTable([['offers', ...outcomeHeads], ...rows], width)}`;
  });
  return [sentences.join(''), ...about.map((text) => wrapped(text, { width })), ...tables].join('\n');
}
