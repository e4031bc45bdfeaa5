import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
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

/** Whether programs of a folder may be executed, as servers and packages need. */
function mayExecute(folder: string): boolean {
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}

/**
 * Vitest's global set-up: temporary files of tests are in memory where there is room and they may be executed, as what survives a power cut is what
 * `test:faults` proves.
 */
export default function setup(): (() => void) | undefined {
  if (!isRoomy(memory)) return undefined;
  const folder = mkdtempSync(join(memory, 'basketwise-tests-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (!mayExecute(folder)) {
    remove();
    return undefined;
  }
  chmodSync(folder, 0o1777); // tests run as other users, too
  const disk = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  return () => {
    remove();
    if (disk === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = disk;
  };
}
