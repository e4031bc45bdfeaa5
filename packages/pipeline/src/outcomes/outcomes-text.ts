import { textTable } from '../page/text-table.ts';
import { countText } from '../values/published-count.ts';
import type { Outcomes } from './outcomes.ts';
import { type PublishedOutcome, publishedOutcomes } from './published-outcomes.ts';

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Whether offers worked, in a few words. */
function verdictOf({ isProof, proven, missing }: Pick<PublishedOutcome, 'isProof' | 'proven' | 'missing'>): string {
  if (!isProof) return 'no proof: nobody drew who is listed';
  if (proven === null) return '–';
  if (proven) return 'proven';
  return missing === null
    ? 'not proven'
    : missing === 0
      ? 'not proven by numbers in tens'
      : `not proven, about ${missing} customers more`;
}

/** The cells of an outcome: rates, difference, lift, verdict. */
export function outcomeCells({ offered, control, difference, lift, ...outcome }: PublishedOutcome): string[] {
  const bounds =
    difference === null ? '–' : `${percent(difference.value)} [${percent(difference.low)}, ${percent(difference.high)}]`;
  const ratio =
    lift === null || lift.value === null
      ? '–'
      : `${percent(lift.value)} [${percent(lift.low)}, ${lift.high === null ? 'no bound' : percent(lift.high)}]`;
  return [
    ...[offered, control].flatMap(({ customers, bought }) => [countText(customers), countText(bought)]),
    ...[bounds, ratio, verdictOf(outcome)],
  ];
}

/** Names of the cells of an outcome. */
export const outcomeHeads = ['offered', 'bought', 'control', 'bought', 'difference [95 %]', 'lift [95 %]', 'verdict'];

/** The read-out for the terminal. */
export function outcomesText(outcomes: Outcomes): string {
  const { outcomes: told, runs } = publishedOutcomes(outcomes);
  if (runs.length === 0) return `No run's window is over on ${outcomes.date}: there is nothing to read out yet.\n`;
  const rows = told.map((one) => [one.run, one.by, one.value, ...outcomeCells(one)]);
  return textTable([['run', 'by', 'value', ...outcomeHeads], ...rows]);
}
