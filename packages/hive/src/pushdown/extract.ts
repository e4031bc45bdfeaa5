import { minusSpan, type PlainDate } from '@basketwise/core/parts';
import type { SnapshotManifest } from '@basketwise/data';
import type { StageResult } from '@basketwise/pipeline/engine';
import { requestTo, type Source } from '@basketwise/pipeline/parts';
import { recentSpan } from '@basketwise/recommend';
import { condenseInHive } from '../server/condense.ts';
import type { HiveRun } from './hive-run.ts';

/**
 * Fetches products and counts for a pushdown run. All other data become tables of the run in Hive.
 * @param dates dates as of which features are read
 */
export async function extractInHive(
  hiveRun: HiveRun,
  source: Source,
  dates: readonly PlainDate[],
): Promise<StageResult<SnapshotManifest>> {
  const { context, hive, tables, counted } = hiveRun;
  const { settings, referenceDate, folder, signal, tell } = context;
  const request = {
    ...requestTo(source, settings.config, referenceDate, { dates, tableDate: referenceDate, kept: [] }),
    cutoffs: settings.config.recency.bands.flatMap(({ within }) => (within ? [minusSpan(referenceDate, within)] : [])),
    recentSince: minusSpan(referenceDate, recentSpan),
  };
  const summary = await counted('counts', () =>
    condenseInHive(request, folder.file('snapshot'), {
      hive,
      workbench: source.workbench,
      tables,
      options: { signal },
      progress: tell,
      counted,
    }),
  );
  return { files: ['products.parquet', 'unknown-products.csv', 'manifest.json'].map((name) => `snapshot/${name}`), summary };
}
