import { rm } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import { makePath } from './make-path.ts';

/** How the system names its errors; Node's own begin with `ERR_`. */
const systemError = /^E[A-Z0-9]+$/;

/** Turns the system's refusal to write `path` into the error that tells the operator; other failures stay what they are. */
export function writeFailure(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (cause instanceof AppError || code === undefined || !systemError.test(code)) return cause;
  const hint =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space there.' : 'Let this user write there, or set another output.dir.';
  return new AppError('cannot-write', `cannot write ${path}: ${code}`, hint, { cause });
}

/**
 * Makes a folder that only its owner may enter.
 * @returns the topmost folder that was made; undefined where all were there
 * @throws AppError cannot-write
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makePath(path);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Removes a file, or a folder with all that is in it; that it is not there is no failure. @throws AppError cannot-write */
export async function removePath(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
