import { baseName, groupBy, required } from '@basketwise/core/parts';
import { type PartsOf, type PublishedCount, publishedCells, smallestPublished } from '@basketwise/data/published';
import type { Arm } from '@basketwise/recommend';
import type { OfferLimit, Outcome, Outcomes } from './effect-report.ts';
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

/** Numbers of one arm over all outcomes, and the sums that connect them. A number that several outcomes share has one position. */
interface Cells {
  counts: number[];
  groups: PartsOf[];
  unpublished: Set<number>;
}

type Report = Pick<Outcomes, 'outcomes' | 'runs' | 'pooled' | 'limits'>;

/** Publishes all numbers of an effect report together, because sums connect the numbers of runs, campaigns and other groups. */
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

/** Publishes the customers or the purchasers of one arm, for each outcome. An outcome that compares two variants also has those of `base`. */
function publishedArm({ outcomes, runs, pooled, limits }: Report, name: Name, of: keyof Arm) {
  const cells: Cells = { counts: [], groups: [], unpublished: new Set() };
  const variants = new Map<string, { place: number; arm: Arm }[]>();
  const rows = outcomes.map((one): Row => {
    const arms = armsIn(one, name);
    const places = arms.map((arm, i) => {
      if (one.by !== 'variant' && !isComparison(one)) return addCell(cells, arm[of]);
      const key = keyOf(one.run, i === 0 ? one.value : baseName);
      const known = variants.get(key) ?? [];
      const same = known.find((other) => other.arm.customers === arm.customers && other.arm.bought === arm.bought);
      if (same) return same.place;
      const place = addCell(cells, arm[of]);
      variants.set(key, [...known, { place, arm }]);
      return place;
    });
    return { ...one, places };
  });
  const isCustomers = of === 'customers';
  const without = new Set(runs.flatMap(({ run, offeredBefore }) => (offeredBefore[name] === 0 ? [run] : [])));
  if (pooled.every((run) => without.has(run))) without.add('all');
  const known = isCustomers && name === 'offered' ? limitsOf(cells, rows, limits) : [];
  addSums(cells, { rows, limits: known, isExact: (run) => isCustomers && without.has(run) });
  for (const { places, before } of known) {
    const all = before === 0 ? places : [...places, addUnpublished(cells, before)];
    cells.groups.push({ places: all, total: sumOf(cells, all), isExact: true });
  }
  const before = isCustomers ? runs.map(({ offeredBefore }) => addCell(cells, offeredBefore[name])) : [];
  if (isCustomers)
    addOffers(
      cells,
      rows,
      runs.map(({ run }) => run),
      before,
      name === 'offered',
    );
  // A small sum over many runs or clusters would reveal that nearly all of their small numbers are 0.
  // Zeros are therefore hidden like small numbers, unless all numbers are 0.
  const likeSmall = new Set(cells.counts.some((count) => count > 0) ? rows.flatMap(({ places }) => places) : []);
  const shown = publishedCells(cells.counts, cells.groups, cells.unpublished, likeSmall);
  const at = (place: number) => shown[place]!;
  return { numbers: rows.map(({ places }) => places.map(at)), before: before.map(at) };
}

const isComparison = ({ by }: Pick<Outcome, 'by'>) => by === 'experiment' || by === 'effect';

/** Numbers of an outcome in an arm (contacted or control), and those of variant `base` if the outcome compares two variants. */
function armsIn({ by, offered, control, controls }: Outcome, name: Name): readonly Arm[] {
  if (!isComparison({ by })) return [name === 'offered' ? offered : control];
  if (name === 'offered') return [offered, control];
  return controls === null ? [] : [controls.offered, controls.control];
}

function addCell({ counts }: Cells, count: number): number {
  return counts.push(count) - 1;
}

const keyOf = (...names: readonly string[]) => JSON.stringify(names);

const sumOf = ({ counts }: Cells, places: readonly number[]) => places.reduce((sum, place) => sum + counts[place]!, 0);

function addUnpublished(cells: Cells, count: number): number {
  const place = addCell(cells, count);
  cells.unpublished.add(place);
  return place;
}

/**
 * Records that some numbers sum to another number, or to a part of it.
 * Numbers of overlapping groups may sum to more than that number; they then sum to a total of their own.
 */
function addParts(cells: Cells, places: readonly number[], of: number | undefined, isExact = false): void {
  if (places.length === 0) return;
  const total = sumOf(cells, places);
  const rest = of === undefined ? -1 : cells.counts[of]! - total;
  if (of === undefined || rest < 0) cells.groups.push({ places, total });
  else if (rest === 0) cells.groups.push({ places, of, total, isExact });
  else cells.groups.push({ places: [...places, addUnpublished(cells, rest)], of, total: total + rest });
}

/** Outcome with the positions of its numbers in `Cells`: one number, or two numbers if the outcome compares two variants. */
type Row = Outcome & { places: readonly number[] };

/** Capacity of the config, with the positions in `Cells` of the numbers that it counts. */
type Limit = OfferLimit & { places: readonly number[] };

/** Capacities that can reveal small numbers. A capacity that counts fewer than ten customers is left out: the config alone reveals it. */
function limitsOf(cells: Cells, rows: readonly Row[], limits: readonly OfferLimit[]): Limit[] {
  return limits.flatMap((limit) => {
    const counted = rows.filter(({ run, by, value }) => run === limit.run && by === limit.by && limit.values.includes(value));
    const places = counted.flatMap((row) => row.places);
    return places.length > 0 && sumOf(cells, places) + limit.before >= smallestPublished ? [{ ...limit, places }] : [];
  });
}

/** Inputs for recording the sums that connect numbers of one kind. */
interface SumsAbout {
  rows: readonly Row[];
  /** Capacities of the config that count the numbers. */
  limits: readonly Limit[];
  /** Whether the number of all offers of a run can be known exactly. */
  isExact(run: string): boolean;
}

const ownPlaces = (rows: readonly Row[]) => rows.map(({ places }) => places[0]!);

/** Records all sums: groups to their run, groups to their campaigns, runs to `all`, and the two variants of a comparison. */
function addSums(cells: Cells, about: SumsAbout): void {
  const { rows } = about;
  for (const ofRun of groupBy(rows, ({ run }) => run)) addRun(cells, ofRun, about);
  for (const some of groupBy(rows, ({ by, value }) => keyOf(by, value))) {
    const whole = some.find(({ run }) => run === 'all');
    if (whole === undefined) continue;
    const parts = some.filter(({ run }) => whole.sums.includes(run));
    // A comparison of two variants has two numbers.
    for (const [i, of] of whole.places.entries()) {
      addParts(
        cells,
        parts.map(({ places }) => places[i]!),
        of,
      );
    }
  }
}

function addRun(cells: Cells, ofRun: readonly Row[], about: SumsAbout): void {
  const isExact = about.isExact(ofRun[0]!.run);
  const all = ofRun.find(({ by }) => by === 'all');
  const isWhole = ({ run, by, values, before }: Limit) =>
    run === ofRun[0]!.run && by === 'campaign' && values.length === 1 && before === 0;
  const exactCampaigns = new Set(about.limits.flatMap((limit) => (isWhole(limit) ? limit.values : [])));
  const campaigns = new Map(ofRun.flatMap((row) => (row.by === 'campaign' ? [[row.value, row.places[0]!] as const] : [])));
  for (const some of groupBy(ofRun, ({ by }) => by)) {
    const [{ by }] = some as [Row];
    if (by === 'all') continue;
    // If a capacity is used up, its limit in the config reveals the exact number of offers.
    const parts = isComparison(some[0]!) ? some.map(({ places }) => places) : [ownPlaces(some)];
    for (const places of parts) addParts(cells, places, all?.places[0], isExact);
    if (by !== 'campaign' && !isComparison(some[0]!)) addCampaigns(cells, some, campaigns, exactCampaigns);
  }
}

/** Records that the numbers of groups sum to those of their campaigns. Groups that share campaigns are summed together. */
function addCampaigns(
  cells: Cells,
  rows: readonly Row[],
  campaigns: ReadonlyMap<string, number>,
  exact: ReadonlySet<string>,
): void {
  let parts: { campaigns: ReadonlySet<string>; rows: readonly Row[] }[] = [];
  for (const row of rows) {
    const [connected, others] = [parts, parts].map((some, i) =>
      some.filter((part) => row.campaigns.some((one) => part.campaigns.has(one)) === (i === 0)),
    ) as [typeof parts, typeof parts];
    const ofAll = new Set([...connected.flatMap((part) => [...part.campaigns]), ...row.campaigns]);
    parts = [...others, { campaigns: ofAll, rows: [...connected.flatMap((part) => part.rows), row] }];
  }
  for (const part of parts) {
    const places = [...part.campaigns].map((campaign) => required(campaigns, campaign));
    const isExact = [...part.campaigns].every((campaign) => exact.has(campaign));
    if (places.length === 1) addParts(cells, ownPlaces(part.rows), places[0], isExact);
    // For all campaigns, the sum to the run is already recorded.
    else if (places.length < campaigns.size) {
      const of = addUnpublished(cells, sumOf(cells, places));
      addParts(cells, places, of, isExact);
      addParts(cells, ownPlaces(part.rows), of, isExact);
    }
  }
}

/**
 * Records that customers at their first offer and customers with an earlier offer sum to all customers with offers of a run.
 * This total is known exactly if the offers use up a capacity.
 */
function addOffers(
  cells: Cells,
  rows: readonly Row[],
  runs: readonly string[],
  before: readonly number[],
  isExact: boolean,
): void {
  for (const [i, run] of runs.entries()) {
    const all = rows.find((row) => row.run === run && row.by === 'all');
    if (all === undefined) continue;
    const places = [all.places[0]!, before[i]!];
    cells.groups.push({ places, total: sumOf(cells, places), isExact });
  }
}
