import { type Address, type AlsParameters, fitAls, type Model, type RowRange } from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import type { Workshop } from './workshop.ts';

/** The models of a campaign by cluster; `all` serves customers without a cluster, and clusters that nobody trains. */
export interface CampaignModels {
  byCluster: ReadonlyMap<number, Model>;
  all: Model | null;
}

/** What became of a fit, for the report. */
export interface TrainingSummary {
  /** Cluster, or null for the model of all. */
  cluster: number | null;
  file: string;
  /** Customers who trained it. */
  customers: number;
  /** Distinct baskets that trained it. */
  baskets: number;
  columns: number;
  factors: number;
  /** Objective after the last sweep, and the sweeps it took. */
  objective: number | null;
  iterations: number;
}

/** Fits the models of a campaign: one per cluster, and one of all where customers have no cluster. */
export async function trainCampaign(
  workshop: Workshop,
  campaign: CampaignTable,
  onSweep: (done: number, of: number) => void = () => {},
): Promise<{ models: CampaignModels; fits: TrainingSummary[]; warnings: string[] }> {
  const warnings = new Set<string>();
  const weight = trainingWeights(campaign);
  const byCluster = new Map<number, Model>();
  const fits: TrainingSummary[] = [];
  const { plan, table } = campaign;
  const clusters = plan.scheme === null ? [] : [...campaign.clusterRanges].filter(([cluster]) => cluster >= 0);
  const trained = clusters.filter(([, range]) => trains(campaign, range, weight) > 0);
  const needsAll = clusters.length < campaign.clusterRanges.size || trained.length < clusters.length;
  const whole: RowRange = { from: 0, to: table.rows };
  const jobs = [...trained, ...(needsAll && trains(campaign, whole, weight) > 0 ? [[null, whole] as const] : [])];
  let all: Model | null = null;
  for (const [done, [cluster, range]] of jobs.entries()) {
    workshop.checkStop();
    onSweep(done, jobs.length);
    const { model, fit } = await fitOne(workshop, campaign, range, weight, (warning) =>
      warnings.add(`campaigns.${plan.name}: ${warning}`),
    );
    if (cluster === null) all = model;
    else byCluster.set(cluster, model);
    const file = `models/${plan.name}${cluster === null ? '' : `-${cluster}`}.arrow`;
    fits.push({ ...fit, cluster, file, customers: trains(campaign, range, weight) });
  }
  return { models: { byCluster, all }, fits, warnings: [...warnings] };
}

async function fitOne(
  workshop: Workshop,
  { plan, table }: CampaignTable,
  range: RowRange,
  weight: Address | undefined,
  onWarning: (warning: string) => void,
) {
  const pool = await workshop.pool();
  const mark = table.memory.mark();
  const { alpha, constant, factors, iterations, regularization, seed, tolerance } = plan.model;
  const parameters: AlsParameters = {
    ...{ factors, regularization, alpha, iterations, tolerance, seed },
    weights: workshop.settings.config.recency.bands.map((band) => band.weight),
    pseudoWeights: constant > 0 ? [constant] : [],
  };
  const model = await fitAls({ pool, table, range, ...(weight === undefined ? {} : { weight }) }, parameters, {
    signal: workshop.signal,
    onWarning,
  });
  table.memory.release(mark);
  const last = model.history.at(-1);
  return {
    model,
    fit: {
      baskets: range.to - range.from,
      columns: table.columns.length - table.pseudoColumns,
      factors: model.factors,
      objective: last?.objective ?? null,
      iterations: last?.iteration ?? 0,
    },
  };
}

/** f32[rows] where not everybody in the baskets trains: 0 for those who do not hold the campaign's class. */
export function trainingWeights({ plan, table, groups }: CampaignTable): Address | undefined {
  if (plan.train === 'all' || plan.kind === 'upsell') return undefined;
  const weight = Float32Array.from(table.memory.u32(table.multiplicity, table.rows));
  for (const { target, range } of groups) if (target) weight.fill(0, range.from, range.to);
  return table.memory.store(weight);
}

function trains({ table }: CampaignTable, { from, to }: RowRange, weight: Address | undefined): number {
  const counts = weight === undefined ? table.memory.u32(table.multiplicity, table.rows) : table.memory.f32(weight, table.rows);
  let sum = 0;
  for (let row = from; row < to; row++) sum += counts[row]!;
  return sum;
}
