import type { CodedFeature } from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { rankableFeatures } from '../config/rankable.ts';
import type { Config } from '../config/schema.ts';
import { featureFile, writeFeatureFile } from '../features/feature-file.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import { keptFile, keptQuery } from '../features/kept-features.ts';
import { knownFeatures, unknownText } from '../features/known-features.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/**
 * Makes the levels of features, and keeps what later runs will want to know of this date.
 * @param fit makes the levels of those whose values are known at each date
 */
export async function featureStage(
  context: RunContext,
  fit: (snapshot: Snapshot, known: NonNullable<Config['features']>) => Promise<CodedFeature[]>,
): Promise<StageResult<FeatureSummary>> {
  const { folder, settings, referenceDate } = context;
  const snapshot = await context.snapshot();
  const { known, unknown } = knownFeatures(snapshot.manifest.features!, rankableFeatures(settings.config));
  const features = await fit(snapshot, known);
  await writeFeatureFile(folder.path, { version: 1, date: referenceDate, features, unknown });
  const query = keptQuery(snapshot, settings.config);
  if (query !== undefined) await context.copyToParquet(query, keptFile);
  return {
    files: query === undefined ? [featureFile] : [featureFile, keptFile],
    summary: {
      features: features.map(({ name, levels }) => ({ name, levels: levels.length })),
      ...{ unknown, warnings: unknown.map(unknownText) },
    },
  };
}
