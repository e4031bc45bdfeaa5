import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { makePath } from './make-path.ts';
import { syncPath } from './sync-path.ts';
import { writeFailure } from './write-failure.ts';

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
