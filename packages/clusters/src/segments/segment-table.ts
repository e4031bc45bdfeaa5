import { required } from '@basketwise/core';
import { type Engine, queryRows } from '@basketwise/data';
import { countText, type PublishedCount, percentOf, publishedCount, publishedParts } from '@basketwise/data/base';
import { textTable } from '@basketwise/page';

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
  const shown = new Map(counted.map(({ name, counts }) => [name, publishedParts(counts)]));
  const table = {
    customers: publishedCount(customers),
    segments: counted.map(({ name, labels: of }) => ({
      name,
      labels: of.map((label, i) => ({ label, customers: required(shown, name)[i]! })),
    })),
    flagCounts: counted.flatMap((one) => {
      const flags = flagTotals(segments[one.name]!, one);
      return flags ? [{ name: one.name, customers: publishedParts(flags) }] : [];
    }),
    crossTables: counted.flatMap((one) => crossTable(segments, counted, one, required(shown, one.name))),
  };
  return { ...table, drift: previous ? driftOf(labelCountsOf(previous), labelCountsOf(table)) : [] };
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

/** Tables of the segments as text, for the terminal. */
export function segmentText({ customers, segments, flagCounts, crossTables, drift }: SegmentTable): string {
  const parts = segments.map(({ name, labels }) => {
    const rows = labels.map((entry) => [entry.label, countText(entry.customers), shareOfAll(entry.customers, customers)]);
    return textTable([[name, 'customers', 'share'], ...rows]);
  });
  const flags = flagCounts.map(({ name, customers: held }) => {
    const rows = held.map((count, n) => [`${n} of ${held.length - 1}`, countText(count), shareOfAll(count, customers)]);
    return textTable([[`${name} held`, 'customers', 'share'], ...rows]);
  });
  const crossings = crossTables.map(({ name, rows, columns, customers: cells }) => {
    const head = [`${name}: ${rows.segment} \\ ${columns.segment}`, ...columns.labels];
    return textTable([head, ...rows.labels.map((label, r) => [label, ...cells[r]!.map(countText)])]);
  });
  const moved =
    drift.length === 0 ? [] : [textTable([['drift', 'PSI', ''], ...drift.map((d) => [d.name, d.psi.toFixed(4), d.verdict])])];
  return [...parts, ...flags, ...crossings, ...moved].join('\n');
}

function shareOfAll(customers: PublishedCount, all: PublishedCount): string {
  return customers === null || all === null ? '' : percentOf(customers, all);
}
