import type { StageResult } from '../run/run-folder.ts';

/** A result of a stage, with what it has in memory beside its files. */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a stage that is done, in this run or before. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /** Hands over what the stage has in memory: from its files where that was handed over before, or another run did the work. */
  take(): Promise<Live>;
}
