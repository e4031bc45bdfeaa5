import { groupBy } from '@basketwise/core';
import { hideBeside, type PublishedCount, publishedCount, smallestPublished } from '@basketwise/data/base';
import type { Arm } from '@basketwise/recommend';
import type { Outcome, Outcomes } from './effect-report.ts';
import type { PublishedArm } from './outcome-figures.ts';

type Name = 'offered' | 'control';

/** Published numbers of the arms of an outcome. `controls` is null if the outcome has no `controls`. */
export interface PublishedArms {
  offered: PublishedArm;
  control: PublishedArm;
  controls: Record<Name, PublishedArm> | null;
}

/** Published numbers of customers of an effect report. */
export interface PublishedNumbers {
  /** Published arms of each outcome, in the order of the outcomes. */
  arms: readonly PublishedArms[];
  /** Number of customers in each arm who are excluded because of an earlier offer, by run. */
  offeredBefore: readonly Record<Name, PublishedCount>[];
}

type Report = Pick<Outcomes, 'outcomes' | 'runs' | 'limits'>;

/** Publishes all numbers of an effect report. */
export function publishedNumbers(report: Report): PublishedNumbers {
  const [contacted, left] = (['offered', 'control'] as const).map((name) => {
    const customers = publishedArm(report, name, 'customers');
    return { customers, bought: publishedArm(report, name, 'bought') };
  }) as [PublishedColumns, PublishedColumns];
  const arm = ({ customers, bought }: PublishedColumns, i: number, which: 0 | 1): PublishedArm => ({
    ...{ customers: customers.numbers[i]![which]!, bought: bought.numbers[i]![which]! },
  });
  return {
    arms: report.outcomes.map(({ by }, i) =>
      by === 'experiment' || by === 'effect'
        ? {
            ...{ offered: arm(contacted, i, 0), control: arm(contacted, i, 1) },
            controls: by === 'effect' ? { offered: arm(left, i, 0), control: arm(left, i, 1) } : null,
          }
        : { offered: arm(contacted, i, 0), control: arm(left, i, 0), controls: null },
    ),
    offeredBefore: report.runs.map((_, i) => ({
      ...{ offered: contacted.customers.before[i]!, control: left.customers.before[i]! },
    })),
  };
}

type PublishedColumns = Record<keyof Arm, ReturnType<typeof publishedArm>>;

/**
 * Publishes the customers or the purchasers of one arm: for each outcome, and for those with an earlier offer by run. An outcome that
 * compares two variants also has those of `base`. A zero is hidden like a small number, unless all numbers are zeros: a small sum
 * over many runs or clusters would otherwise reveal that each of their numbers is 1.
 */
function publishedArm({ outcomes, runs, limits }: Report, name: Name, count: keyof Arm) {
  const numbers = outcomes.map((outcome) => armsIn(outcome, name).map((arm) => arm[count]));
  const places = placesOf(numbers);
  const before = count === 'customers' ? runs.map(({ offeredBefore }) => offeredBefore[name]) : [];
  const counts = [...numbers.flat(), ...before];
  const ofOutcomes = counts.length - before.length;
  const isNone = counts.every((number) => number === 0);
  const shown = counts.map((number, place) =>
    place < ofOutcomes && number < smallestPublished && !isNone ? null : publishedCount(number),
  );
  if (name === 'offered' && count === 'customers') {
    const rows = outcomes.map((outcome, i) => ({ ...outcome, places: places[i]! }));
    for (const total of knownTotals(rows, runs, limits, ofOutcomes)) hideBeside(shown, counts, total);
  }
  return { numbers: places.map((some) => some.map((place) => shown[place]!)), before: shown.slice(ofOutcomes) };
}

/** Position of each number of a list of lists, counted through all of them. */
function placesOf(numbers: readonly (readonly number[])[]): number[][] {
  let place = 0;
  return numbers.map((some) => some.map(() => place++));
}

/** Arms of an outcome (contacted or control), and those of variant `base` if the outcome compares two variants. */
function armsIn({ by, offered, control, controls }: Outcome, name: Name): readonly Arm[] {
  if (by !== 'experiment' && by !== 'effect') return [name === 'offered' ? offered : control];
  if (name === 'offered') return [offered, control];
  return controls === null ? [] : [controls.offered, controls.control];
}

/**
 * Positions of contacted customers whose sum can be known exactly, because a used-up capacity of the config limits it: the groups of
 * one kind in a run with those of an earlier offer, the groups of its campaigns, and what a capacity counts.
 * @param first position of the number of customers with an earlier offer, of the first run
 */
function knownTotals(
  rows: readonly (Outcome & { places: readonly number[] })[],
  runs: Report['runs'],
  limits: Report['limits'],
  first: number,
): number[][] {
  const ofRun = (name: string) => rows.filter(({ run }) => run === name);
  const kinds = [...new Set(rows.map(({ run }) => run))].flatMap((name) =>
    groupBy(ofRun(name), ({ by }) => by).flatMap((kind) => {
      const at = runs.findIndex(({ run }) => run === name);
      const whole = [...kind.flatMap(({ places }) => places), ...(at < 0 ? [] : [first + at])];
      const byCampaigns = groupBy(kind, ({ campaigns }) => JSON.stringify(campaigns));
      return [whole, ...byCampaigns.map((some) => some.flatMap(({ places }) => places))];
    }),
  );
  const limited = limits.map(({ run: name, by: kind, values }) =>
    ofRun(name).flatMap(({ by, value, places }) => (by === kind && values.includes(value) ? places : [])),
  );
  return [...limited, ...kinds];
}
