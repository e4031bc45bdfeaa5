// Entry point for insight, audit and callers below the front door: the bank and finished runs, schemes, segments, texts, run
// folders.
export { type CampaignTraining, loadFitted } from './campaigns/saved-models.ts';
export { readEligibility, recordsOf, snapshotBank } from './campaigns/snapshot-bank.ts';
export { calibrates, type ProbabilityMeaning, probabilityMeaning } from './config/calibrates.ts';
export { campaignModel } from './config/campaign-model.ts';
export { planCampaigns } from './config/campaign-plan.ts';
export { checkProtected } from './config/check-protected.ts';
export { unnamedClasses } from './config/named-classes.ts';
export { needCampaigns, needConsent } from './config/needed.ts';
export { type ConfigPath, pathText, positionOf } from './config/problems.ts';
export { rankableFeatures } from './config/rankable.ts';
export { campaignModelSchema, type GivenModel, type ModelConfig, withDefaults } from './config/schema-model.ts';
export type { ModelTemplate } from './config/schema-tune.ts';
export { type ProtectedColumn, protectedColumns } from './config/schema-validation.ts';
export { specOfConfig } from './config/spec-of-config.ts';
export type { ServerAccess, Source } from './drivers/driver.ts';
export { sourceAt } from './drivers/drivers.ts';
export { customerContexts } from './features/customer-contexts.ts';
export { datedClusters, schemeAt } from './features/dated-clusters.ts';
export { readFeatureFile } from './features/feature-file.ts';
export { featureDates } from './features/feature-plan.ts';
export { ownPasts } from './features/kept-features.ts';
export { runContexts, snapshotContexts } from './features/snapshot-contexts.ts';
export { decisionText, nowText, outcomeSentences } from './outcomes/outcome-sentence.ts';
export { outcomeTable } from './outcomes/outcome-table.ts';
export { aboutTexts } from './outcomes/outcomes-about.ts';
export { writeClusterReport } from './report/cluster-report.ts';
export { publishedInterval, publishedRatioOf } from './report/published-ratio.ts';
export { publishedScores } from './report/published-scores.ts';
export { type EvaluationNeeds, evaluationVersion, type TuningNeeds, tuningVersion } from './report/quality-shapes.ts';
export { apartText, flatParameters } from './report/quality-text.ts';
export { closeAll } from './run/close-all.ts';
export { codeHash } from './run/code-hash.ts';
export { type Erasures, erasuresFile, erasuresShape, readErasures, recordsAfter } from './run/erasures.ts';
export {
  type FileRecord,
  hashFile,
  ifThere,
  isAsRecorded,
  jsonText,
  makeFolder,
  makeLastingFolder,
  readJson,
  recordFile,
  syncPath,
  writeFailure,
  writeJson,
  writeWhole,
} from './run/files.ts';
export { findInputs, programHash, type RunIdentity } from './run/identity.ts';
export {
  appendEntry,
  finishJournal,
  type Journal,
  type JournalEntry,
  readJournal,
  systemUser,
} from './run/journal.ts';
export { successfulRun, switchLatest } from './run/latest.ts';
export { checkOutputFolder, takeOutput } from './run/output-folder.ts';
export { latestRun, publishedNights } from './run/published-runs.ts';
export { parseSealed, readSealed, sealedText, sealOf, writeSealed } from './run/seal.ts';
export { openSpill } from './run/spill.ts';
export { takeFiles } from './run/take-files.ts';
export { checkWritten } from './run/written-paths.ts';
export { writtenStyle } from './run/written-style.ts';
export { checkLevelsOf } from './source/check-levels.ts';
export { engineOptions, threadCount } from './source/engine-options.ts';
export { extractRequest, requestTo, sourceRequest } from './source/extract-request.ts';
export { openExtracted, openRunSnapshot, type RunSnapshot } from './source/run-snapshot.ts';
export { extract } from './stages/extract.ts';
export type { ListCalibration } from './stages/list-calibration.ts';
export { loadEngine, needEngines } from './stages/load-engine.ts';
export { openSource } from './stages/open-source.ts';
export { type PlannedStage, plannedRun } from './stages/planned-stages.ts';
export { followPublished, placesElsewhere, publishFinished, type TargetChange } from './stages/publish-finished.ts';
export { previousFolder, type RemakeRequest, remakeFolder, remakeRun } from './stages/remake.ts';
