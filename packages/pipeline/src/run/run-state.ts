import { z } from 'zod';

/** Content of `run.json`: state or end of a run. Only its times change in a repeated run. */
export interface RunState {
  version: 1;
  run: string;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** Running stage, or the last one. */
  stage: string | null;
  exitCode: number | null;
  message: string | null;
  hint: string | null;
  startedAt: string;
  endedAt: string | null;
  /** Last successful run of another reference date at the start of this one. This run is compared with it. */
  previous: string | null;
  stages: StageState[];
}

/** Stage of a run. */
export interface StageState {
  name: string;
  /** `skipped`: finished in this run before. `taken`: from another run with equal inputs. */
  status: 'running' | 'done' | 'skipped' | 'taken' | 'failed';
  /** Source run of a taken stage. */
  from?: string;
  seconds: number;
  /** Peak resident memory of the process so far, in MiB. */
  peakMemory: number;
}

/** End of a run, from its run.json. */
export const runStatus = z.object({ status: z.string() });
