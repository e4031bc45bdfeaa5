import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** A process, told apart from every other one: on this machine, on others, and in other containers. */
export interface ProcessMark {
  pid: number;
  host: string;
  /** When the process started, in the kernel's words: tells it from a later one with the same pid. */
  start: string | null;
  /** The kernel's name for the time since it booted; null where the system does not tell, absent in what an older version wrote. */
  boot?: string | null | undefined;
  /** The namespace that the pid counts in: a container has one of its own. */
  namespace?: string | null | undefined;
}

/** A mark as files hold it. */
export const processMark: z.ZodType<ProcessMark> = z.object({
  ...{ pid: z.int().positive(), host: z.string(), start: z.string().nullable() },
  ...{ boot: z.string().nullish(), namespace: z.string().nullish() },
});

/** The start time of a process (field 22 of /proc/PID/stat); null where the system does not tell. */
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

/** The mark of this process. */
export async function thisProcess(): Promise<ProcessMark> {
  const [start, boot, namespace] = await Promise.all([processStart('self'), bootId(), pidNamespace()]);
  return { pid: process.pid, host: hostname(), start, boot, namespace };
}

/**
 * State of a process; `unknown` where it cannot be looked at: it is of another machine, of another container, or of this machine
 * before it was booted.
 */
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

/** A mark as part of a file's name: what the file says may be lost with the process. */
export function markText({ pid, start, namespace, boot }: ProcessMark): string {
  return [pid, start ?? 0, namespace ?? 0, boot ?? 0].join('-');
}

/** Reads a mark in a file's name; undefined where there is none. */
export function parseMark(text: string): ProcessMark | undefined {
  const match = /^(\d{1,15})-(\d+)-(\d+)-([0-9a-f]+)(?=$|\.)/.exec(text);
  if (!match) return undefined;
  const known = (part: string) => (part === '0' ? null : part);
  const [pid, start, namespace, boot] = match.slice(1) as [string, string, string, string];
  return { pid: Number(pid), host: '', start: known(start), namespace: known(namespace), boot: known(boot) };
}
