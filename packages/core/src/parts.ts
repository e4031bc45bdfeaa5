// Whole library without the pools of workers, which index.ts adds for Node and browser.ts for pages.

export { type AlsOptions, fitAls, fitAlsAfter } from './als/als.ts';
export type { AlsModel } from './als/als-model.ts';
export type { AlsParameters } from './als/als-parameters.ts';
export * from './base.ts';
export { codeOrder, compareCodes } from './baskets/basket-order.ts';
export {
  type BasketEntry,
  type BasketRow,
  type BasketTable,
  type Combinations,
  type Context,
  contextAt,
  type Feature,
  levelsOf,
  levelsOfAll,
  packEntry,
  type RowContexts,
  tableFromRows,
  unpackEntry,
} from './baskets/basket-table.ts';
export { BasketBuilder, type BasketOptions, type CampaignBaskets, noBasket, noExtra, notInCampaign } from './baskets/baskets.ts';
export { type Csr, CsrBuilder, type HoldingChunk, joinParts, noDate, partsOfCsr } from './baskets/csr.ts';
export { type ListsOfRange, longestList, type PreparedRequest, type TopN, topNDense, topNLinear } from './baskets/topn.ts';
export { holdersByColumn, rowWeights, type TrainingSet } from './baskets/training-rows.ts';
export {
  assignCentres,
  type ClusterFit,
  defaultGamma,
  type FitOptions,
  fitCentres,
  fitSideBySide,
} from './clusters/cluster-fit.ts';
export {
  type CategoricalKind,
  type Centres,
  type ClusterSpace,
  categoryCount,
  categoryOffsets,
  centreLanes,
} from './clusters/cluster-space.ts';
export { centresFromRows, type StartMethod } from './clusters/cluster-start.ts';
export type { ClusterSums } from './clusters/fixed-sums.ts';
export { allocateLloyd } from './clusters/lloyd-run.ts';
export { copyPoints, drawRows, type Points } from './clusters/points.ts';
export { type PointBlock, PointsBuilder } from './clusters/points-builder.ts';
export { adjustedRand, kneeOf, noCluster, silhouettes } from './clusters/silhouette.ts';
export {
  type CalendarSpan,
  dateOfDay,
  dayMilliseconds,
  daysBefore,
  daysOfMonth,
  daysSinceEpoch,
  type EvaluationWindow,
  evaluationWindows,
  isPlainDate,
  learningWindows,
  minusSpan,
  nestedWindows,
  type PlainDate,
  parseSpan,
  plusSpan,
  spanDays,
  spanStart,
  windowText,
} from './dates/plain-date.ts';
export { type BasketRows, type Baskets, checkHoldings, type Holdings } from './front-door/baskets.ts';
export type { FittedModel, SimilarProduct } from './front-door/core.ts';
export { type Core, createCore, type FitProgress, type ModelChoice, specOfChoice } from './front-door/core.ts';
export type { AllLists, ListOptions, ProductExplanation, Recommendation, Recommendations } from './front-door/recommendations.ts';
export {
  atRest,
  batchWords,
  countedCells,
  mixed,
  mostVisits,
  none,
  noProductsReason,
  numberedWords,
  numberSlots,
  offerClasses,
  outcomeRow,
  packedOffers,
  popularReason,
  powerBytes,
  resultGroup,
  sameProductsReason,
  shareBytes,
  shareSums,
  sharesBehind,
  unlisted,
} from './generated/layouts.ts';
export type { BlendMemberSpec, FitSummary, Parameter, Parameters } from './kinds/kind.ts';
export {
  forMoreCustomers,
  type Kind,
  kindOf,
  kinds,
  type ModelSpec,
  modelFromState,
  monthsWithin,
  needsAcquisitions,
  type SpecOfKind,
  scaleOf,
  shortenedSpec,
} from './kinds/kinds.ts';
export { constantName, forMembers, type LearningData } from './kinds/learning-data.ts';
export { automatic } from './kinds/model-kinds.ts';
export { effectValues, pairValues } from './kinds/next-purchase.ts';
export { type MemberCandidate, memberCandidates, memberMonths, usualEase } from './kinds/next-purchase-members.ts';
export { familiesOf, fitFamily, fitSpec, type NamedChoice, specOf, usualValues } from './kinds/spec-of.ts';
export { type BlendMember, createBlend, fitBlendWeights, fitPositiveBlendWeights, type SeenChoice } from './models/blend.ts';
export { type BprParameters, fitBpr } from './models/bpr.ts';
export { fitEase } from './models/ease.ts';
export { fitItemKnn, type Similarity } from './models/item-knn.ts';
export { fitLift } from './models/lift.ts';
export { lineBytes } from './models/linear-model.ts';
export { fitLookup, fitLookupNext } from './models/lookup.ts';
export { type Model, type ModelState, reasonAmong, scaled } from './models/model.ts';
export { loadModel, saveModel } from './models/model-file.ts';
export { acquiredBand, fitPopularity } from './models/popularity.ts';
export { fitRules } from './models/rule-model.ts';
export { additivePart, holdingSums, isSummed, partScores } from './next-purchase/additive-part.ts';
export type { NextPurchaseMember } from './next-purchase/additive-terms.ts';
export { choiceCounts, curvatureOf, expectedCounts } from './next-purchase/choice-counts.ts';
export type { ChoiceCell, ChoiceProblem, ChoiceSet, ChoiceWindow, LevelRange } from './next-purchase/choice-store.ts';
export { ChoiceStore } from './next-purchase/choice-store.ts';
export { fitConditionalLogit, LogitChoices, type LogitFit, type LogitOptions } from './next-purchase/conditional-logit.ts';
export { memberLevel } from './next-purchase/member-level.ts';
export { minimise } from './next-purchase/minimise.ts';
export { createNextPurchase, type NextPurchaseModel } from './next-purchase/next-purchase-model.ts';
export { fitTierWeights, tierCount, tierOf } from './next-purchase/tier-weights.ts';
export { commonDivisor, difference, firstAtLeast, groupBy, grown, mean, sortShort, sum } from './numbers/arrays.ts';
export { solveCholesky } from './numbers/cholesky.ts';
export { exp, log, log1p, log2, pow } from './numbers/elementary.ts';
export { createRandom, fmix32 } from './numbers/random.ts';
export { escapedCell, escapedStarts } from './plain-text.ts';
export {
  type BankRecords,
  type HistoryBatch,
  type HoldingBatch,
  numbersInBank,
  type Product,
  type SomeCustomers,
  setSome,
  stillOpen,
} from './records/bank-records.ts';
export type { CampaignResults, UnitRecommendations } from './records/campaign-results.ts';
export { baseName, isOfferValue, mostOffers, offerValueText, replacedCampaign } from './records/campaign-results.ts';
export { type FrequentSets, findFrequentSets } from './rules/frequent-sets.ts';
export { makeRules, type RuleMetrics, type RuleOptions, ruleMetrics } from './rules/rules.ts';
export { type KernelCall, type KernelName, kernelHash, missingFeatures, type ScratchBytes } from './wasm/kernels.ts';
export { type Address, type KernelMemory, nowhere, offset, type Quantity, storeRecord } from './wasm/memory.ts';
export { blocksOf, createInlinePool, type KernelPool, type RowRange } from './wasm/pool.ts';
