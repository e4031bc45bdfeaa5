import type { PublishedOutcome } from './published-outcomes.ts';

type Rows = readonly PublishedOutcome[];

/**
 * Main run of an effect report: the run that the sentences, the first table, the chart and the metrics show.
 * It is `all` (the runs evaluated together) if it exists, otherwise the newest run with a control, otherwise the last run.
 * Undefined without outcomes.
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

/** Parts of an effect report that determine the runs of the main run. */
interface Counted<Run> {
  outcomes: Rows;
  runs: readonly Run[];
  pooled: readonly string[];
}

/** Runs whose customers count in the figures of the main run. */
export function countedRuns<Run extends { run: string }>({ outcomes, runs, pooled }: Counted<Run>): Run[] {
  const main = mainRun(outcomes);
  return runs.filter(({ run }) => (main === 'all' ? pooled.includes(run) : main === undefined || run === main));
}

/** Campaign of an outcome, or `all campaigns`. */
export function campaignName({ by, value }: Pick<PublishedOutcome, 'by' | 'value'>): string {
  return by === 'all' ? 'all campaigns' : value;
}

/** Names of the two arms of an outcome: contacted and control, two variants, or customers with a list and all others. */
export function armNames({ by, isProof }: Pick<PublishedOutcome, 'by' | 'isProof'>): readonly [string, string] {
  if (!isProof) return ['with a list', 'without one'];
  return by === 'experiment' || by === 'effect' ? ['contacted', 'contacted of base'] : ['contacted', 'left alone'];
}
