import { rm } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import { makePath } from './make-path.ts';

/** Pattern of the operating system's error codes. (Node's own codes begin with `ERR_`.) */
const systemError = /^E[A-Z0-9]+$/;

/** Converts the system's error on writing `path` to an AppError. Returns all other errors unchanged. */
export function writeFailure(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (cause instanceof AppError || code === undefined || !systemError.test(code)) return cause;
  const hint =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space there.' : 'Let this user write there, or set another output.dir.';
  return new AppError('cannot-write', `cannot write ${path}: ${code}`, hint, { cause });
}

/**
 * Makes a folder, and its parents, that only the owner can enter.
 * @returns the topmost folder that was made; undefined if all existed
 * @throws AppError cannot-write
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makePath(path);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Removes a file, or a folder with its content. Does nothing if the path does not exist. @throws AppError cannot-write */
export async function removePath(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
