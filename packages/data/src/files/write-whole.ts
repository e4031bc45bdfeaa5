import { chmod, copyFile, link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { syncNames, syncPath, writeFailure } from './sync-path.ts';

/**
 * Renames a complete file, written by an engine, to its final name. The file is then durable, and readable only by its owner.
 * @throws AppError cannot-write
 */
export async function nameFinished(unfinished: string, path: string): Promise<void> {
  try {
    await chmod(unfinished, 0o600);
    await rename(unfinished, path);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

let written = 0;

/**
 * Writes a file durably and completely, or not at all. Only its owner can read it.
 * @param mark suffix of the unfinished file. Concurrent writers of `path` need different suffixes
 * @throws AppError cannot-write
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  mark = `${process.pid}-${written++}`,
): Promise<void> {
  const unfinished = `${path}.${mark}`;
  try {
    // writeFile continues if the system writes only a part of the content.
    await writeFile(unfinished, content, { mode: 0o600, flush: true });
    await rename(unfinished, path);
    await syncPath(dirname(path));
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => {}); // The failure of the write is thrown, not a failure of the cleanup.
    throw writeFailure(path, cause);
  }
}

/** JSON of a value, as it is written to files. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes a JSON document completely or not at all. @throws AppError cannot-write */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, jsonText(value));
}

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
