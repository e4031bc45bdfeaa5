// Entry point for commands that read configs and run folders, but no tables of a bank. Loads no engine.
export { isPlainDate } from '@basketwise/core/kinds';
export {
  type FileRecord,
  hashFile,
  ifThere,
  isFileRecord,
  makeFolder,
  readJson,
  succeeds,
  writeFailure,
  writeJson,
  writeWhole,
} from '@basketwise/data/files';
export { loadConfig, type Settings, settingsPath } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { targets } from './drivers/drivers.ts';
export { isRunName } from './run/attempts.ts';
export { runManifestShape } from './run/earlier-runs.ts';
export {
  applyErasure,
  erasuresFile,
  erasuresHash,
  erasuresOf,
  finishErasures,
  hasErasures,
  isSignedErasure,
  preparedErasure,
  publishedToPrefix,
  readErasures,
  recordsAfter,
  validationFile,
} from './run/erasures.ts';
export {
  appendEntry,
  finishJournal,
  hasLine,
  type Journal,
  type JournalEntry,
  needNoStop,
  readJournal,
  releaseStates,
  signedText,
  stopOf,
  systemUser,
} from './run/journal.ts';
export { switchLatest, takeBack, wholeRun } from './run/latest.ts';
export type { Lock } from './run/lock.ts';
export { takeOutput } from './run/output-folder.ts';
export { latestRun, type PublishedRun, publishedRuns, recordedRuns } from './run/published-runs.ts';
export { parseSealed, sealOf } from './run/seal.ts';
