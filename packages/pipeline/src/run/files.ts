import { chmod, readdir, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hashFile, ifThere, makeFolder, readWhole, syncPath, writeFailure } from '@basketwise/data/files';
import type { z } from 'zod';

export { hashFile, ifThere, makeFolder, readWhole, removePath, syncPath, writeFailure } from '@basketwise/data/files';

/** Most consecutive links in a path. */
const mostLinks = 40;

/** Path with links resolved. For a missing file, the path of its folder and dangling links are resolved. */
export async function resolveLinks(path: string, links = mostLinks): Promise<string> {
  const whole = resolve(path);
  const there = await realpath(whole).catch(() => undefined);
  if (there !== undefined || dirname(whole) === whole) return there ?? whole;
  const folder = await resolveLinks(dirname(whole), links);
  const target = await readlink(whole).catch(() => undefined);
  return target === undefined || links === 0 ? join(folder, basename(whole)) : resolveLinks(resolve(folder, target), links - 1);
}

/** Leftovers of a killed process: unfinished files and folders, and the temporary ones of `writeWhole`. */
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
 * Syncs the folders of files, and their parents.
 * @param files relative to the folder, with `/`
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

/** Makes a folder and its missing parents, durably. @throws AppError cannot-write */
export async function makeLastingFolder(path: string): Promise<void> {
  const first = await makeFolder(path);
  if (first === undefined) return;
  try {
    for (let made = resolve(path); made !== dirname(first); made = dirname(made)) await syncPath(dirname(made));
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/**
 * Renames a file written by an engine to its final name: complete, synced, and readable only by its owner. @throws AppError
 * cannot-write
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
 * Writes a file completely or not at all, durably, readable only by its owner.
 * @param mark suffix of the unfinished file, which distinguishes it from those of other writers of `path`: a fixed name, or this
 * process's own
 * @throws AppError cannot-write
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  mark = `${process.pid}-${written++}`,
): Promise<void> {
  const unfinished = `${path}.${mark}`;
  try {
    // Continues if the system writes only a part.
    await writeFile(unfinished, content, { mode: 0o600, flush: true });
    await rename(unfinished, path);
    await syncPath(dirname(path));
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => {}); // Throw the reason of the failure, not that of the cleanup.
    throw writeFailure(path, cause);
  }
}

/** Text of a JSON document in a file. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes a JSON document completely or not at all. @throws AppError cannot-write */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, jsonText(value));
}

/** Reads a JSON document. Undefined if it is absent or damaged. @throws AppError as `ifThere` */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const bytes = await ifThere(path, readWhole(path));
  try {
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON document of a shape. Undefined if it is absent; also if it is damaged or of another shape, after a call of `warn`.
 * Returned as written, including keys outside the shape.
 */
export async function readShaped<T>(
  path: string,
  shape: z.ZodType<T>,
  warn: (problem: string) => void = () => {},
): Promise<T | undefined> {
  const found = await readJson<T>(path);
  if (found !== undefined && shape.safeParse(found).success) return found;
  if ((await ifThere(path, stat(path))) !== undefined) warn(`${basename(path)} is damaged, or of another version`);
  return undefined;
}

/** Record of a file in manifests. */
export interface FileRecord {
  /** Path relative to the run folder, with `/`. */
  file: string;
  bytes: number;
  sha256: string;
}

/**
 * Makes the record of a newly written file, and makes the file durable. @param known its sha256, if known; absent: the file is
 * read @throws AppError cannot-write
 */
export async function recordFile(path: string, file: string, known?: string): Promise<FileRecord> {
  try {
    const [{ size }, sha256] = await Promise.all([stat(path), known ?? hashFile(path), syncPath(path)]);
    return { file, bytes: size, sha256 };
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Whether a file equals its record, bit by bit. Reads all of it. @throws AppError as `ifThere` */
export async function isAsRecorded(path: string, { bytes, sha256 }: FileRecord): Promise<boolean> {
  const found = await ifThere(path, stat(path));
  return found?.size === bytes && (await ifThere(path, hashFile(path))) === sha256;
}
