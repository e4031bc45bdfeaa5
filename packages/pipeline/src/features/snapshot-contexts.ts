import type { Snapshot } from '@basketwise/data';
import type { DatedContexts } from '@basketwise/recommend';
import { rankableFeatures } from '../config/rankable.ts';
import type { Config } from '../config/schema.ts';
import { customerContexts } from './customer-contexts.ts';
import { readFeatureFile } from './feature-file.ts';
import { hasFeatures } from './feature-plan.ts';
import { fitCodings } from './fit-codings.ts';
import { knownFeatures } from './known-features.ts';

/**
 * The contexts of a snapshot's customers by the features whose past is known, their levels made at its own date; null without any.
 * @throws AppError config, bad-data for a feature that cannot be used
 */
export async function snapshotContexts(snapshot: Snapshot, config: Config, signal?: AbortSignal): Promise<DatedContexts | null> {
  if (!hasFeatures(config) || snapshot.manifest.features === undefined) return null;
  const { known } = knownFeatures(snapshot.manifest.features, rankableFeatures(config));
  if (Object.keys(known).length === 0) return null;
  return customerContexts(snapshot, await fitCodings(snapshot, known, signal), signal);
}

/**
 * The contexts of a run's customers by the features in its folder, whose levels all that looks back at it uses; null without any that rank.
 * @throws AppError bad-data where the folder's features are not as they were written
 */
export async function runContexts(
  folder: string,
  snapshot: Snapshot,
  config: Config,
  signal?: AbortSignal,
): Promise<DatedContexts | null> {
  if (!hasFeatures(config)) return null;
  const { features } = await readFeatureFile(folder);
  return features.length === 0 ? null : customerContexts(snapshot, features, signal);
}
