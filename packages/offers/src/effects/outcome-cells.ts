import { baseName, groupBy, required } from '@basketwise/core/parts';
import { type PartsOf, type PublishedCount, publishedCells, smallestPublished } from '@basketwise/data/published';
import type { Arm } from '@basketwise/recommend';
import type { OfferLimit, Outcome, Outcomes } from './effect-report.ts';
import type { PublishedArm } from './outcome-figures.ts';

type Name = 'offered' | 'control';

/** Published arms of an outcome. `controls` as in the outcome. */
export interface PublishedArms {
  offered: PublishedArm;
  control: PublishedArm;
  controls: Record<Name, PublishedArm> | null;
}

/** Published effect report, as far as it consists of numbers of customers. */
export interface PublishedNumbers {
  /** Arms by outcome, in their order. */
  arms: readonly PublishedArms[];
  /** Customers in an earlier offer, by run. */
  offeredBefore: readonly Record<Name, PublishedCount>[];
}

/** Numbers of one arm of all outcomes, and their sums. Each number has one position, also if several outcomes have it. */
interface Cells {
  counts: number[];
  groups: PartsOf[];
  unpublished: Set<number>;
}

type Report = Pick<Outcomes, 'outcomes' | 'runs' | 'pooled' | 'limits'>;

/** Publishes all numbers of an effect report together, as sums connect runs, campaigns and all other groups. */
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

/** Publishes one kind of number of one arm: of each outcome its own, and that of `base` if it compares two variants. */
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
  // Of many runs or clusters with small numbers, a small sum would reveal each. So each can also be a zero, if there is any number.
  const likeSmall = new Set(cells.counts.some((count) => count > 0) ? rows.flatMap(({ places }) => places) : []);
  const shown = publishedCells(cells.counts, cells.groups, cells.unpublished, likeSmall);
  const at = (place: number) => shown[place]!;
  return { numbers: rows.map(({ places }) => places.map(at)), before: before.map(at) };
}

const isComparison = ({ by }: Pick<Outcome, 'by'>) => by === 'experiment' || by === 'effect';

/** Numbers of an outcome in an arm of the draw: its own, and those of `base` if it compares two variants. */
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

/** Adds that some numbers sum to another one, or to less of it. Overlapping numbers sum to more: to a total of their own. */
function addParts(cells: Cells, places: readonly number[], of: number | undefined, isExact = false): void {
  if (places.length === 0) return;
  const total = sumOf(cells, places);
  const rest = of === undefined ? -1 : cells.counts[of]! - total;
  if (of === undefined || rest < 0) cells.groups.push({ places, total });
  else if (rest === 0) cells.groups.push({ places, of, total, isExact });
  else cells.groups.push({ places: [...places, addUnpublished(cells, rest)], of, total: total + rest });
}

/** Outcome with the positions of its numbers: its own, and that of `base` if it compares two variants. */
type Row = Outcome & { places: readonly number[] };

/** Limit of the config, with the positions of the numbers that it counts. */
type Limit = OfferLimit & { places: readonly number[] };

/** Limits that can reveal small numbers beside others: one below 10 is known without the report. */
function limitsOf(cells: Cells, rows: readonly Row[], limits: readonly OfferLimit[]): Limit[] {
  return limits.flatMap((limit) => {
    const counted = rows.filter(({ run, by, value }) => run === limit.run && by === limit.by && limit.values.includes(value));
    const places = counted.flatMap((row) => row.places);
    return places.length > 0 && sumOf(cells, places) + limit.before >= smallestPublished ? [{ ...limit, places }] : [];
  });
}

/** Inputs of the sums of one kind of number. */
interface SumsAbout {
  rows: readonly Row[];
  /** Limits of the config on the numbers. */
  limits: readonly Limit[];
  /** Whether the number of all offers of a run can be known exactly. */
  isExact(run: string): boolean;
}

const ownPlaces = (rows: readonly Row[]) => rows.map(({ places }) => places[0]!);

/** Adds the sums of groups to their run, of groups to their campaigns, of runs to `all`, and of the variants of a comparison. */
function addSums(cells: Cells, about: SumsAbout): void {
  const { rows } = about;
  for (const ofRun of groupBy(rows, ({ run }) => run)) addRun(cells, ofRun, about);
  for (const some of groupBy(rows, ({ by, value }) => keyOf(by, value))) {
    const whole = some.find(({ run }) => run === 'all');
    if (whole === undefined) continue;
    const parts = some.filter(({ run }) => whole.sums.includes(run));
    // A comparison has the numbers of two variants.
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
    // Limits of capacities reveal the exact number of offers.
    const parts = isComparison(some[0]!) ? some.map(({ places }) => places) : [ownPlaces(some)];
    for (const places of parts) addParts(cells, places, all?.places[0], isExact);
    if (by !== 'campaign' && !isComparison(some[0]!)) addCampaigns(cells, some, campaigns, exactCampaigns);
  }
}

/** Adds that groups sum to their campaigns: of groups that share campaigns, all together. */
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
    // All campaigns are those of the run.
    else if (places.length < campaigns.size) {
      const of = addUnpublished(cells, sumOf(cells, places));
      addParts(cells, places, of, isExact);
      addParts(cells, ownPlaces(part.rows), of, isExact);
    }
  }
}

/** Adds that first offers and earlier ones sum to all offers of a run, which are known exactly if they use up a capacity. */
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
