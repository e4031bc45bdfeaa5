import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './sync-path.ts';
import { writeFailure } from './write-failure.ts';

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
