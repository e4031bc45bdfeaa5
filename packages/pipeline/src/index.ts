export { recordsOf, snapshotBank } from './campaigns/snapshot-bank.ts';
export type { ClusterModel } from './clusters/cluster-model.ts';
export { choiceText, profileText } from './clusters/cluster-text.ts';
export {
  applyClusters,
  assignmentQuery,
  chooseK,
  clusterModelFromState,
  clusterModelState,
  fitClusters,
} from './clusters/clusters.ts';
export { profileClusters } from './clusters/profile.ts';
export { type ClusterScheme, type Encoding, methodNames, type Scale } from './clusters/scheme.ts';
export { planCampaigns } from './config/campaign-plan.ts';
export * from './config/index.ts';
export { selectCampaigns } from './config/select-campaigns.ts';
export type { Check } from './doctor/check.ts';
export { checkSource, type Diagnosis, diagnose, diagnosisText } from './doctor/doctor.ts';
export { type DryRun, dryRun, dryRunText } from './doctor/dry-run.ts';
export { checkCores, checkHugePages, checkWebAssembly } from './doctor/machine.ts';
export { estimateNeed } from './doctor/need.ts';
export { catalogueUse } from './evaluation/catalogue.ts';
export { type EvaluateOptions, evaluate } from './evaluation/evaluate.ts';
export type { EvaluationFile } from './evaluation/evaluation-file.ts';
export { evaluationSummary } from './evaluation/evaluation-summary.ts';
export { type Response, response } from './evaluation/response.ts';
export { explainCustomer } from './explain/explain.ts';
export type { CustomerExplanation, Reasons } from './explain/explanation.ts';
export { explanationText } from './explain/explanation-text.ts';
export { type BankProfile, profileBank } from './explore/bank-profile.ts';
export { bankProfileText } from './explore/bank-profile-text.ts';
export { exploreRules, exploreSimilar } from './explore/explore-products.ts';
export {
  clusterSql,
  reapplyClusters,
  recountSegments,
  refitClusters,
  reprofileClusters,
  tryClusterCounts,
} from './explore/newest-customers.ts';
export { writeBankProfile } from './explore/write-bank-profile.ts';
export { customerContexts } from './features/customer-contexts.ts';
export { readFeatureFile } from './features/feature-file.ts';
export { fitCodings, rareBelow } from './features/fit-codings.ts';
export { ownPast } from './features/kept-features.ts';
export type { BankServer } from './init/bank-tables.ts';
export { type InitResult, type SurveyedBank, surveyBank } from './init/init.ts';
export { initText } from './init/init-text.ts';
export { nextQuestion, type Question as InitQuestion } from './init/questions.ts';
export type { InitAnswers as InitChoices } from './init/roles.ts';
export { type JobListener, type JobOptions, jobStages, runJob } from './job.ts';
export {
  type Arm,
  customersMissing,
  differenceInterval,
  effectInterval,
  liftInterval,
  shareInterval,
} from './outcomes/intervals.ts';
export { readOut } from './outcomes/outcomes.ts';
export { outcomesText } from './outcomes/outcomes-text.ts';
export { publishedOutcomes } from './outcomes/published-outcomes.ts';
export { readEarlierRuns } from './outcomes/read-earlier-runs.ts';
export { type ProductRules, productRulesText } from './products/product-rules.ts';
export { type SimilarProducts, similarProducts, similarText } from './products/similar-products.ts';
export { writeClusterReport } from './report/cluster-report.ts';
export { compareRuns, comparisonText, publishedMoves } from './report/compare-runs.ts';
export { publishedFunnel } from './report/published-funnel.ts';
export { publishedOffers } from './report/published-offers.ts';
export { listRuns } from './report/run-history.ts';
export { publicSummary, type RunReport } from './report/run-report.ts';
export { runsText } from './report/runs-text.ts';
export * from './run/index.ts';
export { writeOfferedBefore } from './run/offered-before.ts';
export { type LabelCounts, stabilityIndex } from './segments/drift.ts';
export { markdownTable, markdownText } from './segments/markdown.ts';
export { type Segments, segmentLabels, segmentQuery } from './segments/segment-sql.ts';
export { countSegments } from './segments/segment-table.ts';
export { segmentText } from './segments/segment-text.ts';
export { runWorkTables, type WorkTableAction } from './source/hive-work-tables.ts';
export { runResultsJsonSchema } from './telling/run-results.ts';
export { tuningTrials } from './tuning/search-space.ts';
export { tune, tuningSides } from './tuning/tune.ts';
export type { TuningReport } from './tuning/tuning-report.ts';
export { tuningSummary } from './tuning/tuning-text.ts';
export { publishedCells, publishedParts } from './values/published-parts.ts';
