export { type CampaignTraining, loadFitted } from './campaigns/saved-models.ts';
export { readEligibility, recordsOf, snapshotBank } from './campaigns/snapshot-bank.ts';
export {
  calibrates,
  campaignModel,
  type ProbabilityMeaning,
  planCampaigns,
  probabilityMeaning,
  specOfConfig,
  unnamedClasses,
} from './config/campaign-plan.ts';
export { datedSchemes, rankableFeatures } from './config/check-features.ts';
export { checkProtected } from './config/check-protected.ts';
export { checkedConfigOfRun, configOfRun, loadConfig, parseConfig, type Settings, settingsPath } from './config/load.ts';
export { consentWarnings, needCampaigns, needConsent } from './config/needed.ts';
export { type ConfigPath, pathText, positionOf } from './config/problems.ts';
export { type Config, configJsonSchema } from './config/schema.ts';
export type { ModelTemplate } from './config/schema-campaigns.ts';
export type { ClusterConfig } from './config/schema-clusters.ts';
export { campaignModelSchema, type GivenModel, type ModelConfig, withDefaults } from './config/schema-model.ts';
export { type ProtectedColumn, protectedColumns } from './config/schema-validation.ts';
export { writtenAs } from './config/written-as.ts';
export type { ServerAccess, Source, WorkTables } from './drivers/driver.ts';
export { type SourceConfig, serverSource, sourceAt, targets } from './drivers/drivers.ts';
export {
  addressOf,
  type HiveLike,
  type HiveServer,
  type HiveSource,
  membersOf,
  offersTableOf,
  type PostgresAccess,
  protectionSettings,
} from './drivers/server-settings.ts';
export { codeSql, columnKnownAt } from './features/codes.ts';
export { datedClusters, schemeAt } from './features/dated-clusters.ts';
export { type FeatureSummary, readFeatureFile } from './features/feature-file.ts';
export { featureDates, hasFeatures } from './features/feature-plan.ts';
export { type FeatureValues, fitCodingsOf } from './features/fit-codings.ts';
export { ownPasts } from './features/kept-features.ts';
export { customerContexts, runContexts, snapshotContexts } from './features/snapshot-contexts.ts';
export { type JobListener, type JobOptions, jobStages, runJob } from './job.ts';
export { contactsOf } from './outcomes/contact-file.ts';
export { outcomeTables } from './outcomes/outcome-table.ts';
export { readEarlierRuns } from './outcomes/read-earlier-runs.ts';
export { writeClusterReport } from './report/cluster-report.ts';
export { publishedInterval, publishedRatioOf } from './report/published-ratio.ts';
export { apartText, flatParameters, offersBehindText, publishedScores } from './report/quality-figures.ts';
export { type EvaluationNeeds, evaluationVersion, type TuningNeeds, tuningVersion } from './report/quality-shapes.ts';
export { publicSummary, type RunReport } from './report/run-report.ts';
export { type Summarised, summaryAnswers } from './report/summary.ts';
export { isRunName } from './run/attempts.ts';
export { codeHash, packageVersion } from './run/code-hash.ts';
export { runManifestShape, writtenStyle } from './run/earlier-runs.ts';
export {
  applyErasure,
  type Erasures,
  erasuresFile,
  erasuresHash,
  erasuresOf,
  erasuresShape,
  finishErasures,
  hasErasures,
  isSignedErasure,
  preparedErasure,
  publishedToPrefix,
  readErasures,
  recordsAfter,
  validationFile,
} from './run/erasures.ts';
export { findInputs, programHash, type RunIdentity, runName } from './run/identity.ts';
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
export { rollback, successfulRun, switchLatest, takeBack, wholeRun } from './run/latest.ts';
export type { Lock } from './run/lock.ts';
export { checkOutputFolder, takeOutput } from './run/output-folder.ts';
export { latestRun, type PublishedRun, publishedNights, publishedRuns, recordedRuns } from './run/published-runs.ts';
export { StageReached, type StageResult } from './run/run-folder.ts';
export type { StageState } from './run/run-state.ts';
export { parseSealed, readSealed, sealedText, sealOf, writeSealed } from './run/seal.ts';
export { openSpill } from './run/spill.ts';
export { checkWritten } from './run/written-paths.ts';
export { checkLevelsOf, extractRequest, requestTo, sourceRequest } from './source/extract-request.ts';
export { closeAll, engineOptions, openExtracted, openRunSnapshot, type RunSnapshot, threadCount } from './source/run-snapshot.ts';
export type { EngineModule, ResultTarget, WorkTable, WorkTableAction, WorkTableOptions } from './stages/engine-module.ts';
export { extract, statusText } from './stages/extract.ts';
export { makeFeatures } from './stages/features.ts';
export type { ListCalibration } from './stages/list-calibration.ts';
export { loadEngine, needEngines, openSource, runWorkTables } from './stages/load-engine.ts';
export { type PlannedStage, plannedRun } from './stages/planned-stages.ts';
export { publishedTable, suppressedFile, writeSuppressed } from './stages/publish.ts';
export { followPublished, placesElsewhere, publishFinished, type TargetChange } from './stages/publish-finished.ts';
export { type PublishedTable, publishedTables } from './stages/publish-to.ts';
export { previousFolder, type RemakeRequest, remakeFolder, remakeRun } from './stages/remake.ts';
export type { RunContext } from './stages/run-context.ts';
export { reportSegments } from './stages/segment.ts';
export type { JobBank, LearnedCampaign, Site } from './stages/site.ts';
export { listCampaign } from './stages/train.ts';
export { runResultsJsonSchema } from './telling/run-results.ts';
