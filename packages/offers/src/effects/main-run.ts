import type { PublishedOutcome } from './published-outcomes.ts';

type Rows = readonly PublishedOutcome[];

/**
 * Run of the sentences, the first table, the chart and the metrics: all runs together, else the newest run with a control, else
 * the last one. Undefined without outcomes.
 */
export function mainRun(outcomes: Rows): string | undefined {
  if (outcomes.some(({ run }) => run === 'all')) return 'all';
  return (outcomes.findLast(({ isProof }) => isProof) ?? outcomes.at(-1))?.run;
}

/** Outcomes of all offers and of each campaign in the main run. */
export function mainOutcomes(outcomes: Rows): PublishedOutcome[] {
  const run = mainRun(outcomes);
  return outcomes.filter((one) => one.run === run && (one.by === 'all' || one.by === 'campaign'));
}

/** Effect report, as far as its runs are chosen by it. */
interface Counted<Run> {
  outcomes: Rows;
  runs: readonly Run[];
  pooled: readonly string[];
}

/** Runs of the figures: those of the main run. */
export function countedRuns<Run extends { run: string }>({ outcomes, runs, pooled }: Counted<Run>): Run[] {
  const main = mainRun(outcomes);
  return runs.filter(({ run }) => (main === 'all' ? pooled.includes(run) : main === undefined || run === main));
}

/** Campaign of an outcome, or `all campaigns`. */
export function campaignName({ by, value }: Pick<PublishedOutcome, 'by' | 'value'>): string {
  return by === 'all' ? 'all campaigns' : value;
}

/** Names of the two arms of an outcome: drawn at random, two variants, or listed customers and others. */
export function armNames({ by, isProof }: Pick<PublishedOutcome, 'by' | 'isProof'>): readonly [string, string] {
  if (!isProof) return ['with a list', 'without one'];
  return by === 'experiment' || by === 'effect' ? ['contacted', 'contacted of base'] : ['contacted', 'left alone'];
}
