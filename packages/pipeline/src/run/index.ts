export {
  type FileRecord,
  hashFile,
  ifThere,
  makeFolder,
  readJson,
  recordFile,
  writeFailure,
  writeJson,
  writeWhole,
} from './files.ts';
export type { RunIdentity } from './identity.ts';
export { removeOldRuns, rollback, successfulRun, switchLatest } from './latest.ts';
export { type Lock, takeLock } from './lock.ts';
export { checkOutputFolder, takeOutput } from './output-folder.ts';
export { latestRun, publishedNights } from './published-runs.ts';
export {
  RunFolder,
  type StageListener,
  type StageRange,
  StageReached,
  type StageResult,
  type StageWork,
} from './run-folder.ts';
export type { RunState, StageState } from './run-state.ts';
export { writeSealed } from './seal.ts';
export { checkWritten } from './written-paths.ts';
