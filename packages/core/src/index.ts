export { type AlsOptions, fitAls } from './als.ts';
export type { AlsIteration, AlsModel } from './als-model.ts';
export type { AlsParameters } from './als-parameters.ts';
export { type BasketEntry, type BasketRow, type BasketTable, packEntry, tableFromRows, unpackEntry } from './basket-table.ts';
export {
  BasketBuilder,
  type BasketOptions,
  type CampaignBaskets,
  type CustomerColumns,
  noBasket,
  noExtra,
  notInCampaign,
} from './baskets.ts';
export { type BlendMember, createBlend, scaled } from './blend.ts';
export { type Choice, fitBlendWeights } from './blend-weights.ts';
export { blocksOf } from './blocks.ts';
export { assignCentres, type ClusterFit, defaultGamma, type FitOptions, fitCentres } from './cluster-fit.ts';
export {
  type CategoricalColumn,
  type CategoricalKind,
  type Centres,
  type ClusterSpace,
  categoryCount,
  categoryOffsets,
  centreLanes,
} from './cluster-space.ts';
export { centresFromRows, chooseStart, type StartMethod } from './cluster-start.ts';
export { codeOrder, compareCodes } from './code-order.ts';
export { type Csr, CsrBuilder, type CsrOptions, type HoldingChunk, noDate } from './csr.ts';
export { type EaseParameters, fitEase } from './ease.ts';
export { AppError, type ErrorCode, exitCodes } from './error.ts';
export { type FrequentSet, type FrequentSetOptions, type FrequentSets, findFrequentSets } from './frequent-sets.ts';
export { fitItemKnn, type ItemKnnParameters, type Similarity } from './item-knn.ts';
export { type KernelArguments, type KernelName, kernelHash } from './kernels.ts';
export { allocateLloyd, type LloydResult } from './lloyd.ts';
export { fitLookup, fitLookupNext, type LookupParameters } from './lookup.ts';
export { type Address, KernelMemory } from './memory.ts';
export type { Explanation, HeldProduct, Model, ModelState, RowRange, ScoreRequest, TopN, TrainingSet } from './model.ts';
export { type ExpectedHeader, loadModel, type ModelFileHeader, saveModel } from './model-file.ts';
export { modelFromState } from './model-registry.ts';
export { adjustedRand, kneeOf } from './partition.ts';
export { copyRows, drawRows, type PointBlock, type PointOptions, type Points, PointsBuilder } from './points.ts';
export { createInlinePool, type KernelPool } from './pool.ts';
export { acquiredBand, fitPopularity, type PopularityOf, type PopularityParameters } from './popularity.ts';
export { createRandom, type Random } from './random.ts';
export { fitRules, type RuleModelParameters } from './rule-model.ts';
export { makeRules, type Rule, type RuleMetrics, type RuleOptions, ruleMetrics } from './rules.ts';
export { silhouette } from './silhouette.ts';
export { topNConstant, topNDense, topNLinear } from './topn.ts';
export { fillLists, partOfTopN, type TopNRequest } from './topn-lists.ts';
export { holders, rowWeights } from './training-rows.ts';
