import { type PublishedCount, publishedCount, publishedMiddle, publishedParts, publishedValue } from '@basketwise/data/published';
import { armRange, publishedFigures } from '@basketwise/offers';
import { groupBy } from './group-by.ts';
import { type PublishedArms, publishedNumbers } from './outcome-cells.ts';
import type { Outcome, Outcomes } from './outcomes.ts';

/** Publishes an outcome, with figures computed from the published numbers. */
function publishedOutcome(
  { run, by, value, isProof, campaigns: _, controls: exactControls, ...exact }: Outcome,
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

/** Publishes probabilities of a run by tenths. Each has a tenth of the published number of offers. */
function publishedBands(bands: Outcomes['calibration']) {
  const total = publishedCount(bands.reduce((sum, { offers }) => sum + offers, 0));
  const offers = total === null ? null : publishedCount(Math.floor(total / bands.length));
  const counts = bands.map((band) => Math.round(band.bought * band.offers));
  const bought = publishedParts(
    counts,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const share = (count: PublishedCount) =>
    count === null || !offers ? null : Math.min(1, publishedMiddle(count) / (publishedMiddle(total!) / bands.length));
  return bands.map(({ run, band, expected }, i) => {
    const of = share(bought[i]!);
    return {
      ...{ run, band, offers, expected: offers ? publishedValue(expected) : null },
      bought: of === null ? null : publishedValue(of),
    };
  });
}

/** Effect report with publishable figures: all are computed from published numbers of customers. */
export function publishedOutcomes({ outcomes, calibration, runs, pooled, ...about }: Outcomes) {
  const { arms, offeredBefore } = publishedNumbers({ outcomes, runs, pooled });
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
