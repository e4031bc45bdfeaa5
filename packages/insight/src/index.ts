export { checkSource, type Diagnosis, diagnose, diagnosisText, newestDayOf } from './doctor/doctor.ts';
export { type DryRun, dryRun, dryRunText } from './doctor/dry-run.ts';
export { checkCores, checkHugePages, checkWebAssembly } from './doctor/machine.ts';
export { estimateNeed } from './doctor/need.ts';
export { compareModels, type ModelValues, metricValues, valuesOfRows } from './evaluation/compare-models.ts';
export { evaluate, testCampaigns } from './evaluation/evaluate.ts';
export { type EvaluationFile, evaluationSummary } from './evaluation/evaluation-summary.ts';
export { ProbabilityJudge, type ProbabilityQuality } from './evaluation/judge-probabilities.ts';
export { response } from './evaluation/product-responses.ts';
export { isTooFew } from './evaluation/refusals.ts';
export { catalogueUse, levelNotes, type TestedCampaign } from './evaluation/summarise.ts';
export { type CampaignTests, ownModel, type ScoredWindow } from './evaluation/tested.ts';
export { explainCustomer, explainIn } from './explain/explain.ts';
export type { CustomerExplanation, Reasons } from './explain/explanation.ts';
export { explanationText } from './explain/explanation-text.ts';
export { type FinishedRun, finishedRun, openFinishedRun, type RunManifest } from './explain/finished-run.ts';
export { type BankProfile, profileBank } from './explore/bank-profile.ts';
export { bankProfileText, writeBankProfile } from './explore/bank-profile-text.ts';
export { compareRuns, comparisonText } from './explore/compare-runs.ts';
export { exploreRules, exploreSimilar } from './explore/explore-products.ts';
export {
  clusterSql,
  reapplyClusters,
  recountSegments,
  refitClusters,
  reprofileClusters,
  tryClusterCounts,
} from './explore/newest-customers.ts';
export type { BankServer } from './init/bank-tables.ts';
export { type InitResult, type SurveyedBank, surveyBank } from './init/init.ts';
export { initText } from './init/init-text.ts';
export { nextQuestion, type Question as InitQuestion } from './init/questions.ts';
export type { InitAnswers as InitChoices } from './init/roles.ts';
export { type ProductRules, productRulesText } from './products/product-rules.ts';
export { type SimilarProducts, similarProducts, similarText } from './products/similar-products.ts';
export { tuningTrials } from './tuning/search-space.ts';
export { tune, tuningSets } from './tuning/tune.ts';
export type { TuningReport } from './tuning/tuning-report.ts';
export { tuningSummary } from './tuning/tuning-text.ts';
