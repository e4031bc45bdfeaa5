import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { nullable, objectOf, optional, type Shape, shapeOf, textShape } from '@basketwise/data/files';

/** Identity of a process. It is unique among all machines and containers that share a folder. */
export interface ProcessMark {
  pid: number;
  host: string;
  /** Start time of the process, from the kernel. A later process with the same pid has another start time. */
  start: string | null;
  /** Id of the machine's boot, from the kernel. Null if the system has none; absent in files of older versions. */
  boot?: string | null | undefined;
  /** Number of the pid namespace. Each container has its own. */
  namespace?: string | null | undefined;
}

/** Shape of a process mark in a file. */
export const processMark: Shape<ProcessMark> = objectOf({
  pid: shapeOf<number>((pid) => Number.isSafeInteger(pid) && Number(pid) > 0),
  ...{ host: textShape, start: nullable(textShape) },
  ...{ boot: optional(nullable(textShape)), namespace: optional(nullable(textShape)) },
});

/** Start time of a process (field 22 of /proc/PID/stat). Null if the system has none. */
async function processStart(pid: number | 'self'): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

async function bootId(): Promise<string | null> {
  return readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
    (id) => id.trim().replaceAll('-', ''),
    () => null,
  );
}

async function pidNamespace(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').then(
    (name) => /\d+/.exec(name)?.[0] ?? null,
    () => null,
  );
}

/** Mark of this process. */
export async function thisProcess(): Promise<ProcessMark> {
  const [start, boot, namespace] = await Promise.all([processStart('self'), bootId(), pidNamespace()]);
  return { pid: process.pid, host: hostname(), start, boot, namespace };
}

/** State of a process. `unknown` for a process on another machine, in another container, or from before the last boot of this machine. */
export async function stateOfProcess(mark: ProcessMark): Promise<'alive' | 'gone' | 'unknown'> {
  const here = await thisProcess();
  const isHere = mark.boot && here.boot ? mark.boot === here.boot && mark.namespace === here.namespace : mark.host === here.host;
  if (!isHere) return 'unknown';
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const now = await processStart(mark.pid);
  return mark.start === null || now === null || now === mark.start ? 'alive' : 'gone';
}

/** Text of a mark for the name of a file. The content of the file may be lost with the process. */
export function markText({ pid, start, namespace, boot }: ProcessMark): string {
  return [pid, start ?? 0, namespace ?? 0, boot ?? 0].join('-');
}

/** Parses the mark in the name of a file; undefined if the name has none. */
export function parseMark(text: string): ProcessMark | undefined {
  const match = /^(\d{1,15})-(\d+)-(\d+)-([0-9a-f]+)(?=$|\.)/.exec(text);
  if (!match) return undefined;
  const known = (part: string) => (part === '0' ? null : part);
  const [pid, start, namespace, boot] = match.slice(1) as [string, string, string, string];
  return { pid: Number(pid), host: '', start: known(start), namespace: known(namespace), boot: known(boot) };
}
