import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailure } from './write-failure.ts';

/** Matches the names of files that a killed process leaves: unfinished files and folders, and temporary files of `writeWhole`. */
const leftover = /\.(unfinished|[0-9]+(-[0-9]+)?)$/;

/** Removes the unfinished files of a killed process from a folder and its subfolders. @throws AppError cannot-write */
export async function removeUnfinished(folder: string): Promise<void> {
  try {
    const names = await readdir(folder, { recursive: true });
    for (const name of names.filter((path) => leftover.test(path)))
      await rm(join(folder, name), { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(folder, cause);
  }
}
