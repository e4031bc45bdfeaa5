import { join } from 'node:path';
import type { Engine, Snapshot } from '@basketwise/data';
import { nameFinished, readShaped, writeJson, writeWhole } from '../run/files.ts';
import { type Segments, segmentQuery } from './segment-sql.ts';
import { countSegments, previousSegments, type SegmentTable } from './segment-table.ts';
import { segmentText } from './segment-text.ts';

/**
 * Writes the segments of all customers to a run folder.
 * - `segments.parquet`: customer, one column per segment, in customer order
 * - `segments.json` and `segments.txt`: counts, cross-tables, drift
 * @param to the customer's id in SQL; the previous run's folder is for the drift
 */
export async function writeSegments(
  snapshot: Snapshot,
  segments: Segments,
  { id, folder, previous }: { id: string; folder: string; previous?: string | undefined },
): Promise<SegmentTable> {
  const { engine } = snapshot;
  const file = join(folder, 'segments.parquet');
  const temporary = `${file}.unfinished`;
  const rows = segmentQuery(engine.dialect, segments, id, 'customers');
  await engine.run(`COPY (${rows}) TO ${engine.dialect.text(temporary)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`, {
    place: 'segments',
    writing: file,
  });
  await nameFinished(temporary, file);
  // Labels from the written file, because computing them again costs as much as the file.
  return await reportSegments({ engine, labels: `read_parquet(${engine.dialect.text(file)})` }, segments, folder, previous);
}

/**
 * Counts the labels of a relation with a column per segment, and writes `segments.json` and `segments.txt`.
 * @param previous folder of the previous run, for the drift
 */
export async function reportSegments(
  { engine, labels }: { engine: Engine; labels: string },
  segments: Segments,
  folder: string,
  previous?: string,
): Promise<SegmentTable> {
  const before = previous === undefined ? undefined : await readShaped(join(previous, 'segments.json'), previousSegments);
  const table = await countSegments(engine, segments, labels, before);
  await writeJson(join(folder, 'segments.json'), table);
  await writeWhole(join(folder, 'segments.txt'), segmentText(table));
  return table;
}
