import { z } from 'zod';

/** `run.json`: where a run is, or how it ended. Times are the only things in it that a rerun changes. */
export interface RunState {
  version: 1;
  run: string;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** The stage at work, or where the run ended. */
  stage: string | null;
  exitCode: number | null;
  message: string | null;
  hint: string | null;
  startedAt: string;
  endedAt: string | null;
  /** The last successful run of another reference date when this one began: what it is compared with. */
  previous: string | null;
  stages: StageState[];
}

/** One stage of a run. */
export interface StageState {
  name: string;
  /** `skipped`: this run had done it already; `taken`: another run had, of all the same. */
  status: 'running' | 'done' | 'skipped' | 'taken' | 'failed';
  /** The run that it was taken from. */
  from?: string;
  seconds: number;
  /** Peak resident memory of the process so far, in MiB. */
  peakMemory: number;
}

/** How a run ended, by its run.json. */
export const runStatus = z.object({ status: z.string() });
