import {
  aboutTexts,
  type ContactList,
  contactText,
  decisionText,
  mainRun,
  needText,
  outcomeSentences,
  type publishedOutcomes,
  purchaseDays,
} from '@basketwise/offers';
import { textTable, wrapped } from '@basketwise/page';
import { outcomeTables } from '@basketwise/pipeline';

type Outcomes = ReturnType<typeof publishedOutcomes>;

/** Parts of the effect report for the terminal. */
export interface OutcomesTextOptions {
  width: number;
  /** Whether each run has a table, too. */
  withRuns?: boolean;
  /** Current contact list. Absent: none. */
  contacts?: ContactList;
}

/** Effect report for the terminal: decision, sentences, current step, meaning of the figures, and tables of the main run. */
export function outcomesText(published: Outcomes, { width, withRuns = false, contacts }: OutcomesTextOptions): string {
  if (published.runs.length === 0) {
    const [, until] = purchaseDays(published.date, published);
    return `No run's window is over on ${published.date}: there is nothing to read out yet. The window of a run of this date is over on ${until}.\n`;
  }
  const sentences = outcomeSentences(published).map(({ group, text }) => wrapped(`${group}: ${text}`, { width }));
  const now = contacts === undefined ? '' : contactText(published, contacts, `The run of ${published.date} is published. Now`);
  const runs = [...new Set(published.outcomes.map(({ run }) => run))];
  const main = mainRun(published.outcomes);
  const shown = runs.filter((run) => run === main || withRuns).sort((a, b) => Number(b === main) - Number(a === main));
  const more = withRuns || runs.length < 2 ? '' : 'Each run by itself: --runs. All groups: --json.';
  const tables = shown.map((run) => runText(published, run, width));
  const wrappedAll = (texts: readonly string[]) => texts.map((text) => (text === '' ? '' : wrapped(text, { width })));
  return [
    ...[
      ...wrappedAll([`${decisionText(published)} ${needText(published)}`.trim()]),
      sentences.join(''),
      ...wrappedAll([now, ...aboutTexts(published)]),
    ],
    ...tables,
    ...wrappedAll([more]),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Tables of a run, or of all together. */
function runText({ outcomes, names }: Outcomes, run: string, width: number): string {
  const { tables, notes } = outcomeTables(
    outcomes.filter((one) => one.run === run),
    names,
  );
  const title = run === 'all' ? 'all runs together' : `run ${run}`;
  return [
    `${title}\n`,
    tables.map(({ head, rows }) => textTable([head, ...rows], width)).join('\n'),
    ...notes.map((text) => wrapped(text, { width })),
  ].join('');
}
