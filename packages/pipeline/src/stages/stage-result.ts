import type { StageResult } from '../run/run-folder.ts';

/** A result of a stage, with what it has in memory beside its files. */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a stage that is done, in this run or before. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /** Hands over `live`: from memory the first time, then from the files; where it is shared, always the same. */
  take(): Promise<Live>;
}
