import type { StageResult } from '../run/run-folder.ts';

/** Result of a stage: its files, its summary, and optionally data in memory (`live`). */
export type LiveResult<Summary, Live> = StageResult<Summary> & { live?: Live };

/** Result of a finished stage, from this execution or an earlier one. */
export interface Done<Summary, Live = undefined> {
  summary: Summary;
  /**
   * Returns the stage's data in memory. If they were released or never computed, reads them from the files of the stage. If the
   * stage is shared, all calls return the same object.
   */
  take(): Promise<Live>;
}
