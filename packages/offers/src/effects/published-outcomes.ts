import { groupBy } from '@basketwise/core';
import { publishedCount, publishedRange, publishedValue, smallestPublished } from '@basketwise/data/base';
import type { Outcome, Outcomes } from './effect-report.ts';
import { type PublishedArms, publishedNumbers } from './outcome-cells.ts';
import { armRange, publishedFigures } from './outcome-figures.ts';

/** Publishes an outcome, with figures computed from the published numbers. */
function publishedOutcome(
  { run, by, value, isProof, controls: exactControls, ...exact }: Outcome,
  { offered, control, controls }: PublishedArms,
) {
  const ranges = [armRange(offered, exact.offered.bought), armRange(control, exact.control.bought)] as const;
  const ofControls =
    controls &&
    ([
      armRange(controls.offered, exactControls!.offered.bought),
      armRange(controls.control, exactControls!.control.bought),
    ] as const);
  const figures = publishedFigures(isProof, ...ranges, ofControls);
  const hidden = { difference: null, lift: null, proven: null, missing: null };
  return { run, by, value, isProof, offered, control, ...(figures ?? hidden) };
}

/**
 * Publishes the calibration of a run by tenths of its offers, sorted by probability.
 * Each tenth has a tenth of the published number of offers, and the range of purchase shares that its published numbers stand for.
 * Offers and purchases are rounded down to multiples of 10 x the greatest number of offers of one customer.
 */
function publishedBands(bands: Outcomes['calibration']) {
  const { each } = bands[0]!;
  const total = publishedCount(
    bands.reduce((sum, { offers }) => sum + offers, 0),
    each,
  );
  const offers = total === null ? null : publishedCount(Math.floor(total / bands.length), each);
  const counts = bands.map((band) => Math.round(band.bought * band.offers) / each);
  const bought = counts.map((count) => (count < smallestPublished ? null : publishedCount(count)));
  // Least and greatest number of offers that a published number of customers stands for.
  const rows = (customers: number) => [customers * each, publishedRange(customers)[1] * each + each - 1] as const;
  const [fewest, most] = rows((total ?? 0) / each).map((end) => end / bands.length) as [number, number];
  return bands.map(({ run, band, expected }, i) => {
    const isKnown = bought[i]! !== null && offers !== null && offers > 0;
    const [low, high] = rows(bought[i] ?? 0);
    return {
      ...{ run, band, offers, expected: offers ? publishedValue(expected) : null },
      boughtLow: isKnown ? publishedValue(low / most) : null,
      boughtHigh: isKnown ? publishedValue(Math.min(1, high / fewest)) : null,
    };
  });
}

/** Effect report with publishable figures. All figures are computed from published numbers of customers. */
export function publishedOutcomes({ outcomes, calibration, runs, pooled, limits, ...about }: Outcomes) {
  const { arms, offeredBefore } = publishedNumbers({ outcomes, runs, limits });
  return {
    ...about,
    runs: runs.map((run, i) => ({ ...run, offeredBefore: offeredBefore[i]! })),
    pooled,
    outcomes: outcomes.map((one, i) => publishedOutcome(one, arms[i]!)),
    calibration: groupBy(calibration, ({ run }) => run).flatMap(publishedBands),
  };
}

/** Published outcome of a group. */
export type PublishedOutcome = ReturnType<typeof publishedOutcome>;

/** Next step of a campaign: `go on` after a proven positive effect, `stop` after a proven negative one (interval below 0). */
export type Step = 'go on' | 'stop' | 'undecided';

/** Decision on a campaign, from its published effect. */
export function stepOf({ difference, proven }: Pick<PublishedOutcome, 'difference' | 'proven'>): Step {
  if (difference === null) return 'undecided';
  if (proven) return 'go on';
  return difference.high < 0 ? 'stop' : 'undecided';
}

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
  return outcomes.filter((outcome) => outcome.run === run && (outcome.by === 'all' || outcome.by === 'campaign'));
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
