import { type PublishedCount, publishedCount, publishedMiddle, publishedParts, publishedValue } from '@basketwise/data/published';
import { armRange, type PublishedArm, publishedFigures } from '@basketwise/offers';
import type { Arm } from '@basketwise/recommend';
import type { Outcome, Outcomes } from './outcomes.ts';

/** Publishes the numbers of several groups of an outcome's customers. They can sum to the total, or to more. */
function publishedArms(arms: readonly Arm[], whole: Arm | undefined): PublishedArm[] {
  const published = (of: keyof Arm) => {
    const counts = arms.map((arm) => arm[of]);
    const sum = counts.reduce((total, count) => total + count, 0);
    // Limits of capacities reveal the exact number of offers.
    return publishedParts(counts, sum, of === 'customers' && sum === whole?.customers);
  };
  const [customers, bought] = [published('customers'), published('bought')];
  return arms.map((_, i) => ({ customers: customers[i]!, bought: bought[i]! }));
}

/** Publishes groups of one kind, of one run. */
function publishedGroup(group: readonly Outcome[], all: Outcome | undefined) {
  const offered = publishedArms(
    group.map((one) => one.offered),
    all?.offered,
  );
  const control = publishedArms(
    group.map((one) => one.control),
    all?.control,
  );
  const alone = (of: Arm) => armRange({ customers: publishedCount(of.customers), bought: publishedCount(of.bought) }, of.bought);
  return group.map(({ run, by, value, isProof, controls, ...exact }, i) => {
    const [one, other] = [offered[i]!, control[i]!];
    const ranges = [armRange(one, exact.offered.bought), armRange(other, exact.control.bought)] as const;
    const figures = publishedFigures(isProof, ...ranges, controls && [alone(controls.offered), alone(controls.control)]);
    const hidden = { difference: null, lift: null, proven: null, missing: null };
    return { run, by, value, isProof, offered: one, control: other, ...(figures ?? hidden) };
  });
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

/** Groups entries by a key, in the order of first occurrence. */
function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}

/** Effect report with publishable figures: all are computed from published numbers of customers. */
export function publishedOutcomes({ outcomes, calibration, runs, ...about }: Outcomes) {
  const groups = groupBy(outcomes, ({ run, by }) => JSON.stringify([run, by]));
  const bands = groupBy(calibration, ({ run }) => run);
  const all = new Map(outcomes.filter(({ by }) => by === 'all').map((one) => [one.run, one]));
  return {
    ...about,
    runs: runs.map(({ offeredBefore: { offered, control }, ...run }) => ({
      ...run,
      offeredBefore: { offered: publishedCount(offered), control: publishedCount(control) },
    })),
    outcomes: groups.flatMap((group) => publishedGroup(group, all.get(group[0]!.run))),
    calibration: bands.flatMap(publishedBands),
  };
}

/** Published outcome of a group. */
export type PublishedOutcome = ReturnType<typeof publishedGroup>[number];
