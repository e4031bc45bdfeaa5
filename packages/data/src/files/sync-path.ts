import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFailure } from './write-failure.ts';

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
