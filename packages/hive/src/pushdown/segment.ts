import { type SegmentTable, segmentLabels } from '@basketwise/clusters';
import { reportSegments, type StageResult } from '@basketwise/pipeline/engine';
import type { HiveRun } from './hive-run.ts';

/** Stage that counts the customers of each segment in Hive. The segments of single customers are not fetched. */
export async function segmentInHive(hiveRun: HiveRun, previous?: string): Promise<StageResult<SegmentTable>> {
  const { context, hive, tables } = hiveRun;
  const { segments } = context.settings.config;
  const relation = { engine: hive, labels: segmentLabels(hive.dialect, segments, tables.named('customers')) };
  const summary = await hiveRun.counted('counts of segments', () =>
    reportSegments(relation, segments, context.folder.path, previous),
  );
  return { files: ['segments.json', 'segments.txt'], summary };
}
