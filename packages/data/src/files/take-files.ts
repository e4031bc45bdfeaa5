import { copyFile, link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { syncNames, syncPath } from './sync-path.ts';
import { writeFailure } from './write-failure.ts';

/**
 * Puts files of another run into a folder, durably, as hard links if the file system supports them. Linked files share their
 * content, so they may later be replaced, but not modified in place.
 * @param files paths relative to both folders
 * @throws AppError cannot-write
 */
export async function takeFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const path = join(to, file);
    await makeFolder(dirname(path));
    try {
      // A stopped run may have left a link to the same file under this name. A rename would then leave both names.
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
