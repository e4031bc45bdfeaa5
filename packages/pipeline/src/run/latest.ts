import { readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { z } from 'zod';
import { isPublished, runFolders } from './attempts.ts';
import { ifThere, isAsRecorded, readShaped, syncPath, writeFailure } from './files.ts';
import { readSealed } from './seal.ts';

/** Name of the run that `latest` points at; undefined where there is none yet. */
export async function latestRun(output: string): Promise<string | undefined> {
  const latest = join(output, 'latest');
  const target = await ifThere(latest, readlink(latest));
  return target === undefined ? undefined : basename(target);
}

/** Makes the names of an output folder's runs durable. @throws AppError cannot-write */
export async function syncRuns(output: string): Promise<void> {
  for (const folder of [join(output, 'runs'), output])
    await syncPath(folder).catch((cause) => {
      throw writeFailure(folder, cause);
    });
}

/** The next `latest`, until it takes the place of the one before. */
export function unfinishedLatest(output: string): string {
  return join(output, 'latest.unfinished');
}

/** Points `latest` at a run, in one step. @throws AppError cannot-write */
export async function switchLatest(output: string, run: string): Promise<void> {
  const path = join(output, 'latest');
  const fresh = unfinishedLatest(output);
  // After a power cut the link must not be there without what it leads to.
  await syncRuns(output);
  try {
    await rm(fresh, { force: true });
    await symlink(join('runs', run), fresh);
    await rename(fresh, path);
    await syncPath(output);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/** Part of run.json that says how old a run is; one that does not say counts as the oldest. */
const runTimes = z.object({ startedAt: z.string(), endedAt: z.string().nullable() });

/** Part of run.json that tells what a run was compared with. */
const comparedWith = z.object({ previous: z.string().nullable() });

/**
 * Name of the run that one of a reference date is compared with: the last successful one of another date. Where the last one is of the same date (the
 * same night with another config), it is the one that was compared with.
 */
export async function nightBefore(output: string, referenceDate: string): Promise<string | undefined> {
  const latest = await latestRun(output);
  if (latest === undefined) return undefined;
  const before = latest.startsWith(`${referenceDate}-`)
    ? (await readShaped(join(output, 'runs', latest, 'run.json'), comparedWith))?.previous
    : latest;
  return before != null && (await isPublished(join(output, 'runs', before))) ? before : undefined;
}

/**
 * Points `latest` back at an earlier successful run.
 * @throws AppError missing-input where there is no such run or it did not succeed, bad-data where its manifest is damaged
 */
export async function rollback(output: string, run: string): Promise<void> {
  await switchLatest(output, await successfulRun(output, run));
}

/**
 * Name of a successful run: `run`, or the latest.
 * @throws AppError missing-input where there is no such run or it did not succeed, bad-data where its manifest is damaged
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
      runs.length > 0 ? `There are ${runs.map((other) => `\`${other}\``).join(', ')}.` : 'No run has succeeded there yet.',
    );
  }
  if (!(await isPublished(join(output, 'runs', name)))) {
    throw new AppError('bad-data', `${manifest} is damaged or of another version`, 'Run the job again.');
  }
  return name;
}

/** Files of a run, as its manifest lists them. */
const listed = z.object({ files: z.array(z.object({ file: z.string(), bytes: z.number(), sha256: z.string() })) });

/**
 * The snapshot folder of a successful run, whose manifest is as the run's own says.
 * @param name of a successful run
 * @throws AppError bad-data where one of the two is damaged
 */
export async function snapshotOf(output: string, name: string): Promise<string> {
  const folder = join(output, 'runs', name);
  const manifest = listed.safeParse(await readSealed(join(folder, 'manifest.json')));
  const file = 'snapshot/manifest.json';
  const record = manifest.data?.files.find((one) => one.file === file);
  if (record === undefined || !(await isAsRecorded(join(folder, file), record))) {
    throw new AppError('bad-data', `${join(folder, file)} is damaged or of another version`, 'Run the job again.');
  }
  return join(folder, 'snapshot');
}

/** Names of the runs that succeeded, ascending: by reference date first. */
export async function successfulRuns(output: string): Promise<string[]> {
  const names = await runFolders(output);
  const finished = await Promise.all(names.map((name) => isPublished(join(output, 'runs', name))));
  return names.filter((_, i) => finished[i]).sort();
}

/**
 * Removes all but the `keep` successful runs that ended last, and as many that did not succeed: these never push out a run that can be
 * rolled back to. The one that `latest` points at stays, and so does whatever is no run of ours.
 * @throws AppError cannot-write
 */
export async function removeOldRuns(output: string, keep: number): Promise<string[]> {
  const latest = await latestRun(output);
  const names = await runFolders(output);
  const states = await Promise.all(names.map((name) => readShaped(join(output, 'runs', name, 'run.json'), runTimes)));
  const succeeded = new Set(await successfulRuns(output));
  const newest = names
    .map((name, i) => ({ name, ended: states[i]?.endedAt ?? states[i]?.startedAt ?? '' }))
    .filter(({ name }) => name !== latest)
    .sort((a, b) => (a.ended < b.ended ? 1 : -1))
    .map(({ name }) => name);
  const old = [
    ...newest.filter((name) => succeeded.has(name)).slice(Math.max(0, keep - 1)),
    ...newest.filter((name) => !succeeded.has(name)).slice(keep),
  ];
  for (const name of old) await removeRun(join(output, 'runs', name));
  return old;
}

/** Removes a run in one step: what a killed process leaves of it goes with the next run, and is no run until then. */
async function removeRun(path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await rename(path, unfinished);
    // After a power cut no run may be there of which a part is gone.
    await syncPath(dirname(path));
    await rm(unfinished, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
