import { AppError } from '@basketwise/core';
import type { SchemeClusters } from '../campaigns/bank.ts';
import { makeBaskets } from '../campaigns/baskets.ts';
import { type TrainingTools, trainCampaign, trainingCustomers } from '../campaigns/train.ts';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import { isLearned } from '../config/spec-of-config.ts';
import type { ModelSpec } from '../models/kind.ts';
import type { BankAt } from './bank-at.ts';
import { type BootstrapOptions, type Gap, gapBetween } from './bootstrap.ts';
import type { CampaignSide } from './campaign-side.ts';
import { outcomes } from './case-outcomes.ts';
import type { Outcome } from './metrics.ts';

/** One model per cluster against one model for all, of the campaign's own kind, on the same test customers. */
export interface ClusterComparison {
  scheme: string;
  /** Models per cluster in the latest window. */
  models: number;
  /** Means of the metric that models are compared by. */
  perCluster: number;
  all: number;
  /** Paired, per cluster minus all; null where there are too few customers for an interval. */
  difference: Gap | null;
  verdict: 'better' | 'level' | 'worse' | 'too few customers';
}

/** What is fitted once per cluster. */
export interface SplitTest {
  bank: BankAt;
  plan: CampaignPlan;
  clusters: SchemeClusters;
  /** The campaign's side with one model of all. */
  side: CampaignSide;
  spec: ModelSpec;
}

/**
 * Fits a campaign's model once per cluster, as the nightly job does, and tests it.
 * @param ofAll outcomes of the one model of all: of customers whose cluster has no model
 */
export async function testPerCluster(
  tools: TrainingTools,
  { bank, plan, clusters, side: { data, cases, table: whole }, spec }: SplitTest,
  ofAll: readonly Outcome[],
): Promise<{ outcomes: Outcome[]; models: number }> {
  const { memory } = tools.pool;
  const mark = memory.mark();
  try {
    const { csr, customers, holds, products, acquisitions } = bank;
    const split = { ...plan, rules: [], model: { ...plan.model, constant: 1 } };
    const table = await makeBaskets(tools.pool, { customers, holds, products, csr, clusters, eligible: [] }, split);
    if (table.table.columns.join('\n') !== whole.table.columns.join('\n')) {
      throw new AppError('bug', `campaigns.${plan.name}: clusters have other columns than all together`, 'Report this.');
    }
    const isChosen = isLearned(plan.model);
    const wanted = { spec, trained: isChosen ? trainingCustomers(data.holdings) : null };
    const { models } = await trainCampaign(tools, { acquisitions, clusters, products, csr }, table, wanted);
    const found = [...ofAll];
    const clusterOf = clusters.get(plan.scheme!)!.clusters;
    for (const [cluster, model] of models.byCluster) {
      const own = [...cases.cases.keys()].filter((at) => clusterOf[cases.cases[at]!.customer] === cluster);
      const tested = outcomes(model, { ...cases, cases: own.map((at) => cases.cases[at]!) });
      for (const [i, at] of own.entries()) found[at] = tested[i]!;
    }
    return { outcomes: found, models: models.byCluster.size };
  } finally {
    memory.release(mark);
  }
}

/** Whether one model per cluster beats one for all. */
export function compareClusters(
  scheme: string,
  models: number,
  perCluster: Float64Array,
  all: Float64Array,
  resampling: BootstrapOptions,
): ClusterComparison {
  const difference = gapBetween(perCluster, all, resampling);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const verdict =
    difference === null ? 'too few customers' : difference.level ? 'level' : difference.mean > 0 ? 'better' : 'worse';
  return { scheme, models, perCluster: mean(perCluster), all: mean(all), difference, verdict };
}

const caution =
  'Clusters go by customer columns as they are today, which may know what was bought: that favours one model per cluster.';

/** The comparison in sentences. */
export function comparisonText({ scheme, models, perCluster, all, difference, verdict }: ClusterComparison): string {
  const found = `One model per cluster (${scheme}, ${models} models): NDCG ${perCluster.toFixed(4)}, one for all: ${all.toFixed(4)}`;
  if (difference === null) return `${found}. Too few test customers to tell them apart. ${caution}`;
  const [mean, low, high] = [difference.mean, difference.low, difference.high].map((value) => value.toFixed(4));
  const says = {
    better: 'one model per cluster beats one for all',
    level: 'one model per cluster does not beat one for all: they are level',
    worse: 'one model per cluster is worse than one for all',
    'too few customers': '',
  }[verdict];
  return `${found}; difference ${mean} (${low} to ${high}): ${says}. ${caution}`;
}
