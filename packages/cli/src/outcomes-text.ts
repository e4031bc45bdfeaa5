import { textTable, wrapped } from '@basketwise/page';
import { publishedOutcomes } from '@basketwise/pipeline';
import { aboutTexts, decisionText, nowText, outcomeSentences, outcomeTable } from '@basketwise/pipeline/parts';

type Outcomes = Parameters<typeof publishedOutcomes>[0];

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
