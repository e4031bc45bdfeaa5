import { randomBytes } from 'node:crypto';
import { fstatSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { readShaped, writeFailure } from '@basketwise/data/base';
import {
  atExit,
  markText,
  type ProcessMark,
  parseMark,
  processMark,
  silence,
  startBeating,
  stateOfProcess,
  thisProcess,
} from './process-mark.ts';

/** Lock that this process holds. */
export interface Lock {
  /**
   * Checks that the lock is still held.
   * @throws AppError locked if another process has taken it, which it may after five minutes without a sign of life
   */
  check(): Promise<void>;
  /** Releases the lock. @throws AppError cannot-write */
  release(): Promise<void>;
  /**
   * Does work that may wait for a person without the lock, so that other commands do not wait. Then takes the lock again.
   * @throws AppError locked if another process holds the lock then
   */
  without<T>(work: () => Promise<T>): Promise<T>;
}

/** Lock between two calls of `takeOnce`. */
type HeldLock = Omit<Lock, 'without'>;

/** Milliseconds without a sign of life after which the process that holds the lock counts as dead, if its state cannot be checked. */
const lockSilence = 300_000;

function readHolder(path: string): Promise<ProcessMark | undefined> {
  return readShaped(path, processMark);
}

/**
 * Whether the process that wrote a lock file is dead. For a process of this machine the kernel is asked. For another machine,
 * container or boot, an old modification time of the file decides.
 * @param fresh newly written file in the same folder, for the present time of the file system
 */
async function isGone(holder: ProcessMark, path: string, fresh: string): Promise<boolean> {
  const fate = await stateOfProcess(holder);
  // Lock files of older versions have no `boot`, and their modification time is not renewed.
  if (fate !== 'unknown' || holder.boot === undefined) return fate === 'gone';
  return silence(path, fresh).then(
    (milliseconds) => milliseconds > lockSilence,
    () => false,
  );
}

/** Removes the lock of a dead process. If another process has taken the lock in between, it gets the lock back. */
async function removeStale(path: string, stale: ProcessMark, aside: string): Promise<void> {
  await rename(path, aside).catch(() => {});
  const moved = await readHolder(aside);
  if (moved && JSON.stringify(moved) !== JSON.stringify(stale)) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Removes files of processes that were killed while they took the lock. */
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
 * Takes the lock of an output folder, which allows one run at a time. The lock of a dead process is taken over. So is the lock of
 * a process in another container or on another machine, after five minutes without a sign of life.
 * @throws AppError locked if a live process holds the lock, cannot-write
 */
export async function takeLock(folder: string): Promise<Lock> {
  const path = join(folder, '.lock');
  let held: HeldLock | undefined = await takeOnce(path);
  const check = async () => (held === undefined ? Promise.reject(lockedError(await readHolder(path), path)) : held.check());
  const release = async () => {
    const last = held;
    held = undefined;
    await last?.release();
  };
  const without = async <T>(work: () => Promise<T>) => {
    await check();
    await release();
    try {
      return await work();
    } finally {
      held = await takeOnce(path);
    }
  };
  return { check, release, without };
}

async function takeOnce(path: string): Promise<HeldLock> {
  const folder = dirname(path);
  const mark = await thisProcess();
  const name = `${markText(mark)}.${randomBytes(4).toString('hex')}`;
  const [claim, aside] = [`${path}.${name}`, `${path}.stale-${name}`];
  const text = JSON.stringify(mark);
  let handle: FileHandle | undefined;
  let lock: HeldLock | undefined;
  const released = atExit(() => {
    if (handle && isHeld(handle, path)) rmSync(path);
    rmSync(claim, { force: true });
  });
  try {
    // The file is synced before it becomes the lock, because a power cut must not leave an empty lock.
    handle = await open(claim, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await linkAsLock(path, claim, aside);
    await removeOldClaims(folder, claim);
    lock = heldLock(path, handle, text, released);
    return lock;
  } catch (cause) {
    if (handle && isHeld(handle, path)) await rm(path, { force: true }).catch(() => {});
    await handle?.close().catch(() => {});
    handle = undefined;
    throw writeFailure(path, cause);
  } finally {
    await rm(claim, { force: true }).catch(() => {});
    if (lock === undefined) released();
  }
}

/** Makes the file `claim` the lock, in place of the lock of a dead process if there is one. @throws AppError locked */
async function linkAsLock(path: string, claim: string, aside: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await link(claim, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (!(await isGone(holder, path, claim))) throw lockedError(holder, path);
    await removeStale(path, holder, aside);
  }
  throw lockedError(await readHolder(path), path);
}

/** Whether the lock is still the file of this handle. */
function isHeld(handle: FileHandle, path: string): boolean {
  const held = fstatSync(handle.fd, { bigint: true });
  try {
    const there = statSync(path, { bigint: true });
    return there.ino === held.ino && there.dev === held.dev;
  } catch {
    return false; // An inaccessible lock counts as lost.
  }
}

/** Makes the object of the held lock. @param released unregisters the removal of the lock at the exit of the process */
function heldLock(path: string, handle: FileHandle, text: string, released: () => void): HeldLock {
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
