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
 * Features of a snapshot's customers, with levels determined at the snapshot's date. Contains only features whose earlier values
 * are known. Null if there is no such feature.
 * @throws AppError config, bad-data for a feature that models cannot use
 */
export async function snapshotContexts(snapshot: Snapshot, config: Config, signal?: AbortSignal): Promise<DatedContexts | null> {
  if (!hasFeatures(config) || snapshot.manifest.features === undefined) return null;
  const { known } = knownFeatures(snapshot.manifest.features, rankableFeatures(config));
  if (Object.keys(known).length === 0) return null;
  return customerContexts(snapshot, await fitCodings(snapshot, known, signal), signal);
}

/**
 * Features of a run's customers, with the levels saved in the run's folder. Null if models rank by no feature.
 * @throws AppError bad-data if the saved levels are damaged
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
