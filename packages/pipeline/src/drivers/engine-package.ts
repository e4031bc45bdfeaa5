import { createRequire } from 'node:module';
import { AppError } from '@basketwise/core/error';
import { packageVersion } from '../values/package-version.ts';

/** Path of the main module of an engine's package. @throws AppError config if the package is not installed */
export function findPackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError(
      'config',
      `the config names an engine whose package ${name} is not installed`,
      `Install it beside Basketwise: npm install ${name}@${packageVersion()}`,
      { cause },
    );
  }
}
