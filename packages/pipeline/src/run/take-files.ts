import { copyFile, link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncNames, syncPath, writeFailure } from './files.ts';

/**
 * Puts the files of another run into a folder, durably. They are the same files under two names where the file system can do that, so none of
 * them may be written into; what writes whole files in place of others is free to.
 * @param files relative to the folders
 * @throws AppError cannot-write
 */
export async function takeFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const path = join(to, file);
    await makeFolder(dirname(path));
    try {
      // what a run that was stopped has left under the name: the same file, perhaps, which a rename would leave under both
      await rm(path, { force: true });
      await link(join(from, file), path).catch(() => copyWhole(join(from, file), path));
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  }
  await syncNames(to, files);
}

async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.unfinished`;
  await copyFile(from, unfinished);
  await syncPath(unfinished);
  await rename(unfinished, to);
}
