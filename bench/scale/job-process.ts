import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');

/** When to kill -9 a job. */
export interface KillMoment {
  /** How a line on stderr begins after which to count; '' is the start. */
  after: string;
  /** How a line begins, once that one was said, after which to count instead. */
  next?: string;
  /** Milliseconds. */
  delay: number;
}

/** A line that a job has said on stderr. */
export interface SaidLine {
  text: string;
  /** Milliseconds since its start. */
  at: number;
  /** Processor time that it had taken by then, in seconds. */
  processor: number;
}

/** How a job ended. */
export interface EndedJob {
  /** Null where it was killed. */
  code: number | null;
  seconds: number;
  /** Processor time of all its threads, in seconds, as last seen before its end: at most a quarter of a second of the clock before. */
  processor: number;
  stdout: string;
  said: readonly SaidLine[];
  /** Largest sum of resident memory of its processes, in bytes. */
  peakBytes: number;
}

/** How to run a job. */
export interface JobProcessOptions {
  cwd: string;
  kill?: KillMoment | undefined;
  /** Show what it says on stderr. */
  echo?: boolean;
  /** Called as soon as the process is there, to watch it; what it returns is called when the process has ended. */
  watch?: ((kill: () => void) => () => void) | undefined;
}

/** A process and all that descend from it. */
function processTree(root: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${root}/task`);
    const children = tasks.flatMap((task) => readFileSync(`/proc/${root}/task/${task}/children`, 'utf8').split(' '));
    return [root, ...children.filter((pid) => pid !== '').flatMap((pid) => processTree(Number(pid)))];
  } catch {
    return []; // it has ended meanwhile
  }
}

/** Bytes that a process has, or had at most, in memory. */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Clock ticks of a second, as the kernel counts processor time. */
const ticks = 100;

/** Seconds of processor time of all threads of a process so far; 0 where it has ended. */
function processorOf(pid: number): number {
  try {
    // after the name, which is in brackets: state is the first field, utime and stime the 12th and 13th
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    return 0;
  }
}

/** Runs the program and watches the memory of its processes: the largest sum seen, at least the main process's own peak. */
export function runJobProcess(args: readonly string[], { cwd, kill, watch, echo = false }: JobProcessOptions): Promise<EndedJob> {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: SaidLine[] = [];
  let [stdout, stderr, peakBytes, processor] = ['', '', 0, 0];
  const watchProcessor = () => {
    processor = Math.max(processor, processorOf(child.pid!));
  };
  let killer: NodeJS.Timeout | undefined;
  const end = () => void child.kill('SIGKILL');
  const awaited = kill ? [kill.after, ...(kill.next === undefined ? [] : [kill.next])] : [];
  const arm = (line: string) => {
    if (awaited.length === 0 || !line.startsWith(awaited[0]!)) return;
    awaited.shift();
    if (awaited.length === 0) killer = setTimeout(end, kill!.delay);
  };
  if (kill?.after === '') arm('');
  const unwatch = watch?.(end);
  const memory = setInterval(() => {
    watchProcessor();
    const sum = processTree(child.pid!).reduce((total, pid) => total + memoryOf(pid, 'VmRSS'), 0);
    peakBytes = Math.max(peakBytes, sum, memoryOf(child.pid!, 'VmHWM'));
  }, 250);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (echo) process.stderr.write(text);
    const lines = (stderr + text).split('\n');
    stderr = lines.pop()!;
    watchProcessor();
    for (const line of lines) said.push({ text: line, at: performance.now() - begin, processor });
    for (const line of lines) arm(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(memory);
      clearTimeout(killer);
      unwatch?.();
      resolve({ code, seconds: (performance.now() - begin) / 1000, processor, stdout, said, peakBytes });
    });
  });
}
