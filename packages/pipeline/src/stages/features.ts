import { rankableFeatures } from '../config/rankable.ts';
import { featureFile, writeFeatureFile } from '../features/feature-file.ts';
import type { FeatureSummary } from '../features/feature-summary.ts';
import { fitCodings } from '../features/fit-codings.ts';
import { keptFile, keptQuery } from '../features/kept-features.ts';
import { knownFeatures, unknownText } from '../features/known-features.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** Makes the levels of features, and keeps what later runs will want to know of this date. */
export async function featureStage(context: RunContext): Promise<StageResult<FeatureSummary>> {
  const { folder, settings, referenceDate, signal } = context;
  const snapshot = await context.snapshot();
  const { known, unknown } = knownFeatures(snapshot.manifest.features!, rankableFeatures(settings.config));
  const features = await fitCodings(snapshot, known, signal);
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
