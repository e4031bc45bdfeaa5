import { countWords } from '@basketwise/data/published';
import { type Cell, type Html, html, table } from '@basketwise/page';
import { intervalChart } from '@basketwise/page/charts';
import { outcomeSentences } from '../outcomes/outcome-sentence.ts';
import { estimandText, liftText, outcomeCells, outcomeHeads } from '../outcomes/outcomes-text.ts';
import type { PublicReport } from './run-report.ts';

type PublishedOutcomes = NonNullable<PublicReport['outcomes']>;
type PublishedGroup = PublishedOutcomes['outcomes'][number];

/** Most runs that the report shows, the newest. */
const mostRuns = 12;

/** Titles of the groups in the report. */
const labels: Partial<Record<PublishedGroup['by'], (value: string) => string>> = {
  all: () => 'all',
  campaign: (value) => value,
  variant: (value) => `variant ${value}`,
  experiment: (value) => `${value} against base`,
  effect: (value) => `effect of ${value} less that of base`,
};

/** Headings of the groups of all offers. */
const groupHeads: Partial<Record<PublishedGroup['by'], string>> = {
  product: 'product',
  rank: 'order',
  cluster: 'cluster',
  model: 'model',
};
/** Most groups of one kind in the report. The groups with most offers are shown. */
const shownGroups = 20;

/**
 * Table of outcomes by product, order, cluster and model, except of too few customers: of all runs together, or of the only one.
 */
function groupTable({ outcomes, names }: PublishedOutcomes): Html {
  const run = outcomes.some((one) => one.run === 'all') ? 'all' : outcomes.at(-1)?.run;
  const rows = Object.entries(groupHeads).flatMap(([by, name]) =>
    outcomes
      .filter((one) => one.run === run && one.by === by && one.offered.customers)
      .sort((a, b) => (b.offered.customers ?? 0) - (a.offered.customers ?? 0))
      .slice(0, shownGroups)
      .map((one): Cell[] => [
        [name, one.value, by === 'product' && (names[one.value] ?? '')].filter(Boolean).join(' '),
        ...outcomeCells(one),
      ]),
  );
  const title = `Outcomes by product, order, cluster and model, of each the ${shownGroups} with most offers`;
  return rows.length > 0 ? table(title, ['offers', ...outcomeHeads], rows) : html``;
}

/** Printed page on the effect: a sentence for each campaign, the intervals of the runs, and the current decision. */
function effectSheet(
  { referenceDate, run, offers }: PublicReport,
  outcomes: PublishedOutcomes,
  shown: readonly PublishedGroup[],
): Html {
  const estimates = shown.flatMap(({ run: label, by, difference }) =>
    by === 'all' && difference
      ? [{ label, mean: 100 * difference.value, low: 100 * difference.low, high: 100 * difference.high }]
      : [],
  );
  const sentences = outcomeSentences(outcomes).map(({ group, text }) => html`<li><b>${group}</b>: ${text}</li>`);
  const decided = offers
    ? `Decided on this date: ${countWords(offers.all.offered)} customers are contacted; ${countWords(offers.control.decided)} more would be, but are in the control and left alone. The contact list is in the folder of this page.`
    : null;
  return html`<section class="sheet"><h2 id="outcomes">Effect of earlier offers</h2>
<p class="note">As of ${referenceDate}, run ${run}. Numbers of customers are rounded down to tens.</p>
<ul>${sentences}</ul>
${decided && html`<p>${decided}</p>`}
${estimates.length > 0 ? intervalChart('Bought more often because of the first contact', 'points of percent', estimates) : ''}
<p>${estimandText(outcomes)} Intervals of 95 %: Newcombe's for differences,
MOVER of score intervals for lifts. ${liftText(outcomes.outcomes)}</p></section>`;
}

/**
 * Section on the effect of the first contact in earlier runs whose window has ended, contacted against control: one page, then
 * all figures.
 */
export function outcomeSection(report: PublicReport): Html {
  const { outcomes } = report;
  if (!outcomes || outcomes.runs.length === 0) return html``;
  const newest = new Set([...outcomes.runs.slice(-mostRuns).map(({ run }) => run), 'all']);
  const shown = outcomes.outcomes.filter(({ run, by }) => newest.has(run) && labels[by] !== undefined);
  const last = outcomes.runs.at(-1)!.run;
  const isShort = ({ run, by }: PublishedGroup) => run !== 'all' && run !== last && by === 'campaign';
  const first = ({ run }: PublishedGroup) => (run === 'all' ? 0 : 1);
  const rows = shown
    .filter((one) => !isShort(one))
    .sort((a, b) => first(a) - first(b))
    .map((one): Cell[] => [one.run, labels[one.by]!(one.value), ...outcomeCells(one)]);
  const bands = outcomes.calibration
    .filter(({ run }) => run === last)
    .map(({ band, offers, expected, bought }): Cell[] => [band, offers, expected, bought]);
  return html`${effectSheet(report, outcomes, shown)}
${table('Outcomes, by campaign of all runs together and of the last one (outcomes.parquet has all)', ['run', 'offers', ...outcomeHeads], rows)}
${groupTable(outcomes)}
${bands.length > 0 ? table('Probabilities as published in the last of these runs', ['tenth', 'offers', 'expected', 'bought'], bands) : ''}`;
}
