import { constants } from 'node:fs';
import { createRandom } from '@basketwise/core';
import type { Fault } from './cage.ts';

/** A fault that may happen to an operation. */
const failures = ['EIO', 'ENOSPC', 'EACCES', 'EINTR'];

/** Places of which every operation counts: what a run writes, and not the bank's tables. */
const isOutput = (name: string) => /^(out|models|logs)(\/|$)/.test(name);

/** Signs of life are written by the clock: how many there are differs from run to run. */
const isBeat = (op: string, name: string, count: number) =>
  count > 1 && (op === 'write' || op === 'fsync') && /^out\/\.(lock|spill)/.test(name);

/** The operations of a program's log that are on its output: what, on which name, for the how many-th time. */
function operations(log: readonly string[][]) {
  return log.flatMap(([, op, name, count, , , , , bytes, , flags]) =>
    op === 'close' || !isOutput(name!) || isBeat(op!, name!, Number(count))
      ? []
      : [{ op: op!, name: name!, count: Number(count), bytes: Number(bytes), flags: Number(flags) }],
  );
}

/** Opened in order to read: not to write, and no folder to be made durable. */
const isRead = (op: string, flags: number) =>
  op === 'open' && (flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT)) === 0;

/**
 * Every point of a program that faults can be put into: of what it did to its output, every operation with every failure, a kill before it,
 * and for writes half of the bytes and a disk that stays full. Opening in order to read changes nothing, so no kill differs from the next
 * one, and takes no room; past the third time it fails in one way.
 */
export function pointsOf(log: readonly string[][]): Fault[] {
  return operations(log).flatMap(({ op, name, count, bytes, flags }) => {
    const reads = isRead(op, flags);
    const kinds = reads
      ? count > 3
        ? ['EIO']
        : ['EIO', 'EACCES', 'EINTR']
      : [...failures, 'kill', ...(op === 'write' ? ['full', ...(bytes > 1 ? ['short'] : [])] : [])];
    return kinds.map((kind) => ({ op, name, count, kind, reads }));
  });
}

/** How the run's own folder is called, in every scenario; operations in it are those of its stages. */
const runFolder = 'out/runs/#-08-31-#/';

/** The points of several programs, each failure in the run's own folder once: what stages write there is the same in all. */
export function pointsOfAll<T extends { log: readonly string[][] }>(programs: readonly T[]): { program: T; fault: Fault }[] {
  const seen = new Set<string>();
  const isNew = ({ op, name, count, kind }: Fault) => {
    if (!name.startsWith(runFolder) || kind === 'kill' || kind === 'full') return true;
    const key = [op, name, count, kind].join(' ');
    return !seen.has(key) && seen.add(key);
  };
  return programs.flatMap((program) =>
    pointsOf(program.log)
      .filter(isNew)
      .map((fault) => ({ program, fault })),
  );
}

/** `size` of some things, of every group alike; the same ones for the same seed. */
export function sample<T>(all: readonly T[], groupOf: (one: T) => string, size: number, seed: number): T[] {
  const random = createRandom(seed);
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), one]);
  const left = [...groups.values()];
  const chosen: T[] = [];
  while (chosen.length < size && left.some((group) => group.length > 0))
    for (const group of left)
      if (group.length > 0 && chosen.length < size) chosen.push(group.splice(Math.floor(random.next() * group.length), 1)[0]!);
  return chosen;
}
