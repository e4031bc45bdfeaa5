import { required } from '@basketwise/core/parts';
import { type Engine, queryRows } from '@basketwise/data';
import {
  type PartsOf,
  type PublishedCount,
  publishedCells,
  publishedCount,
  publishedParts,
  smallestPublished,
} from '@basketwise/data/published';
import { type Drift, driftOf, type LabelCounts } from '../profile/drift.ts';
import { flagsOf, type Segments } from './segment-sql.ts';

/** Label of customers whose value is in no band: it is missing, and no band has missing values. */
export const noSegment = '(no band)';

/** Table of the customers by two crossed segments. */
interface CrossTable {
  name: string;
  rows: { segment: string; labels: readonly string[] };
  columns: { segment: string; labels: readonly string[] };
  /** Number of customers of each pair of labels, one array per row label. */
  customers: readonly (readonly PublishedCount[])[];
}

/** Number of customers by segment and label. */
export interface SegmentTable {
  customers: PublishedCount;
  /** Number of customers by label. Labels of bands are in the order of the config; other labels have the largest first. */
  segments: readonly { name: string; labels: readonly { label: string; customers: PublishedCount }[] }[];
  /** For each flags segment: number of customers by how many flags they have, from none to all. */
  flagCounts: readonly { name: string; customers: readonly PublishedCount[] }[];
  crossTables: readonly CrossTable[];
  drift: readonly Drift[];
}

/** The parts of an earlier run's table with which the drift compares. */
export type PreviousSegments = Pick<SegmentTable, 'segments'>;

/** Distributions of a table, as the drift compares them. */
function labelCountsOf(table: PreviousSegments): Record<string, LabelCounts> {
  return Object.fromEntries(
    table.segments.map(({ name, labels }) => [
      name,
      Object.fromEntries(labels.map(({ label, customers }) => [label, customers ?? 0])),
    ]),
  );
}

/** Number of customers of a segment by label, before rounding. */
interface CountedSegment {
  name: string;
  /** Labels. Those of bands are in the order of the config; others have the largest first. */
  labels: readonly string[];
  counts: readonly number[];
  /** For a crossing: the labels of the crossed segments behind each label. */
  parts: readonly (readonly string[])[];
}

/**
 * Counts the customers by segment and label, and by pairs of crossed labels.
 * @param labels a relation with a column per segment
 * @param previous table of the previous run, for the drift
 */
export async function countSegments(
  engine: Engine,
  segments: Segments,
  labels: string,
  previous?: PreviousSegments,
): Promise<SegmentTable> {
  const counted: CountedSegment[] = [];
  for (const [name, segment] of Object.entries(segments)) counted.push(await countSegment(engine, name, segment, labels));
  const customers = (counted[0]?.counts ?? []).reduce((sum, count) => sum + count, 0);
  const shown = new Map<string, PublishedCount[]>();
  const flagCounts: SegmentTable['flagCounts'][number][] = [];
  // Margins before crossings, because a hidden margin hides one of its cells.
  for (const one of [...counted].sort((a, b) => componentCount(segments, a) - componentCount(segments, b))) {
    const flags = flagTotals(segments[one.name]!, one);
    if (flags) flagCounts.push({ name: one.name, customers: publishedParts(flags, customers) });
    shown.set(one.name, publishedCells(one.counts, totalsOf(one, { segments, counted, customers, shown, flags })));
  }
  const table = {
    customers: publishedCount(customers),
    segments: counted.map(({ name, labels: of }) => ({
      name,
      labels: of.map((label, i) => ({ label, customers: required(shown, name)[i]! })),
    })),
    flagCounts: counted.flatMap(({ name }) => flagCounts.filter((one) => one.name === name)),
    crossTables: counted.flatMap((one) => crossTable(segments, counted, one, required(shown, one.name))),
  };
  return { ...table, drift: previous ? driftOf(labelCountsOf(previous), labelCountsOf(table)) : [] };
}

/** Segments that a segment consists of: itself, or the segments that it crosses. */
function componentsOf(segments: Segments, name: string): readonly string[] {
  const segment = segments[name]!;
  return 'cross' in segment ? segment.cross : [name];
}

function componentCount(segments: Segments, { name }: CountedSegment): number {
  return componentsOf(segments, name).length;
}

async function countSegment(engine: Engine, name: string, segment: Segments[string], labels: string): Promise<CountedSegment> {
  const { identifier } = engine.dialect;
  const columns = 'cross' in segment ? segment.cross : [name];
  const items = columns.map((column, i) => `${identifier(column)} AS part_${i}`).join(', ');
  const sql = `SELECT ${items}, ${identifier(name)} AS label, count(*) AS customers FROM ${labels} AS s GROUP BY ${[...columns, name].map(identifier).join(', ')}`;
  const text = (value: unknown) => (value === null || value === undefined ? noSegment : String(value));
  const found = new Map<string, { count: number; parts: string[] }>();
  for (const row of await queryRows(engine, sql, { place: `segments.${name}` })) {
    found.set(text(row.label), { count: Number(row.customers), parts: columns.map((_, i) => text(row[`part_${i}`])) });
  }
  const known = 'bands' in segment ? segment.bands.map(({ label }) => label) : [];
  const others = [...found.keys()].filter((label) => !known.includes(label));
  others.sort((a, b) => required(found, b).count - required(found, a).count || (a < b ? -1 : 1));
  const ordered = [...known, ...others];
  return {
    ...{ name, labels: ordered, counts: ordered.map((label) => found.get(label)?.count ?? 0) },
    parts: ordered.map((label) => found.get(label)?.parts ?? [label]),
  };
}

/** Number of customers by how many flags they have. Undefined for other kinds of segments. */
function flagTotals(segment: Segments[string], { labels, counts }: CountedSegment): number[] | undefined {
  if (!('flags' in segment)) return undefined;
  const held = new Array<number>(segment.flags.length + 1).fill(0);
  for (const [i, label] of labels.entries()) held[flagsOf(label)]! += counts[i]!;
  return held;
}

/**
 * Sums of a segment's counts that readers can know from other published numbers: of all labels, of the labels with equally many flags,
 * and of the labels that share a label of a crossed segment. Small counts are hidden so that these sums do not reveal them.
 */
function totalsOf(
  one: CountedSegment,
  counting: {
    segments: Segments;
    counted: readonly CountedSegment[];
    customers: number;
    shown: ReadonlyMap<string, readonly PublishedCount[]>;
    flags: readonly number[] | undefined;
  },
): PartsOf[] {
  const { segments, counted, customers, shown, flags } = counting;
  const places = [...one.labels.keys()];
  const own = componentsOf(segments, one.name);
  const margins = counted.filter(({ name }) => {
    const parts = componentsOf(segments, name);
    return name !== one.name && parts.length < own.length && parts.every((part) => own.includes(part));
  });
  return [
    { places, total: customers },
    ...(flags ?? []).map((total, n) => ({ places: places.filter((i) => flagsOf(one.labels[i]!) === n), total })),
    ...margins.flatMap(({ name, labels, counts, parts }) => {
      const at = componentsOf(segments, name).map((part) => own.indexOf(part));
      return labels.map((_, l) => ({
        places: places.filter((i) => at.every((from, to) => one.parts[i]![from] === parts[l]![to])),
        total: counts[l]!,
        isHidden: required(shown, name)[l] === null && counts[l]! >= smallestPublished,
      }));
    }),
  ];
}

/** Makes the table of a crossing of two segments. */
function crossTable(
  segments: Segments,
  counted: readonly CountedSegment[],
  { name, parts }: CountedSegment,
  shown: readonly PublishedCount[],
): CrossTable[] {
  const segment = segments[name]!;
  if (!('cross' in segment) || segment.cross.length !== 2) return [];
  const [first, second] = segment.cross as [string, string];
  const at = new Map(parts.map((pair, i) => [JSON.stringify(pair), shown[i]!]));
  const labelsOf = (of: string) => counted.find((one) => one.name === of)!.labels;
  const [rows, columns] = [labelsOf(first), labelsOf(second)];
  const cell = (row: string, column: string) => {
    const key = JSON.stringify([row, column]);
    return at.has(key) ? required(at, key) : 0;
  };
  const customers = rows.map((row) => columns.map((column) => cell(row, column)));
  return [{ name, rows: { segment: first, labels: rows }, columns: { segment: second, labels: columns }, customers }];
}
