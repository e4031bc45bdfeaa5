import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/parts';
import type { CodedFeature } from '@basketwise/recommend';
import { readSealed, writeSealed } from '../run/seal.ts';
import type { UnknownFeature } from './known-features.ts';

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
