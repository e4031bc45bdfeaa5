import { rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { ifThere, isAsRecorded, listOf, numberShape, objectOf, syncPath, textShape, writeFailure } from '@basketwise/data/base';
import { compareRunNames, isPublished, runFolders } from './attempts.ts';
import { needNoRelease } from './journal.ts';
import {
  endOfRun,
  isAside,
  latestRun,
  type PublishedRun,
  publishedNights,
  publishedRuns,
  recordPublished,
} from './published-runs.ts';
import { readSealed } from './seal.ts';

/** Makes the names of the runs in an output folder durable (fsync of the folders). @throws AppError cannot-write */
export async function syncRuns(output: string): Promise<void> {
  for (const folder of [join(output, 'runs'), output])
    await syncPath(folder).catch((cause) => {
      throw writeFailure(folder, cause);
    });
}

/** Path of the new link before it is renamed to `latest`. */
export function unfinishedLatest(output: string): string {
  return join(output, 'latest.unfinished');
}

/** Publishes a run: records it, then makes `latest` point at it in one step. @throws AppError cannot-write */
export function switchLatest(output: string, run: string): Promise<void> {
  return pointLatest(output, run, 'published');
}

async function pointLatest(output: string, run: string, how: 'published' | 'rolled back'): Promise<void> {
  const path = join(output, 'latest');
  const fresh = unfinishedLatest(output);
  // A power cut must not leave the link without the run that it points at.
  await syncRuns(output);
  await recordPublished(output, run, how);
  try {
    await rm(fresh, { force: true });
    await symlink(join('runs', run), fresh);
    await rename(fresh, path);
    await syncPath(output);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Publishes an earlier published run again. If `run` is null, unpublishes all runs. @throws AppError cannot-write */
export async function takeBack(output: string, run: string | null): Promise<void> {
  if (run !== null) return pointLatest(output, run, 'rolled back');
  const path = join(output, 'latest');
  await recordPublished(output, null, 'rolled back');
  try {
    await rm(path, { force: true });
    await syncPath(output);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/**
 * Earlier run with which a run of a reference date is compared: the published run of the newest reference date before that date.
 * Its folder may have been removed.
 * @param warn called if the record of published runs is damaged
 */
export async function nightBefore(
  output: string,
  referenceDate: string,
  warn?: (problem: string) => void,
): Promise<PublishedRun | undefined> {
  return (await publishedNights(output, warn)).findLast(({ date }) => date < referenceDate);
}

/**
 * Points `latest` back at an earlier successful run. Runs published after that run no longer count as published.
 * @throws AppError missing-input if there is no such run or it did not succeed, bad-data if its manifest is damaged, usage if it
 * has only some campaigns; also the errors of `needNoRelease`
 */
export async function rollback(output: string, run: string): Promise<void> {
  await needNoRelease(output);
  await pointLatest(output, await wholeRun(output, run), 'rolled back');
}

/**
 * Checks that a run has succeeded and has all campaigns, so that it may be published. Returns its name.
 * @throws AppError missing-input, bad-data and usage, for the same reasons as `rollback`
 */
export async function wholeRun(output: string, run: string): Promise<string> {
  const name = await successfulRun(output, run);
  if (await isAside(output, name)) {
    const others = await nightRuns(output);
    throw new AppError(
      'usage',
      `run \`${name}\` has only some campaigns (\`--select\`): \`latest\` would lack the others`,
      others.length > 0 ? `Name one of all campaigns: ${runList(others)}.` : 'Run all campaigns first.',
    );
  }
  return name;
}

const runList = (runs: readonly string[]) => runs.map((run) => `\`${run}\``).join(', ');

/**
 * Name of a successful run: `run` or, without it, the run that `latest` points at.
 * @throws AppError missing-input if there is no such run or it did not succeed, bad-data if its manifest is damaged
 */
export async function successfulRun(output: string, run?: string): Promise<string> {
  const name = run ?? (await latestRun(output));
  if (name === undefined) throw new AppError('missing-input', `no run has succeeded in ${output}`, 'Run `basketwise run` first.');
  const manifest = join(output, 'runs', name, 'manifest.json');
  if (basename(name) !== name || (await ifThere(manifest, stat(manifest))) === undefined) {
    const runs = await successfulRuns(output);
    throw new AppError(
      'missing-input',
      `no successful run \`${name}\` in ${output}`,
      runs.length > 0 ? `There are ${runList(runs)}.` : 'No run has succeeded there yet.',
    );
  }
  if (!(await isPublished(join(output, 'runs', name)))) {
    throw new AppError('bad-data', `${manifest} is damaged or of another version`, 'Run the job again.');
  }
  return name;
}

/** Files of a run, as listed in its manifest. */
const manifestFiles = objectOf({ files: listOf(objectOf({ file: textShape, bytes: numberShape, sha256: textShape })) });

/**
 * Checks the manifest of a run's snapshot against its sha256 in the manifest of the run.
 * @param name name of a successful run
 * @throws AppError bad-data if one of the two manifests is damaged
 */
export async function checkSnapshot(output: string, name: string): Promise<void> {
  const folder = join(output, 'runs', name);
  const manifest = manifestFiles.safeParse(await readSealed(join(folder, 'manifest.json')));
  const file = 'snapshot/manifest.json';
  const record = manifest.data?.files.find((one) => one.file === file);
  if (record === undefined || !(await isAsRecorded(join(folder, file), record))) {
    throw new AppError('bad-data', `${join(folder, file)} is damaged or of another version`, 'Run the job again.');
  }
}

/** Names of the successful runs, ascending by reference date. */
async function successfulRuns(output: string): Promise<string[]> {
  const names = await runFolders(output);
  const finished = await Promise.all(names.map((name) => isPublished(join(output, 'runs', name))));
  return names.filter((_, i) => finished[i]).sort(compareRunNames);
}

/**
 * Names of the successful runs of all campaigns, ascending by reference date.
 * @param successful result of `successfulRuns`, if the caller has it
 */
export async function nightRuns(output: string, successful?: readonly string[]): Promise<string[]> {
  const names = successful ?? (await successfulRuns(output));
  const aside = await Promise.all(names.map((name) => isAside(output, name)));
  return names.filter((_, i) => !aside[i]);
}

/**
 * Removes old runs. The newest `keep` runs stay of each of three sets: successful runs, runs of only some campaigns, and failed runs. So runs of the
 * other two sets never displace a successful run, which a rollback may need. Published runs count as newer than runs that were rolled back. The run
 * that `latest` points at stays, too. Folders that Basketwise did not make are not touched.
 * @param waits whether approvals can still publish unpublished runs; then the newest `keep` of them stay, too
 * @returns names of the removed runs
 * @throws AppError cannot-write
 */
export async function removeOldRuns(output: string, keep: number, waits = false): Promise<string[]> {
  const latest = await latestRun(output);
  const names = await runFolders(output);
  const ends = await Promise.all(names.map((name) => endOfRun(output, name)));
  const successful = await successfulRuns(output);
  const [succeeded, nights] = [new Set(successful), new Set(await nightRuns(output, successful))];
  const published = new Map((await publishedRuns(output)).map(({ run }, i) => [run, i]));
  const newest = names
    .map((name, i) => ({ name, published: published.get(name) ?? -1, ended: ends[i]! }))
    .filter(({ name }) => name !== latest)
    .sort((a, b) => b.published - a.published || (a.ended < b.ended ? 1 : -1))
    .map(({ name }) => name);
  const isWaiting = (name: string) => waits && nights.has(name) && !published.has(name);
  const old = [
    ...newest.filter((name) => nights.has(name) && !isWaiting(name)).slice(Math.max(0, keep - 1)),
    ...newest.filter(isWaiting).slice(keep),
    ...newest.filter((name) => succeeded.has(name) && !nights.has(name)).slice(keep),
    ...newest.filter((name) => !succeeded.has(name)).slice(keep),
  ];
  for (const name of old) await removeRun(join(output, 'runs', name));
  return old;
}

/** Renames the folder of a run, and then removes it. If the process is killed in between, the next run removes the renamed folder. */
async function removeRun(path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await rename(path, unfinished);
    // A power cut must not leave a partly removed run under its own name.
    await syncPath(dirname(path));
    await rm(unfinished, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
