import type { StageResult } from '../run/run-folder.ts';

/** A result of a stage, with its in-memory data besides its files. */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a finished stage, of this run or an earlier execution. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /** Returns `live`: from memory the first time, then from the files; always the same if shared. */
  take(): Promise<Live>;
}
