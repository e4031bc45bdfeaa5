import { copyFile, link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncNames, syncPath, writeFailure } from './files.ts';

/**
 * Puts the files of another run into a folder, durably: as hard links if the file system supports them. So none of them may be modified in
 * place; replacing them is allowed.
 * @param files relative to the folders
 * @throws AppError cannot-write
 */
export async function takeFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const path = join(to, file);
    await makeFolder(dirname(path));
    try {
      // a leftover of a stopped run under the name: it may be the same file, which a rename would leave under both names
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
