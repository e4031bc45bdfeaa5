// What insight takes of the job, and callers below the front door: the bank and finished runs, schemes, segments, texts, run folders.
export { type CampaignTraining, loadFitted } from './campaigns/saved-models.ts';
export { readEligibility, recordsOf, snapshotBank } from './campaigns/snapshot-bank.ts';
export type { KChoice, KRange } from './clusters/choose-k.ts';
export type { ClusterModel } from './clusters/cluster-model.ts';
export {
  applyClusters,
  assignmentQuery,
  chooseK,
  clusterModelFromState,
  clusterModelState,
  fitClusters,
} from './clusters/clusters.ts';
export type { ClusterContext } from './clusters/customer-rows.ts';
export { methodNames } from './clusters/methods.ts';
export { type ClusterProfile, profileClusters } from './clusters/profile.ts';
export { publishedChoice, publishedProfile } from './clusters/published-profile.ts';
export { clusterContext, keptModelFile, readClusterModel, schemeOf } from './clusters/saved-model.ts';
export type { ClusterScheme } from './clusters/scheme.ts';
export { calibrates } from './config/calibrates.ts';
export { campaignModel } from './config/campaign-model.ts';
export { planCampaigns } from './config/campaign-plan.ts';
export { unnamedClasses } from './config/named-classes.ts';
export { needCampaigns, needConsent } from './config/needed.ts';
export { type ConfigPath, positionOf } from './config/problems.ts';
export { rankableFeatures } from './config/rankable.ts';
export { redact } from './config/redact.ts';
export { campaignModelSchema, type GivenModel, type ModelConfig, withDefaults } from './config/schema-model.ts';
export type { ModelTemplate } from './config/schema-tune.ts';
export { specOfConfig } from './config/spec-of-config.ts';
export type { ServerAccess, Source, SourceCheck } from './drivers/driver.ts';
export { sourceAt } from './drivers/drivers.ts';
export { customerContexts } from './features/customer-contexts.ts';
export { datedClusters, schemeAt } from './features/dated-clusters.ts';
export { readFeatureFile } from './features/feature-file.ts';
export { featureDates } from './features/feature-plan.ts';
export { fitCodings, rareBelow } from './features/fit-codings.ts';
export { ownPast, ownPasts } from './features/kept-features.ts';
export { runContexts, snapshotContexts } from './features/snapshot-contexts.ts';
export {
  type Arm,
  customersMissing,
  differenceInterval,
  effectInterval,
  liftInterval,
  shareInterval,
} from './outcomes/intervals.ts';
export { readOut } from './outcomes/outcomes.ts';
export { percent, textTable, wrapped } from './page/text-table.ts';
export { writeClusterReport } from './report/cluster-report.ts';
export { publishedFunnel } from './report/published-funnel.ts';
export { publishedOffers } from './report/published-offers.ts';
export { publishedScores } from './report/published-scores.ts';
export { type EvaluationNeeds, evaluationVersion, type TuningNeeds, tuningVersion } from './report/quality-shapes.ts';
export { apartText, flatParameters } from './report/quality-text.ts';
export { closeAll } from './run/close-all.ts';
export { codeHash } from './run/code-hash.ts';
export { type FileRecord, makeLastingFolder, readJson, recordFile, writeJson, writeWhole } from './run/files.ts';
export { findInputs, type RunIdentity } from './run/identity.ts';
export { removeOldRuns, successfulRun, switchLatest } from './run/latest.ts';
export { takeLock } from './run/lock.ts';
export { writeOfferedBefore } from './run/offered-before.ts';
export { checkOutputFolder, takeOutput } from './run/output-folder.ts';
export { latestRun, publishedNights } from './run/published-runs.ts';
export { RunFolder, type StageRange } from './run/run-folder.ts';
export { readSealed, writeSealed } from './run/seal.ts';
export { openSpill } from './run/spill.ts';
export { checkWritten } from './run/written-paths.ts';
export { writtenStyle } from './run/written-style.ts';
export { stabilityIndex } from './segments/drift.ts';
export { markdownTable, markdownText } from './segments/markdown.ts';
export { type Segments, segmentLabels, segmentQuery } from './segments/segment-sql.ts';
export { countSegments, noSegment, type SegmentTable } from './segments/segment-table.ts';
export { checkLevels } from './source/check-levels.ts';
export { engineOptions, threadCount } from './source/engine-options.ts';
export { extractRequest, requestTo, sourceRequest } from './source/extract-request.ts';
export { openRunSnapshot, type RunSnapshot } from './source/run-snapshot.ts';
export { extract } from './stages/extract.ts';
export { loadEngine, needEngines } from './stages/load-engine.ts';
export { openSource } from './stages/open-source.ts';
export { type PlannedStage, plannedRun, plannedText } from './stages/planned-stages.ts';
export {
  countText,
  countWords,
  type PublishedCount,
  publishedCount,
  publishedShare,
  publishedValue,
} from './values/published-count.ts';
export { type PartsOf, publishedCells, publishedParts, publishedRecord, publishedSizes } from './values/published-parts.ts';
