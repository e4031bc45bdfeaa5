import { type FileHandle, readFile, readlink, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { nullable, objectOf, optional, type Shape, shapeOf, textShape } from '@basketwise/data/base';

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
    const fields = await readFile(`/proc/${pid}/stat`, 'latin1');
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? null;
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
  const partOf = (part: string) => (part === '0' ? null : part);
  const [pid, start, namespace, boot] = match.slice(1) as [string, string, string, string];
  return { pid: Number(pid), host: '', start: partOf(start), namespace: partOf(namespace), boot: partOf(boot) };
}

/** Milliseconds between two signs of life. */
const beatEvery = 10_000;

/**
 * Rewrites a file every ten seconds with the same text. The file's modification time shows that the process is alive.
 * @returns a function that stops the rewriting
 */
export function startBeating(handle: FileHandle, text: string): () => void {
  // A failed write is ignored. If writes fail for long, other processes take this process for dead.
  const beat = () =>
    handle
      .write(text, 0)
      .then(
        () => handle.sync(),
        () => undefined,
      )
      .catch(() => undefined);
  const timer = setInterval(beat, beatEvery);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Milliseconds between the modification times of two files. Both times come from the file system's clock, because the clocks of
 * two machines can differ.
 */
export async function silence(path: string, fresh: string): Promise<number> {
  const [then, now] = await Promise.all([stat(path), stat(fresh)]);
  return now.mtimeMs - then.mtimeMs;
}

/** Work to do when the process exits. */
const pending = new Set<() => void>();

function runAll(): void {
  // Runs the latest registered work first, so that the lock is removed after the files that it protects.
  for (const work of [...pending].reverse()) {
    try {
      work();
    } catch {
      // Ignored, because the process is ending. The next process removes what remains.
    }
  }
}

/**
 * Registers synchronous work to do when `process.exit` ends the process, as after a second signal.
 * @returns a function that unregisters the work
 */
export function atExit(work: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(work);
  return () => {
    pending.delete(work);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
