import type { StageResult } from '../run/run-folder.ts';

/** Result of a stage: its files, and optionally its in-memory data. */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a finished stage, of this run or an earlier execution. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /** Returns `live`: from memory the first time, then from the files. If shared, always the same object. */
  take(): Promise<Live>;
}
