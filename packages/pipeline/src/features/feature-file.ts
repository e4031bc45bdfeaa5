import { join } from 'node:path';
import { AppError, dateOfDay, daysSinceEpoch, type PlainDate } from '@basketwise/core';
import type { SnapshotFeatures } from '@basketwise/data';
import type { CodedFeature } from '@basketwise/recommend';
import type { Config, FeatureConfig } from '../config/schema.ts';
import { readSealed, writeSealed } from '../run/seal.ts';

/** File of a run folder with the levels of features. All later stages of the run read the levels from this file. */
export const featureFile = 'features.json';

/** Content of `features.json`. */
export interface FeatureFile {
  version: 1;
  /** Date of the feature values from which the levels were determined. */
  date: PlainDate;
  /** Features in the order of the config. */
  features: readonly CodedFeature[];
  /** Features that models cannot rank by yet, because their earlier values are unknown. */
  unknown: readonly UnknownFeature[];
}

/** Writes the levels of features to a run folder. @throws AppError cannot-write */
export function writeFeatureFile(folder: string, file: FeatureFile): Promise<void> {
  return writeSealed(join(folder, featureFile), file);
}

/** Reads the levels of features. @throws AppError bad-data if the file is damaged */
export async function readFeatureFile(folder: string): Promise<FeatureFile> {
  const file = await readSealed<FeatureFile>(join(folder, featureFile));
  if (file?.version === 1) return file;
  throw new AppError('bad-data', `${join(folder, featureFile)} is missing, damaged or of another version`, 'Run the job again.');
}

/** Feature that models cannot rank by yet, because its values at some earlier dates are unknown. */
export interface UnknownFeature {
  feature: string;
  /** Dates without values. */
  dates: readonly PlainDate[];
  /** First day with values. */
  knownSince: PlainDate;
  /** Approximate first reference date from which models can rank by the feature. Null if the known values have a gap. */
  ranksSince: PlainDate | null;
}

/**
 * Splits features into known and unknown ones. A known feature has values at every date of the snapshot. A crossing is known if
 * both of its features are known.
 */
export function knownFeatures(
  snapshot: SnapshotFeatures,
  features: NonNullable<Config['features']>,
): { known: Record<string, FeatureConfig>; unknown: UnknownFeature[] } {
  const unknown = snapshot.columns.flatMap(({ name, at }): UnknownFeature[] => {
    if (features[name] === undefined) return [];
    const dates = snapshot.dates.filter((_, i) => at[i] === null);
    return dates.length === 0 ? [] : [{ feature: name, dates, ...reachOf(snapshot, name) }];
  });
  const isKnown = (name: string) => unknown.every(({ feature }) => feature !== name);
  const known = Object.entries(features).filter(([name, feature]) =>
    ('cross' in feature ? feature.cross : [name]).every(isKnown),
  );
  return { known: Object.fromEntries(known), unknown };
}

/** First day with values of a feature, and the reference date from which its values reach back far enough. */
function reachOf(
  { dates, tableDate, history, kept = [] }: SnapshotFeatures,
  name: string,
): Pick<UnknownFeature, 'knownSince' | 'ranksSince'> {
  const begins = [
    tableDate,
    ...(history ? [history.first] : []),
    ...kept.flatMap((one) => (one.columns.includes(name) ? one.asOf : [])),
  ];
  const knownSince = begins.toSorted()[0]!;
  const days = dates.map(daysSinceEpoch);
  const ranks = daysSinceEpoch(knownSince) + days[0]! - Math.min(...days);
  return { knownSince, ranksSince: ranks > days[0]! ? dateOfDay(ranks) : null };
}

/** Warning about a feature that models cannot rank by. */
export function unknownText({ feature, dates, knownSince, ranksSince }: UnknownFeature): string {
  const what = `features.${feature}: it does not rank, as it changes and nothing is known of ${dates.join(', ')}`;
  if (ranksSince === null) return `${what}: tables.customers.history has no snapshot of the year before`;
  return `${what}; its values are known from ${knownSince} on, which suffices from about ${ranksSince} on (if runs are retained that long: output.keep)`;
}

/** Summary of the stage `features`. */
export interface FeatureSummary {
  /** Features that models can rank by, with the number of their levels. */
  features: readonly { name: string; levels: number }[];
  unknown: readonly UnknownFeature[];
  warnings: readonly string[];
}
