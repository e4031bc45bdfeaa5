import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere, makeFolder, removePath, syncPath, takeFiles, writeFailure } from '@basketwise/data/base';
import { readSealed } from './seal.ts';

/**
 * Pattern of names of run folders: reference date, and eight digits of the identity's hash. The name of a second or later attempt
 * ends with the attempt's number.
 */
const runFolder = /^(\d{4}-\d{2}-\d{2}-[0-9a-f]{8})(?:-(\d+))?$/;
/** Pattern of names of the unfinished run folders that killed processes left. */
const unfinishedFolder = /^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}(-\d+)?\.unfinished$/;

/** Whether a name is that of a run folder or of an unfinished run folder. */
export function isRunFolder(name: string): boolean {
  return runFolder.test(name) || unfinishedFolder.test(name);
}

/** Whether a name is that of a run. */
export const isRunName = (name: string) => runFolder.test(name);

/** Names of the run folders in `runs`; other entries are ignored. @throws AppError if `runs` cannot be read */
export async function runFolders(output: string): Promise<string[]> {
  const runs = join(output, 'runs');
  const names = (await ifThere(runs, readdir(runs))) ?? [];
  return names.filter(isRunName);
}

/** Whether two folders are attempts at the same run, with equal data, config and program. */
function isSameRun(one: string, other: string): boolean {
  const base = runFolder.exec(one)?.[1];
  return base !== undefined && base === runFolder.exec(other)?.[1];
}

/** Whether a folder contains a successful run: its manifest exists and is undamaged. */
export async function isPublished(folder: string): Promise<boolean> {
  return (await readSealed(join(folder, 'manifest.json'))) !== undefined;
}

/** Name of the folder of a run's last attempt. If there is no attempt yet, the name of the first. */
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

/** Name of the folder for the next attempt after `name`. */
export function nextAttempt(name: string): string {
  const match = runFolder.exec(name);
  return `${match?.[1] ?? name}-${attemptOf(name) + 1}`;
}

/** Removes the unfinished run folders that killed processes left. */
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
 * Makes the folder of a new attempt, with some files of the folder of an earlier one.
 * @param files paths relative to both folders
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
