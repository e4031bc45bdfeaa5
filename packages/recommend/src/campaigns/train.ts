import {
  type Address,
  type BasketTable,
  type FitSummary,
  fitSpec,
  forMoreCustomers,
  type KernelPool,
  kindOf,
  type LearningData,
  type Model,
  type ModelSpec,
  needsAcquisitions,
  type RowRange,
  rowWeights,
  type TrainingSet,
} from '@basketwise/core';
import { acquisitionTable, partsOnSale } from './acquisitions.ts';
import type { Bank } from './bank.ts';
import { type CampaignTable, columnsOfProducts, recommendable } from './baskets.ts';

/** Models of a campaign by cluster. `all` is for customers without a cluster, and for clusters without training customers. */
export interface CampaignModels {
  /** Kind of all models of the campaign. */
  kind: ModelSpec['kind'];
  byCluster: ReadonlyMap<number, Model>;
  all: Model | null;
}

/** Whether any of the models ranks by features of customers. */
export function ranksByFeatures({ byCluster, all }: CampaignModels): boolean {
  return [...byCluster.values(), all].some((model) => (model?.features?.length ?? 0) > 0);
}

/** Summary of a fitted model, for the report. */
export interface TrainingSummary extends FitSummary {
  /** Cluster of the model, or null for the common model. */
  cluster: number | null;
  file: string;
  /** Number of training customers. */
  customers: number;
  /** Number of distinct training baskets. */
  baskets: number;
  columns: number;
}

/**
 * Specification of the model to fit, and size of the customer sample that chose it (`trained`). `trained` null: the specification is from the config
 * and used unchanged.
 */
export interface WantedModel {
  spec: ModelSpec;
  trained: number | null;
}

/** Resources and settings for fitting a campaign's models. */
export interface TrainingTools {
  pool: KernelPool;
  /** Weight of a holding, by recency band. */
  bandWeights: readonly number[];
  signal?: AbortSignal | undefined;
}

/** Parts of the bank that training needs. */
type TrainingBank = Pick<Bank, 'acquisitions' | 'clusters' | 'products' | 'csr'>;

/** Training data of a campaign: basket rows with optional weights (`weight`, f32[rows]), and purchases. */
export interface CampaignTrainingData {
  campaign: CampaignTable;
  weight: Address | undefined;
  /**
   * Returns the purchases of the last `months` months, grouped by cluster; customers without a cluster are the last group. Null if no purchases are
   * known.
   */
  acquired: ((months: number) => BasketTable) | null;
  /** Share of the last months in which each column was on sale, f64[columns]. */
  partsOnSale: LearningData['partsOnSale'];
}

/**
 * Fits the models of a campaign: one common model, or one model per cluster. With models per cluster, a common model is added if a customer has no
 * cluster or a cluster has no training customers.
 */
export async function trainCampaign(
  tools: TrainingTools,
  bank: TrainingBank,
  campaign: CampaignTable,
  wanted: WantedModel,
  onSweep: (done: number, of: number) => void = () => {},
): Promise<{ models: CampaignModels; fits: TrainingSummary[]; warnings: string[] }> {
  const warnings = new Set<string>();
  const weight = trainingWeights(campaign);
  const byCluster = new Map<number, Model>();
  const fits: TrainingSummary[] = [];
  const { plan, table } = campaign;
  const { pool, signal } = tools;
  const customersOf = (range: RowRange) => trainingCustomers({ pool, table, range, ...(weight === undefined ? {} : { weight }) });
  const clusters =
    plan.scheme === null || plan.pooling === 'partial' ? [] : [...campaign.clusterRanges].filter(([cluster]) => cluster >= 0);
  const trained = clusters.filter(([, range]) => customersOf(range) > 0);
  const needsAll = clusters.length < campaign.clusterRanges.size || trained.length < clusters.length;
  const whole: RowRange = { from: 0, to: table.rows };
  const jobs = [...trained, ...(needsAll && customersOf(whole) > 0 ? [[null, whole] as const] : [])];
  const training = { campaign, weight, ...campaignAcquisitions(bank, campaign) };
  let all: Model | null = null;
  for (const [done, [cluster, range]] of jobs.entries()) {
    signal?.throwIfAborted();
    onSweep(done, jobs.length);
    const customers = customersOf(range);
    const spec = wanted.trained ? forMoreCustomers(wanted.spec, customers / wanted.trained) : wanted.spec;
    const { model, fit } = await fitOne(tools, training, { cluster, range, spec }, (warning) =>
      warnings.add(`campaigns.${plan.name}: ${warning}`),
    );
    if (cluster === null) all = model;
    else byCluster.set(cluster, model);
    const file = campaignModelFile(plan.name, cluster);
    fits.push({ ...fit, cluster, file, customers });
  }
  return { models: { kind: wanted.spec.kind, byCluster, all }, fits, warnings: [...warnings] };
}

/**
 * File, in the run folder, of the model of a cluster, or of the campaign's common model. Each campaign has its own folder. A campaign's name can end
 * in a number, which could be mistaken for a cluster.
 */
function campaignModelFile(campaign: string, cluster: number | null): string {
  return `models/campaigns/${campaign}/${cluster ?? 'all'}.arrow`;
}

/** Prepares the training data from purchases: the purchases of the last months, grouped by cluster, and each column's share of time on sale. */
export function campaignAcquisitions(
  { acquisitions, ...bank }: TrainingBank,
  campaign: CampaignTable,
): Pick<CampaignTrainingData, 'acquired' | 'partsOnSale'> {
  if (acquisitions === null) return { acquired: null, partsOnSale: undefined };
  const { plan, table } = campaign;
  const scheme = plan.scheme === null ? undefined : bank.clusters.get(plan.scheme);
  const grouped = plan.scheme === null ? undefined : acquisitions.clusters?.get(plan.scheme);
  const groupOf = (at: number) => {
    const cluster = grouped?.[at] ?? scheme!.clusters[acquisitions.customer[at]!]!;
    return cluster < 0 ? scheme!.count : cluster;
  };
  const columnOf = columnsOfProducts(campaign, bank.products.length);
  return {
    acquired: (months) =>
      acquisitionTable(acquisitions, {
        ...{ memory: table.memory, table, columnOf, bands: bank.csr.bands, months },
        ...(scheme === undefined ? {} : { groupOf }),
      }),
    partsOnSale: remembered((months) => partsOnSale(acquisitions, { columnOf, columns: table.columns.length, months })),
  };
}

/**
 * Training data of a cluster's model, or of the common model (`cluster` null). @param acquires whether the model learns from purchases. Purchases are
 * included only if they are known
 */
export function learningData(
  { pool, bandWeights }: TrainingTools,
  { campaign, weight, acquired, partsOnSale }: CampaignTrainingData,
  { cluster, range }: { cluster: number | null; range: RowRange },
  acquires: boolean,
): LearningData {
  const recent = remembered((months): TrainingSet => {
    const rows = acquired!(months);
    return { pool, table: rows, range: clusterRows(rows, cluster) };
  });
  return {
    holdings: { pool, table: campaign.table, range, ...(weight === undefined ? {} : { weight }) },
    ...(acquired && acquires ? { acquisitions: recent(12), recent, ...(partsOnSale && { partsOnSale }) } : {}),
    ...{ bandWeights, candidates: recommendable(campaign) },
  };
}

async function fitOne(
  tools: TrainingTools,
  training: CampaignTrainingData,
  { spec, ...rows }: { cluster: number | null; range: RowRange; spec: ModelSpec },
  onWarning: (warning: string) => void,
) {
  const { table } = training.campaign;
  const { signal } = tools;
  const mark = table.memory.mark();
  const data = learningData(tools, training, rows, needsAcquisitions(spec));
  const model = await fitSpec(data, spec, { ...(signal && { signal }), onWarning });
  table.memory.release(mark);
  const summary = kindOf(model.kind).summary?.(model) ?? { factors: null, objective: null, iterations: null };
  return {
    model,
    fit: {
      baskets: rows.range.to - rows.range.from,
      columns: table.columns.length - table.pseudoColumns,
      ...summary,
    },
  };
}

/** Caches the result of `make` for each number of months. */
export function remembered<T>(make: (months: number) => T): (months: number) => T {
  const results = new Map<number, T>();
  return (months) => {
    const result = results.get(months) ?? make(months);
    results.set(months, result);
    return result;
  };
}

/** Range of the rows of a cluster, or of all rows if `cluster` is null. */
function clusterRows({ memory, group, rows }: BasketTable, cluster: number | null): RowRange {
  if (cluster === null) return { from: 0, to: rows };
  const groups = memory.u32(group, rows);
  const from = groups.indexOf(cluster);
  return from < 0 ? { from: 0, to: 0 } : { from, to: groups.lastIndexOf(cluster) + 1 };
}

/** Weight of each row, f32[rows], if only holders of the class train in a cross-sell: 0 for customers without the class. Otherwise undefined. */
export function trainingWeights({ plan, table, groups }: CampaignTable): Address | undefined {
  if (plan.train === 'all' || plan.kind === 'upsell') return undefined;
  const weight = new Float32Array(table.memory.u32(table.multiplicity, table.rows));
  for (const { target, range } of groups) if (target) weight.fill(0, range.from, range.to);
  return table.memory.store(weight);
}

/** Number of training customers: sum of the rows' weights. */
export function trainingCustomers(training: TrainingSet): number {
  return rowWeights(training).reduce((sum, count) => sum + count, 0);
}
