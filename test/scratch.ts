import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const memory = '/dev/shm';
/** Bytes that tests write at a time, at most. */
const needed = 2 * 2 ** 30;

function isRoomy(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= needed;
  } catch {
    return false;
  }
}

/**
 * Vitest's global set-up: temporary files of tests are in memory where there is room, as what survives a power cut is what `test:faults` proves.
 * `BASKETWISE_TEST_DISK` is the folder for the few that must be executed, which a file system in memory may forbid.
 */
export default function setup(): (() => void) | undefined {
  if (!isRoomy(memory)) return undefined;
  const folder = mkdtempSync(join(memory, 'basketwise-tests-'));
  chmodSync(folder, 0o1777); // tests run as other users, too
  const disk = process.env.TMPDIR;
  process.env.BASKETWISE_TEST_DISK = disk ?? '/tmp';
  process.env.TMPDIR = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
    if (disk === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = disk;
  };
}
