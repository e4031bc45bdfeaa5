import { z } from 'zod';

/** `run.json`: state or end of a run. Only the times in it change in a repeated run. */
export interface RunState {
  version: 1;
  run: string;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** The running stage, or the last one. */
  stage: string | null;
  exitCode: number | null;
  message: string | null;
  hint: string | null;
  startedAt: string;
  endedAt: string | null;
  /** The last successful run of another reference date at the start of this one, which it is compared with. */
  previous: string | null;
  stages: StageState[];
}

/** One stage of a run. */
export interface StageState {
  name: string;
  /** `skipped`: finished in this run before; `taken`: from another run with equal inputs. */
  status: 'running' | 'done' | 'skipped' | 'taken' | 'failed';
  /** The source run of a taken stage. */
  from?: string;
  seconds: number;
  /** Peak resident memory of the process so far, in MiB. */
  peakMemory: number;
}

/** End of a run, from its run.json. */
export const runStatus = z.object({ status: z.string() });
