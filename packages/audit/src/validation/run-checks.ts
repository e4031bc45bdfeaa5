import { AppError } from '@basketwise/core';
import type { FinishedRun } from '@basketwise/insight/parts';
import { packageVersion } from '@basketwise/pipeline/parts';
import type { BootstrapOptions } from '@basketwise/recommend';
import { checkRun } from '../archive/check-run.ts';
import type { ValidationFile } from './validation-file.ts';

type Checks = ValidationFile['checks'];

/** Compares the files of the run with its records, and names the program and the seed of the figures. */
export async function runChecks(
  { folder }: FinishedRun,
  { resamples, seed }: BootstrapOptions,
  known: Pick<Checks, 'sameProgram' | 'sameInputs'>,
): Promise<Checks> {
  const about = { ...known, node: process.version, packages: packageVersion(), resamples, seed };
  try {
    return { files: (await checkRun(folder)).files, differs: null, ...about };
  } catch (reason) {
    if (!(reason instanceof AppError && reason.code === 'bad-data')) throw reason;
    return { files: null, differs: reason.message, ...about };
  }
}
