import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere, makeFolder, removePath, syncPath, takeFiles, writeFailure } from '@basketwise/data/files';
import { readSealed } from './seal.ts';

/**
 * Pattern of names of run folders: reference date, eight digits of the identity's hash, and the number of the attempt from the
 * second on.
 */
const runFolder = /^(\d{4}-\d{2}-\d{2}-[0-9a-f]{8})(?:-(\d+))?$/;
/** Pattern of names of the unfinished folders of killed processes. */
const unfinishedFolder = /^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}(-\d+)?\.unfinished$/;

/** Whether a name in `runs` is that of a run folder, or of an unfinished one. */
export function isRunFolder(name: string): boolean {
  return runFolder.test(name) || unfinishedFolder.test(name);
}

/** Names of run folders in `runs`. Other entries are not Basketwise's. @throws AppError if they cannot be read */
export async function runFolders(output: string): Promise<string[]> {
  const runs = join(output, 'runs');
  const names = (await ifThere(runs, readdir(runs))) ?? [];
  return names.filter((name) => runFolder.test(name));
}

/** Whether two run folders are attempts at the same run: with the same data, config and program. */
function isSameRun(one: string, other: string): boolean {
  const base = runFolder.exec(one)?.[1];
  return base !== undefined && base === runFolder.exec(other)?.[1];
}

/** Whether a folder contains a successful run: its manifest exists and is undamaged. */
export async function isPublished(folder: string): Promise<boolean> {
  return (await readSealed(join(folder, 'manifest.json'))) !== undefined;
}

/** Folder of the last attempt at a run, or its first name without an attempt. */
export async function lastAttempt(output: string, name: string): Promise<string> {
  const attempts = (await runFolders(output)).filter((other) => isSameRun(other, name));
  return attempts.reduce((last, other) => (attemptOf(other) > attemptOf(last) ? other : last), name);
}

/** Compares run folders by reference date, hash and number of the attempt. */
export function compareRunNames(one: string, other: string): number {
  const [a, b] = [one, other].map((name) => runFolder.exec(name)?.[1] ?? name) as [string, string];
  return a === b ? attemptOf(one) - attemptOf(other) : a < b ? -1 : 1;
}

function attemptOf(name: string): number {
  return Number(runFolder.exec(name)?.[2] ?? 1);
}

/** Name of the next attempt. */
export function nextAttempt(name: string): string {
  const match = runFolder.exec(name);
  return `${match?.[1] ?? name}-${attemptOf(name) + 1}`;
}

/** Removes the unfinished attempts of killed processes. */
export async function removeUnfinishedAttempts(output: string): Promise<void> {
  const runs = join(output, 'runs');
  try {
    for (const name of (await readdir(runs)).filter((one) => unfinishedFolder.test(one)))
      await rm(join(runs, name), { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(runs, cause);
  }
}

/**
 * Makes a run folder with some files of another one.
 * @param files relative to the folders
 * @throws AppError cannot-write
 */
export async function beginAttempt(from: string, to: string, files: readonly string[]): Promise<void> {
  const unfinished = `${to}.unfinished`;
  await removePath(unfinished);
  await makeFolder(join(unfinished, 'stages'));
  await takeFiles(from, unfinished, files);
  try {
    await syncPath(join(unfinished, 'stages'));
    await rename(unfinished, to);
    await syncPath(dirname(to));
  } catch (cause) {
    throw writeFailure(to, cause);
  }
}
