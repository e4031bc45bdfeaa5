import { groupBy } from '@basketwise/core/parts';
import { publishedCells, publishedCount, publishedRange, publishedValue } from '@basketwise/data/published';
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
  const places = [...counts.keys()];
  const sum = counts.reduce((before, count) => before + count, 0);
  const bought = publishedCells(counts, [{ places, total: sum }], new Set(), new Set(places));
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
  const { arms, offeredBefore } = publishedNumbers({ outcomes, runs, pooled, limits });
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
