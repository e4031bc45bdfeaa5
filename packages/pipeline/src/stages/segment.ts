import type { Config } from '../config/schema.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { SegmentTable } from '../segments/segment-table.ts';
import { writeSegments } from '../segments/write-segments.ts';
import { nightBeforePart, requestedColumns } from './made-of.ts';
import type { RunContext } from './run-context.ts';
import { previousRun } from './runs-before.ts';
import type { Stage } from './stage.ts';

/** Stage that assigns every customer a label of each segment. */
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

/** Segments of the snapshot's customers. @param previous folder of the previous run, for the drift */
export async function segmentHere(context: RunContext, previous: string | undefined): Promise<StageResult<SegmentTable>> {
  const snapshot = await context.snapshot();
  const id = await context.publishedId('id');
  const { segments } = context.settings.config;
  const summary = await writeSegments(snapshot, segments, { id, folder: context.folder.path, previous });
  return { files: ['segments.parquet', 'segments.json', 'segments.txt'], summary };
}
