import type { StageState } from '@basketwise/pipeline';
import { runJobProcess } from './job-process.ts';

/** Output of `basketwise run --json`, as far as measurements need it. */
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
export async function runProgram(folder: string): Promise<Ended> {
  const { code, stdout, seconds, peakBytes } = await runJobProcess(['run', '--json'], { cwd: folder, echo: true });
  return { code, stdout, seconds, peak: peakBytes };
}

export const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
