export type { Acquisitions } from './campaigns/acquisitions.ts';
export { type Bank, bandCutoffs, holdersByProduct, recentSince, recentSpan, type SchemeClusters } from './campaigns/bank.ts';
export { type BankSettings, bandLimits, bandWeightsOf, usualBands, usualLength, usualTest } from './campaigns/bank-settings.ts';
export {
  type BasketBank,
  type CampaignTable,
  campaignTable,
  tableOfSome,
  withBaskets,
  withheldProducts,
} from './campaigns/baskets.ts';
export { type Calibration, calibrationTerms, logistic } from './campaigns/calibration.ts';
export { type CampaignCounts, noProductLeft, type PublishedCampaign } from './campaigns/campaign-counts.ts';
export {
  automaticKind,
  begunGroups,
  type CampaignPlan,
  isLearned,
  isPooled,
  learnsFromDates,
  planCampaign,
  usualSample,
} from './campaigns/campaign-plan.ts';
export { type ClassPurchases, heldBefore, PartCustomers, windowParts } from './campaigns/class-purchases.ts';
export {
  type ClusterOfCustomers,
  type CustomerContexts,
  contextsOf,
  type DatedClusters,
  type DatedContexts,
} from './campaigns/customer-contexts.ts';
export type { CustomerFeature, CustomerValues } from './campaigns/customer-features.ts';
export {
  type CodedFeature,
  type ColumnCoding,
  type CrossCoding,
  codedColumn,
  codedCross,
  columnCode,
  isColumn,
  unseenCode,
  withCrossings,
} from './campaigns/feature-coding.ts';
export {
  bandCoding,
  bandStarts,
  categoryCoding,
  checkCategories,
  codedFeatures,
  mostValues,
  notFinite,
} from './campaigns/feature-levels.ts';
export { type CampaignGroup, campaignGroups } from './campaigns/groups.ts';
export type { FirstEntries } from './campaigns/lists.ts';
export { rowsOfJoined } from './campaigns/load-bank.ts';
export { isNextProduct } from './campaigns/next-product.ts';
export { type GroupHolders, RecentPopularity } from './campaigns/popularity.ts';
export { noProductsText, sameProductsText } from './campaigns/reason-texts.ts';
export { type ScoredCampaign, type ScoringTools, scoreCampaign } from './campaigns/score.ts';
export { ScorePlacer, type ScorePlaces, type ScoreSample, scorePlaces } from './campaigns/score-places.ts';
export type { MonthOpenings } from './campaigns/seasons.ts';
export {
  type CampaignModels,
  ranksByFeatures,
  type TrainingSummary,
  type TrainingTools,
  trainCampaign,
  type WantedModel,
} from './campaigns/train.ts';
export { type BankOfRecords, bankOfRecords } from './choosing/bank-of-records.ts';
export type { AdviceTools, BankSource, CalibrationData, LookBack, PastBanks } from './choosing/bank-source.ts';
export { type CampaignCalibration, calibrateAt } from './choosing/calibrate-at.ts';
export { calibrateNextProduct, type NextProductCalibration, nextProductBytes } from './choosing/calibrate-next-product.ts';
export { type CampaignChoice, wantedModel } from './choosing/campaign-choice.ts';
export { choiceBytes } from './choosing/choice-candidates.ts';
export { chooseAt } from './choosing/choose-at.ts';
export type { Trial } from './choosing/choose-model.ts';
export { type LearnedPurchases, PurchaseLearner } from './choosing/learn-next-purchase.ts';
export { fitMembers, ProductNumbers, type WindowChoices, windowChoices } from './choosing/purchase-choices.ts';
export { type Advice, listNow, recommend, trainNow } from './choosing/recommend.ts';
export {
  type BankAt,
  type BankOfWindow,
  loadBankAt,
  purchasesByCustomer,
  purchasesOf,
  refuseLater,
} from './evaluation/bank-at.ts';
export { bestSellers, isBestSellers } from './evaluation/best-sellers.ts';
export {
  type BootstrapOptions,
  bootstrap,
  type Gap,
  gapBetween,
  isDifferent,
  leastResamples,
  type MeanInterval,
  minimumCustomers,
} from './evaluation/bootstrap.ts';
export { type EvaluationSet, makeEvaluationSet, withConstant, withoutColumns } from './evaluation/campaign-side.ts';
export { type CaseSet, rankTargets } from './evaluation/case-outcomes.ts';
export { normalP, poissonAtMost } from './evaluation/gamma.ts';
export { hash, pick } from './evaluation/hash.ts';
export { folds } from './evaluation/hidden-holdings.ts';
export {
  type Arm,
  countRatio,
  differenceInterval,
  effectInterval,
  type LiftInterval,
  liftInterval,
  type RateInterval,
  shareInterval,
  z95,
} from './evaluation/intervals.ts';
export { recordsOfRows } from './evaluation/kept-records.ts';
export { ListJudge, listTools, oneModel } from './evaluation/list-judge.ts';
export {
  averagePrecision,
  hitRate,
  type MetricName,
  metric,
  metricNames,
  ndcg,
  precision,
  ranksInList,
  recall,
  reciprocalRank,
  type TargetRanks,
} from './evaluation/metrics.ts';
export { customerLevels, rankingFeatures } from './evaluation/ranking-features.ts';
export {
  type CampaignVerdict,
  verdictName,
  verdictOf,
  verdictsText,
  verdictText,
  verdictWarnings,
} from './evaluation/verdict.ts';
export {
  type BankHoldings,
  type BankProduct,
  type CustomerLists,
  type LearnedChoice,
  type ListCampaign,
  type ListedProduct,
  onlyClass,
  type RecommendOptions,
  recommendTo,
} from './recommender.ts';
