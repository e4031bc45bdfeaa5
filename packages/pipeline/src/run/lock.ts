import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { z } from 'zod';
import { readShaped, writeFailure } from './files.ts';

/** Who holds a lock. */
interface Holder {
  pid: number;
  host: string;
  /** When the process started, in the kernel's words: tells it from a later one with the same pid. */
  start: string | null;
}

/** A lock that is held. */
export interface Lock {
  release(): Promise<void>;
}

/** The start time of a process (field 22 of /proc/PID/stat); null where the system does not tell. */
async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

async function isAlive({ pid, host, start }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = await processStart(pid);
  return start === null || now === null || now === start;
}

const shape: z.ZodType<Holder> = z.object({ pid: z.int().positive(), host: z.string(), start: z.string().nullable() });

function readHolder(path: string): Promise<Holder | undefined> {
  return readShaped(path, shape);
}

/** Removes a lock whose holder is gone; puts it back if another process took it over in between. */
async function removeStale(path: string, stale: Holder): Promise<void> {
  const aside = `${path}.stale-${process.pid}`;
  await rename(path, aside).catch(() => {});
  const found = await readHolder(aside);
  if (found && (found.pid !== stale.pid || found.start !== stale.start)) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Removes what processes that were killed while they took the lock have left beside it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((file) => /^\.lock\.(stale-)?\d+$/.test(file))) {
    const holder = await readHolder(join(folder, name));
    if (holder && !(await isAlive(holder))) await rm(join(folder, name), { force: true });
  }
}

/**
 * Takes the lock of an output folder: one run at a time. A lock left behind by a process that is gone is taken over.
 * @throws AppError locked where a live process holds it, cannot-write
 */
export async function takeLock(folder: string): Promise<Lock> {
  const path = join(folder, '.lock');
  const own = `${path}.${process.pid}`;
  const holder: Holder = { pid: process.pid, host: hostname(), start: await processStart(process.pid) };
  try {
    // On the disk before it becomes the lock: a power cut must not leave a lock that tells nothing.
    await writeFile(own, JSON.stringify(holder), { mode: 0o600, flush: true });
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await link(own, path);
        await removeLeftovers(folder);
        return { release: () => rm(path, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = await readHolder(path);
      if (other && (await isAlive(other))) throw heldBy(other, path);
      if (other) await removeStale(path, other);
    }
    throw heldBy(await readHolder(path), path);
  } catch (cause) {
    throw writeFailure(path, cause);
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
}

function heldBy(holder: Holder | undefined, path: string): AppError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new AppError(
    'locked',
    `another run is writing here: ${who} holds ${path}`,
    holder
      ? 'Wait for it to end, or use another output.dir.'
      : 'The lock does not say who holds it: if no run is at work here, remove it.',
  );
}
