// Entry point for the packages insight and audit, and for callers that need more than index.ts. It exports banks, finished runs,
// features, texts and run folders.

export { isAsRecorded, jsonText, makeLastingFolder, recordFile, syncPath, takeFiles } from '@basketwise/data/files';
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
export { checkedConfigOfRun, configOfRun } from './config/load.ts';
export { consentWarnings, needCampaigns, needConsent } from './config/needed.ts';
export { type ConfigPath, pathText, positionOf } from './config/problems.ts';
export type { ModelTemplate } from './config/schema-campaigns.ts';
export { campaignModelSchema, type GivenModel, type ModelConfig, withDefaults } from './config/schema-model.ts';
export { type ProtectedColumn, protectedColumns } from './config/schema-validation.ts';

export type { ServerAccess, Source } from './drivers/driver.ts';
export { sourceAt } from './drivers/drivers.ts';
export { columnKnownAt } from './features/codes.ts';
export { datedClusters, schemeAt } from './features/dated-clusters.ts';
export { readFeatureFile } from './features/feature-file.ts';
export { featureDates } from './features/feature-plan.ts';
export { ownPasts } from './features/kept-features.ts';
export { customerContexts, runContexts, snapshotContexts } from './features/snapshot-contexts.ts';

export { outcomeTables } from './outcomes/outcome-table.ts';
export { writeClusterReport } from './report/cluster-report.ts';
export { publishedInterval, publishedRatioOf } from './report/published-ratio.ts';
export { apartText, flatParameters, offersBehindText, publishedScores } from './report/quality-figures.ts';
export { type EvaluationNeeds, evaluationVersion, type TuningNeeds, tuningVersion } from './report/quality-shapes.ts';
export { type Summarised, summaryAnswers } from './report/summary.ts';
export { codeHash, packageVersion } from './run/code-hash.ts';
export { writtenStyle } from './run/earlier-runs.ts';
export { type Erasures, erasuresShape } from './run/erasures.ts';
export { findInputs, programHash, type RunIdentity } from './run/identity.ts';
export { successfulRun } from './run/latest.ts';
export { checkOutputFolder } from './run/output-folder.ts';
export { publishedNights } from './run/published-runs.ts';
export { readSealed, sealedText, writeSealed } from './run/seal.ts';
export { openSpill } from './run/spill.ts';
export { checkWritten } from './run/written-paths.ts';
export { checkLevelsOf, extractRequest, requestTo, sourceRequest } from './source/extract-request.ts';
export { closeAll, engineOptions, openExtracted, openRunSnapshot, type RunSnapshot, threadCount } from './source/run-snapshot.ts';
export { extract, statusText } from './stages/extract.ts';
export type { ListCalibration } from './stages/list-calibration.ts';
export { loadEngine, needEngines, openSource } from './stages/load-engine.ts';

export { type PlannedStage, plannedRun } from './stages/planned-stages.ts';
export { followPublished, placesElsewhere, publishFinished, type TargetChange } from './stages/publish-finished.ts';
export { type PublishedTable, publishedTables } from './stages/publish-to.ts';
export { previousFolder, type RemakeRequest, remakeFolder, remakeRun } from './stages/remake.ts';
