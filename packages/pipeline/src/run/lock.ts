import { randomBytes } from 'node:crypto';
import { fstatSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { readShaped, writeFailure } from '@basketwise/data/files';
import { atExit } from './at-exit.ts';
import { silence, startBeating } from './heartbeat.ts';
import { markText, type ProcessMark, parseMark, processMark, stateOfProcess, thisProcess } from './process-mark.ts';

/** A lock that is held. */
export interface Lock {
  /**
   * Checks that the lock is still held. @throws AppError locked if another process has taken it, as it can after five minutes
   * without a sign of life
   */
  check(): Promise<void>;
  /** @throws AppError cannot-write */
  release(): Promise<void>;
}

/** Milliseconds without a sign of life after which a holder counts as dead, if it cannot be checked. */
const lockSilence = 300_000;

function readHolder(path: string): Promise<ProcessMark | undefined> {
  return readShaped(path, processMark);
}

/**
 * Whether the process that wrote a file is dead. The kernel says so for a process of this machine. For another machine, container
 * or boot, a silent heartbeat says so.
 * @param fresh a newly written file in the same folder
 */
async function isGone(holder: ProcessMark, path: string, fresh: string): Promise<boolean> {
  const fate = await stateOfProcess(holder);
  // Files of older versions have no heartbeat.
  if (fate !== 'unknown' || holder.boot === undefined) return fate === 'gone';
  return silence(path, fresh).then(
    (milliseconds) => milliseconds > lockSilence,
    () => false,
  );
}

/** Removes a lock whose holder is dead. Restores it if another process took it over in between. */
async function removeStale(path: string, stale: ProcessMark, aside: string): Promise<void> {
  await rename(path, aside).catch(() => {});
  const found = await readHolder(aside);
  if (found && JSON.stringify(found) !== JSON.stringify(stale)) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Removes leftovers of processes that were killed while taking the lock. */
async function removeOldClaims(folder: string, fresh: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const mark = /^\.lock\.(?:stale-)?(\d.*)$/.exec(name)?.[1];
    const path = join(folder, name);
    if (mark === undefined || path === fresh) continue;
    const holder = (await readHolder(path)) ?? parseMark(mark);
    if (holder && (await isGone(holder, path, fresh))) await rm(path, { force: true });
  }
}

/**
 * Takes the lock of an output folder: one run at a time. It takes over the lock of a dead process.
 * It also takes over that of a process that cannot be checked (in another container or on another machine), after five minutes
 * without a sign of life.
 * @throws AppError locked if a live process holds it, cannot-write
 */
export async function takeLock(folder: string): Promise<Lock> {
  const path = join(folder, '.lock');
  const mark = await thisProcess();
  const name = `${markText(mark)}.${randomBytes(4).toString('hex')}`;
  const [own, aside] = [`${path}.${name}`, `${path}.stale-${name}`];
  const text = JSON.stringify(mark);
  let handle: FileHandle | undefined;
  let lock: Lock | undefined;
  const released = atExit(() => {
    if (handle && isHeld(handle, path)) rmSync(path);
    rmSync(own, { force: true });
  });
  try {
    // Synced before it becomes the lock, because a power cut must not leave an empty lock.
    handle = await open(own, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await linkAsLock(path, own, aside);
    await removeOldClaims(folder, own);
    lock = heldLock(path, handle, text, released);
    return lock;
  } catch (cause) {
    if (handle && isHeld(handle, path)) await rm(path, { force: true }).catch(() => {});
    await handle?.close().catch(() => {});
    handle = undefined;
    throw writeFailure(path, cause);
  } finally {
    await rm(own, { force: true }).catch(() => {});
    if (lock === undefined) released();
  }
}

/** Makes a file the lock, in place of one that a dead process left. @throws AppError locked */
async function linkAsLock(path: string, own: string, aside: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await link(own, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await readHolder(path);
    if (other === undefined) continue;
    if (!(await isGone(other, path, own))) throw lockedError(other, path);
    await removeStale(path, other, aside);
  }
  throw lockedError(await readHolder(path), path);
}

/** Whether the file of the handle is still the lock. */
function isHeld(handle: FileHandle, path: string): boolean {
  const own = fstatSync(handle.fd, { bigint: true });
  try {
    const there = statSync(path, { bigint: true });
    return there.ino === own.ino && there.dev === own.dev;
  } catch {
    return false; // An inaccessible lock counts as lost.
  }
}

/** Creates the held lock. @param released unregisters the removal at the exit of the process */
function heldLock(path: string, handle: FileHandle, text: string, released: () => void): Lock {
  const stop = startBeating(handle, text);
  return {
    async check() {
      if (isHeld(handle, path)) return;
      const holder = await readHolder(path);
      throw holder
        ? lockedError(holder, path)
        : new AppError(
            'locked',
            `${path} is gone: another process may be writing here`,
            'Run the same command again: it resumes.',
          );
    },
    async release() {
      stop();
      try {
        if (isHeld(handle, path)) await rm(path, { force: true });
      } catch (cause) {
        throw writeFailure(path, cause);
      } finally {
        released();
        await handle.close();
      }
    },
  };
}

function lockedError(holder: ProcessMark | undefined, path: string): AppError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new AppError(
    'locked',
    `another run is writing here: ${who} holds ${path}`,
    holder
      ? 'Wait for it to end, or use another output.dir.'
      : 'The lock does not name its process: if no run is active here, remove it.',
  );
}
