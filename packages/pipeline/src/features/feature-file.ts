import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/parts';
import type { CodedFeature } from '@basketwise/recommend';
import { readSealed, writeSealed } from '../run/seal.ts';
import type { UnknownFeature } from './known-features.ts';

/** The file of a run folder that says how values of features become levels: all that looks back at a run uses the same. */
export const featureFile = 'features.json';

/** `features.json`. */
export interface FeatureFile {
  version: 1;
  /** The date that levels were made at. */
  date: PlainDate;
  /** In the order of the config. */
  features: readonly CodedFeature[];
  /** Features that cannot rank yet. */
  unknown: readonly UnknownFeature[];
}

/** Writes how the values of features become levels into a run folder. @throws AppError cannot-write */
export function writeFeatureFile(folder: string, file: FeatureFile): Promise<void> {
  return writeSealed(join(folder, featureFile), file);
}

/** Reads it back. @throws AppError bad-data where it is not as it was written */
export async function readFeatureFile(folder: string): Promise<FeatureFile> {
  const file = await readSealed<FeatureFile>(join(folder, featureFile));
  if (file?.version === 1) return file;
  throw new AppError('bad-data', `${join(folder, featureFile)} is missing, damaged or of another version`, 'Run the job again.');
}
