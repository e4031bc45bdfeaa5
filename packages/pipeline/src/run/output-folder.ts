import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { makeFolder } from '@basketwise/data/base';
import { isRunFolder } from './attempts.ts';
import { finishErasures } from './erasures.ts';
import { unfinishedLatest } from './latest.ts';
import { type Lock, takeLock } from './lock.ts';
import { alienRecord } from './published-runs.ts';

/**
 * Refuses an unsuitable output folder: a root, a home folder, or a folder with `runs`, `latest` or `published.json` that no run
 * has made. A missing folder is accepted.
 * @throws AppError config
 */
export async function checkOutputFolder(output: string): Promise<void> {
  const real = await realpath(output).catch(() => output);
  const home = await realpath(homedir()).catch(() => homedir());
  if (dirname(real) === real) throw refusedFolder(`${output} is the root of the file system`);
  if (real === home || real === '/root' || ['/home', '/Users'].includes(dirname(real)))
    throw refusedFolder(`${output} is a home folder`);
  const alien =
    (await alienRun(join(output, 'runs'))) ??
    (await alienLatest(join(output, 'latest'))) ??
    (await alienLatest(unfinishedLatest(output))) ??
    (await alienRecord(output));
  if (alien !== undefined) throw refusedFolder(`${alien} exists, but no run has made it`);
}

function refusedFolder(what: string): AppError {
  return new AppError('config', `output.dir: ${what}`, 'Name a folder that is for results only.');
}

/** Path of an entry in `runs` that is no run folder, or of `runs` if it is no folder. Ignores hidden files. */
async function alienRun(runs: string): Promise<string | undefined> {
  const state = await stat(runs).catch(() => undefined);
  if (state === undefined) return undefined;
  if (!state.isDirectory()) return runs;
  const names = await readdir(runs).catch(() => []); // An unreadable folder is refused later, because it cannot be written either.
  const alien = names.find((name) => !name.startsWith('.') && name !== 'lost+found' && !isRunFolder(name));
  return alien === undefined ? undefined : join(runs, alien);
}

/** Path of `latest`, or of its unfinished form, if it is no link to a run folder. */
async function alienLatest(latest: string): Promise<string | undefined> {
  const state = await lstat(latest).catch(() => undefined);
  if (state === undefined) return undefined;
  if (!state.isSymbolicLink()) return latest;
  const target = await readlink(latest);
  return target === join('runs', basename(target)) && isRunFolder(basename(target)) ? undefined : latest;
}

/**
 * Makes an output folder if it is absent, and takes its lock. Then finishes or undoes erasures of a killed command.
 * @throws AppError config if the folder is unsuitable, locked if another process holds it, cannot-write; also the errors of `finishErasures`
 */
export async function takeOutput(output: string): Promise<Lock> {
  await checkOutputFolder(output);
  await makeFolder(output);
  const lock = await takeLock(output);
  try {
    await finishErasures(output);
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
