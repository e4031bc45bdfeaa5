import { mkdir, readlink, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncPath, writeFailure } from './sync-path.ts';

/**
 * Makes a folder and its missing parents. Only their owner can enter them.
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
 * Removes a file, or a folder with its content. Does nothing if the path does not exist.
 * @throws AppError cannot-write
 */
export async function removePath(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/**
 * Makes a folder and its parents, one after the other. Node's own function loops forever if the kernel refuses a folder whose
 * parent exists, as it does below /proc.
 * @returns the topmost folder that was made; undefined if all existed
 */
export async function makePath(path: string, mode = 0o700): Promise<string | undefined> {
  const whole = resolve(path);
  const missing = await makeOne(whole, mode);
  if (typeof missing === 'boolean') return missing ? whole : undefined;
  if (dirname(whole) === whole) throw missing;
  const first = await makePath(dirname(whole), mode);
  const still = await makeOne(whole, mode);
  if (typeof still !== 'boolean') throw still;
  return first ?? whole;
}

/** Makes one folder. @returns true if it was made, false if it existed, the error if its parent does not exist */
async function makeOne(path: string, mode: number): Promise<boolean | NodeJS.ErrnoException> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return cause as NodeJS.ErrnoException;
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) throw cause;
    return false;
  }
}

/** Largest number of consecutive links in a path. */
const mostLinks = 40;

/**
 * Path without symbolic links. The file need not exist: the links in the path of its folder, and links to missing files, are
 * resolved too.
 */
export async function resolveLinks(path: string, links = mostLinks): Promise<string> {
  const whole = resolve(path);
  const there = await realpath(whole).catch(() => undefined);
  if (there !== undefined || dirname(whole) === whole) return there ?? whole;
  const folder = await resolveLinks(dirname(whole), links);
  const target = await readlink(whole).catch(() => undefined);
  return target === undefined || links === 0 ? join(folder, basename(whole)) : resolveLinks(resolve(folder, target), links - 1);
}
