import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageState } from '@basketwise/pipeline';

const program = join(import.meta.dirname, '../../packages/cli/bin/basketwise.js');

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

/** What `basketwise run --json` prints, as far as measurements need it. */
export interface Printed {
  stages: readonly StageState[];
  campaigns: readonly { campaign: string; targets: number; served: number; baskets: number; rows: number }[];
  files: Record<string, string>;
}

/** How a run of the program went. */
export interface Ended {
  code: number | null;
  stdout: string;
  /** Wall time, the program's own start included. */
  seconds: number;
  /** Most resident memory of its processes: the largest sum seen, at least the main process's own peak. */
  peak: number;
}

/** Runs the job of the folder's config in a process of its own and watches its memory. */
export function runProgram(folder: string): Promise<Ended> {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, 'run', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended: Ended = { code: null, stdout: '', seconds: 0, peak: 0 };
  const timer = setInterval(() => {
    const sum = processTree(child.pid!).reduce((total, pid) => total + memoryOf(pid, 'VmRSS'), 0);
    ended.peak = Math.max(ended.peak, sum, memoryOf(child.pid!, 'VmHWM'));
  }, 250);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ ...ended, code, seconds: (performance.now() - begin) / 1000 });
    });
  });
}

export const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
