import type { Snapshot } from '@basketwise/data';
import type { CodedFeature } from '@basketwise/recommend';
import { rankableFeatures } from '../config/check-features.ts';
import type { Config } from '../config/schema.ts';
import { type FeatureSummary, featureFile, knownFeatures, unknownText, writeFeatureFile } from '../features/feature-file.ts';
import { hasFeatures } from '../features/feature-plan.ts';

import { keptFile, keptQuery } from '../features/kept-features.ts';

import type { StageResult } from '../run/run-folder.ts';
import type { Given, StageInputs } from './made-of.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Stage that determines the levels of features. Its summary is null if the config has no features. */
export const features: Stage<FeatureSummary | null> = {
  name: 'features',
  when: hasFeatures,
  without: null,
  madeOf: featureParts,
  work: ({ site }) => site.features(),
};

/** Inputs that determine the values and levels of features. */
export function featureParts({ request, config }: Given): StageInputs {
  return { derive: config.derive, features: [config.features ?? null, request.features ?? null] };
}

/**
 * Determines the levels of features. Saves the values of changing features at the reference date for later runs.
 * @param fit determines the levels of features whose values are known at every date
 */
export async function makeFeatures(
  context: RunContext,
  fit: (snapshot: Snapshot, known: NonNullable<Config['features']>) => Promise<CodedFeature[]>,
): Promise<StageResult<FeatureSummary>> {
  const { folder, settings, referenceDate } = context;
  const snapshot = await context.snapshot();
  const { known, unknown } = knownFeatures(snapshot.manifest.features!, rankableFeatures(settings.config));
  const coded = await fit(snapshot, known);
  await writeFeatureFile(folder.path, { version: 1, date: referenceDate, features: coded, unknown });
  const query = keptQuery(snapshot, settings.config);
  if (query !== undefined) await context.copyToParquet(query, keptFile);
  return {
    files: query === undefined ? [featureFile] : [featureFile, keptFile],
    summary: {
      features: coded.map(({ name, levels }) => ({ name, levels: levels.length })),
      ...{ unknown, warnings: unknown.map(unknownText) },
    },
  };
}
