export { type AlsOptions, fitAls, fitAlsAfter } from './als/als.ts';
export type { AlsModel } from './als/als-model.ts';
export type { AlsParameters } from './als/als-parameters.ts';
export type { AlsIteration } from './als/fitted-als.ts';
export {
  type BasketEntry,
  type BasketRow,
  type BasketTable,
  packEntry,
  tableFromRows,
  unpackEntry,
} from './baskets/basket-table.ts';
export {
  BasketBuilder,
  type BasketOptions,
  type CampaignBaskets,
  type CustomerColumns,
  noBasket,
  noExtra,
  notInCampaign,
} from './baskets/baskets.ts';
export { codeOrder, compareCodes } from './baskets/code-order.ts';
export { type Csr, CsrBuilder, type CsrOptions, type HoldingChunk, joinParts, noDate, partsOfCsr } from './baskets/csr.ts';
export { type Context, type Feature, levelsOf, type RowContexts } from './baskets/row-contexts.ts';
export { topNDense, topNLinear } from './baskets/topn.ts';
export type { ScoreRequest, TopN, TopNRequest } from './baskets/topn-lists.ts';
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
  type CategoricalColumn,
  type CategoricalKind,
  type Centres,
  type ClusterSpace,
  categoryCount,
  categoryOffsets,
  centreLanes,
} from './clusters/cluster-space.ts';
export { centresFromRows, type StartMethod, type StartRequest } from './clusters/cluster-start.ts';
export type { ClusterSums } from './clusters/fixed-sums.ts';
export type { LloydResult } from './clusters/lloyd-run.ts';
export { allocateLloyd } from './clusters/lloyd-space.ts';
export { adjustedRand, kneeOf } from './clusters/partition.ts';
export { copyPoints, drawRows, type Points } from './clusters/points.ts';
export { type PointBlock, type PointOptions, PointsBuilder } from './clusters/points-builder.ts';
export { type Labelling, silhouettes } from './clusters/silhouette.ts';
export { escapedCell, escapedStarts } from './csv-cell.ts';
export { AppError, type ErrorCode } from './error.ts';
export type { BasketRows, Baskets, Holdings } from './front-door/baskets.ts';
export { type Core, createCore } from './front-door/core.ts';
export type { FitProgress, ModelChoice } from './front-door/fit.ts';
export type { FittedModel, SimilarProduct } from './front-door/fitted-model.ts';
export type {
  AllLists,
  ListOptions,
  ProductExplanation,
  Recommendation,
  Recommendations,
} from './front-door/recommendations.ts';
export { none, popularReason, resultGroup } from './generated/layouts.ts';
export { modelFromState } from './kinds/kinds.ts';
export { type BlendMember, createBlend } from './models/blend.ts';
export { type Choice, fitBlendWeights, fitPositiveBlendWeights } from './models/blend-weights.ts';
export { type BprParameters, fitBpr } from './models/bpr.ts';
export { type EaseParameters, fitEase } from './models/ease.ts';
export { fitItemKnn, type ItemKnnParameters, type Similarity } from './models/item-knn.ts';
export { fitLift, type LiftPairs, type LiftParameters } from './models/lift.ts';
export { fitLookup, fitLookupNext, type LookupParameters } from './models/lookup.ts';
export type { Explanation, HeldProduct, Model, ModelState } from './models/model.ts';
export { type ExpectedHeader, loadModel, type ModelFileHeader, saveModel } from './models/model-file.ts';
export { acquiredBand, fitPopularity, type PopularityOf, type PopularityParameters } from './models/popularity.ts';
export { fitRules, type RuleModelParameters } from './models/rule-model.ts';
export { scaled } from './models/score-scale.ts';
export { type AdditivePart, additivePart } from './next-purchase/additive-part.ts';
export { choiceCounts, curvatureOf, expectedCounts } from './next-purchase/choice-counts.ts';
export type { ChoiceCell, ChoiceProblem, ChoiceSet, ChoiceWindow, LevelRange } from './next-purchase/choice-problem.ts';
export { ChoiceStore } from './next-purchase/choice-store.ts';
export {
  fitConditionalLogit,
  LogitChoices,
  type LogitFit,
  type LogitOptions,
} from './next-purchase/conditional-logit.ts';
export { memberLevel } from './next-purchase/member-level.ts';
export { type MinimiseOptions, type Minimum, minimise, type Objective } from './next-purchase/minimise.ts';
export { createNextPurchase, type NextPurchaseModel } from './next-purchase/next-purchase-model.ts';
export type { NextPurchaseMember, NextPurchaseParts } from './next-purchase/next-purchase-parts.ts';
export { fitTierWeights } from './next-purchase/tier-weights.ts';
export { exp, log, log1p, log2, pow } from './numbers/elementary.ts';
export { createRandom, type Random } from './numbers/random.ts';
export type { Allocation, OfferShare } from './offers/allocation.ts';
export { BestOffers } from './offers/best-offers.ts';
export { type NumberedKeys, orderByColumns } from './offers/class-order.ts';
export { type Demand, OfferDemand } from './offers/demand.ts';
export { type NumberedRows, numberRows, type WordRows } from './offers/number-rows.ts';
export {
  isOfferValue,
  mostOffers,
  mostSampled,
  type OfferCapacity,
  type OfferItem,
  type OfferProblem,
  offerValueText,
} from './offers/offer-problem.ts';
export { type CapacityUse, type DecidedOffers, decideOffers } from './offers/offers.ts';
export { type CountedOffers, countOffers, type OfferCounts, offerReasons } from './offers/reasons.ts';
export { required } from './required.ts';
export { type FrequentSet, type FrequentSetOptions, type FrequentSets, findFrequentSets } from './rules/frequent-sets.ts';
export { makeRules, type Rule, type RuleMetrics, type RuleOptions, ruleMetrics } from './rules/rules.ts';
export { type Address, nowhere, offset, type Quantity } from './wasm/address.ts';
export { blocksOf, type RowRange } from './wasm/blocks.ts';
export { missingFeatures } from './wasm/features.ts';
export { type KernelCall, type KernelName, kernelHash, type ScratchBytes } from './wasm/kernels.ts';
export { KernelMemory } from './wasm/memory.ts';
export { createInlinePool, type KernelPool } from './wasm/pool.ts';
