import { minusSpan, recentSpan } from '@basketwise/core/advice';
import { condenseInHive, type DuckdbEngine, type SnapshotManifest } from '@basketwise/data';
import type { StageResult } from '../run/run-folder.ts';
import { extractRequest } from '../source/extract-request.ts';
import type { HiveSide } from './hive-side.ts';

/** Extracts what a run with pushdown needs here: products and counts. Everything else becomes tables of the run in Hive. */
export async function extractInHive(side: HiveSide, workbench: DuckdbEngine): Promise<StageResult<SnapshotManifest>> {
  const { context, hive, tables, counted } = side;
  const { settings, referenceDate, folder, signal, tell } = context;
  const request = {
    ...extractRequest(settings.config, referenceDate),
    cutoffs: settings.config.recency.bands.flatMap(({ within }) => (within ? [minusSpan(referenceDate, within)] : [])),
    recentSince: minusSpan(referenceDate, recentSpan),
  };
  const summary = await counted('counts', () =>
    condenseInHive(request, folder.file('snapshot'), { hive, workbench, tables, options: { signal }, progress: tell, counted }),
  );
  return { files: ['products.parquet', 'unknown-products.csv', 'manifest.json'].map((name) => `snapshot/${name}`), summary };
}
