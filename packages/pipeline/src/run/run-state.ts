import { z } from 'zod';

/** Content of `run.json`: state of a run, or how it ended. If a run is repeated with equal inputs, only the times in it differ. */
export interface RunState {
  version: 1;
  run: string;
  status: 'running' | 'finished' | 'failed' | 'stopped';
  /** Stage that is running, or the last stage. */
  stage: string | null;
  exitCode: number | null;
  message: string | null;
  hint: string | null;
  startedAt: string;
  endedAt: string | null;
  /** Published run of the newest earlier reference date, with which this run is compared. */
  previous: string | null;
  stages: StageState[];
}

/** State of a stage in a run. */
export interface StageState {
  name: string;
  /** `skipped`: the stage was finished in this run before. `taken`: its result comes from another run with equal inputs. */
  status: 'running' | 'done' | 'skipped' | 'taken' | 'failed';
  /** For a taken stage, the run from which its result comes. */
  from?: string;
  seconds: number;
  /** Peak resident memory of the process so far, in MiB. */
  peakMemory: number;
}

/** Status of a run in its run.json. */
export const runStatus = z.object({ status: z.string() });
