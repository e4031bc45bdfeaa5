import { type Engine, queryRows } from '@basketwise/data';
import { z } from 'zod';
import { type Drift, driftOf, type Shares } from './drift.ts';
import { type PublishedCount, publishedCount } from './published-count.ts';
import { flagsOf, type Segments } from './segment-sql.ts';

/** The label of customers whom no band covers: their value is missing and no band takes nulls. */
export const noSegment = '(no band)';

/** A crossing of two segments as a table. */
export interface CrossTable {
  name: string;
  rows: { segment: string; labels: readonly string[] };
  columns: { segment: string; labels: readonly string[] };
  /** Customers, row by row. */
  customers: readonly (readonly PublishedCount[])[];
}

/** How customers spread over the segments. */
export interface SegmentTable {
  customers: number;
  /** Customers per label, labels of bands in the order of the config, others largest first. */
  segments: readonly { name: string; labels: readonly { label: string; customers: PublishedCount }[] }[];
  /** Of segments by flags: customers by how many flags they have, from none to all. */
  flagCounts: readonly { name: string; customers: readonly PublishedCount[] }[];
  crossTables: readonly CrossTable[];
  drift: readonly Drift[];
}

/** What of an earlier run's segments.json is read. */
export const previousSegments = z.object({
  segments: z
    .array(
      z.object({
        name: z.string(),
        labels: z.array(z.object({ label: z.string(), customers: z.number().nullable() })).readonly(),
      }),
    )
    .readonly(),
});
type PreviousSegments = z.output<typeof previousSegments>;

/** The distributions of a table, for the drift of a later run. */
function sharesOf(table: PreviousSegments): Record<string, Shares> {
  return Object.fromEntries(
    table.segments.map(({ name, labels }) => [
      name,
      Object.fromEntries(labels.map(({ label, customers }) => [label, customers ?? 0])),
    ]),
  );
}

/**
 * Counts customers per segment and crossing.
 * @param labels a relation with a column per segment
 * @param previous table of the previous run, for the drift
 */
export async function countSegments(
  engine: Engine,
  segments: Segments,
  labels: string,
  previous?: PreviousSegments,
): Promise<SegmentTable> {
  const counted: SegmentTable['segments'][number][] = [];
  const flagCounts: SegmentTable['flagCounts'][number][] = [];
  let customers = 0;
  for (const [name, segment] of Object.entries(segments)) {
    const column = engine.dialect.identifier(name);
    const sql = `SELECT ${column} AS label, count(*) AS customers FROM ${labels} AS s GROUP BY ${column}`;
    const rows = await queryRows(engine, sql, { place: `segments.${name}` });
    const counts = new Map(rows.map((row) => [row.label === null ? noSegment : String(row.label), Number(row.customers)]));
    if ('flags' in segment) flagCounts.push({ name, customers: countFlags(segment.flags.length, counts) });
    customers = [...counts.values()].reduce((sum, count) => sum + count, 0);
    counted.push({ name, labels: orderedLabels(segment, counts) });
  }
  const table = { customers, segments: counted, flagCounts, crossTables: await countCrossings(engine, segments, labels) };
  return { ...table, drift: previous ? driftOf(sharesOf(previous), sharesOf(table)) : [] };
}

function countFlags(flags: number, counts: ReadonlyMap<string, number>): PublishedCount[] {
  const held = new Array<number>(flags + 1).fill(0);
  for (const [label, customers] of counts) held[flagsOf(label)]! += customers;
  return held.map(publishedCount);
}

function orderedLabels(segment: Segments[string], counts: ReadonlyMap<string, number>) {
  const known = 'bands' in segment ? segment.bands.map(({ label }) => label) : [];
  const others = [...counts.keys()].filter((label) => !known.includes(label));
  others.sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
  return [...known, ...others].map((label) => ({ label, customers: publishedCount(counts.get(label) ?? 0) }));
}

/** One table per crossing of two segments. */
async function countCrossings(engine: Engine, segments: Segments, from: string): Promise<CrossTable[]> {
  const tables: CrossTable[] = [];
  for (const [name, segment] of Object.entries(segments)) {
    if (!('cross' in segment) || segment.cross.length !== 2) continue;
    const [first, second] = segment.cross as [string, string];
    const [a, b] = [first, second].map(engine.dialect.identifier);
    const sql = `SELECT ${a} AS a, ${b} AS b, count(*) AS customers FROM ${from} AS s GROUP BY ${a}, ${b}`;
    const cells = await queryRows(engine, sql, { place: `segments.${name}` });
    const label = (value: unknown) => (value === null ? noSegment : String(value));
    const labels = (segmentName: string, key: 'a' | 'b') => {
      const counts = new Map<string, number>();
      for (const cell of cells) counts.set(label(cell[key]), (counts.get(label(cell[key])) ?? 0) + Number(cell.customers));
      return orderedLabels(segments[segmentName]!, counts).map((entry) => entry.label);
    };
    const rows = labels(first, 'a');
    const columns = labels(second, 'b');
    const at = new Map(cells.map((cell) => [JSON.stringify([label(cell.a), label(cell.b)]), Number(cell.customers)]));
    const customers = rows.map((row) => columns.map((column) => publishedCount(at.get(JSON.stringify([row, column])) ?? 0)));
    tables.push({ name, rows: { segment: first, labels: rows }, columns: { segment: second, labels: columns }, customers });
  }
  return tables;
}
