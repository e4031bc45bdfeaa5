import { join } from 'node:path';
import { countSegments, type PreviousSegments, type SegmentTable, segmentQuery, segmentText } from '@basketwise/clusters';
import type { Engine, Snapshot } from '@basketwise/data';
import { nameFinished, readShaped, writeJson, writeWhole } from '@basketwise/data/base';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { StageResult } from '../run/run-folder.ts';
import { nightBeforePart, requestedColumns } from './made-of.ts';
import { previousRun, type RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Stage that labels every customer in each segment. */
export const segment: Stage<SegmentTable> = {
  name: 'segment',
  madeOf(given) {
    const { config, plan } = given;
    return {
      ...{ derive: config.derive, segments: config.segments, columns: requestedColumns(given, segmentColumns(config)) },
      ...{ ids: config.output.parquet ?? null, ...nightBeforePart(plan) },
    };
  },
  key: async ({ context }) => context.folder.previousKey,
  work: async ({ context, site }) => site.segment(await previousRun(context)),
};

function segmentColumns({ segments }: Config): string[] {
  return Object.values(segments).flatMap((one) => ('bands' in one ? [one.column] : 'flags' in one ? one.flags : []));
}

/** Writes the segments of the snapshot's customers. @param previous folder of the previous run, for the drift */
export async function segmentHere(context: RunContext, previous: string | undefined): Promise<StageResult<SegmentTable>> {
  const snapshot = await context.snapshot();
  const id = await context.publishedId('id');
  const { segments } = context.settings.config;
  const summary = await writeSegments(snapshot, segments, { id, folder: context.folder.path, previous });
  return { files: ['segments.parquet', 'segments.json', 'segments.txt'], summary };
}

/** Fields of the previous run's segments.json that the drift needs. */
const previousSegments: z.ZodType<PreviousSegments> = z.object({
  segments: z
    .array(
      z.object({
        name: z.string(),
        labels: z.array(z.object({ label: z.string(), customers: z.number().nullable() })).readonly(),
      }),
    )
    .readonly(),
});

/**
 * Writes the segments of all customers to a run folder.
 * - `segments.parquet`: customer, and one column per segment; in the order of customers
 * - `segments.json` and `segments.txt`: counts, cross-tables, drift
 * @param to `id`: SQL expression of the customer's id; `previous`: folder of the previous run, for the drift
 */
async function writeSegments(
  snapshot: Snapshot,
  segments: Config['segments'],
  { id, folder, previous }: { id: string; folder: string; previous?: string | undefined },
): Promise<SegmentTable> {
  const { engine } = snapshot;
  const file = join(folder, 'segments.parquet');
  const temporary = `${file}.unfinished`;
  const rows = segmentQuery(engine.dialect, segments, id, 'customers');
  await engine.copyToParquet(rows, temporary, { place: 'segments', writing: file });
  await nameFinished(temporary, file);
  // The labels are counted from the written file, because computing them again takes as long as writing the file.
  return await reportSegments({ engine, labels: `read_parquet(${engine.dialect.text(file)})` }, segments, folder, previous);
}

/**
 * Counts the labels in a relation with a column per segment. Writes `segments.json` and `segments.txt`.
 * @param previous folder of the previous run, for the drift
 */
export async function reportSegments(
  { engine, labels }: { engine: Engine; labels: string },
  segments: Config['segments'],
  folder: string,
  previous?: string,
): Promise<SegmentTable> {
  const before = previous === undefined ? undefined : await readShaped(join(previous, 'segments.json'), previousSegments);
  const table = await countSegments(engine, segments, labels, before);
  await writeJson(join(folder, 'segments.json'), table);
  await writeWhole(join(folder, 'segments.txt'), segmentText(table));
  return table;
}
