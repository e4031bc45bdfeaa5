import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core/base';

/** Makes the content of a file, or the names in a folder, durable on disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes the names of files durable: syncs their folders, and the parents of these folders.
 * @param files paths relative to the folder, with `/`
 * @throws AppError cannot-write
 */
export async function syncNames(folder: string, files: readonly string[]): Promise<void> {
  const folders = new Set([folder]);
  for (const file of files)
    for (let inside = dirname(file); inside !== '.'; inside = dirname(inside)) folders.add(join(folder, inside));
  for (const one of folders)
    await syncPath(one).catch((cause) => {
      throw writeFailure(one, cause);
    });
}

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
