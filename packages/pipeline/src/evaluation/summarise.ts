import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { ModelSpec } from '../models/kind.ts';
import { countWords, type PublishedCount, publishedCount } from '../values/published-count.ts';
import { minimumCustomers } from './bootstrap.ts';
import { type Breakdown, breakdowns } from './breakdown.ts';
import type { CampaignCalibration } from './calibrate-side.ts';
import type { CampaignSide } from './campaign-side.ts';
import { type CatalogueUse, catalogueUse } from './catalogue.ts';
import {
  type ComparedModel,
  type ComparisonOptions,
  comparedMetric,
  compareModels,
  type ModelValues,
  metricValues,
} from './compare-models.ts';
import { type ClusterComparison, compareClusters } from './per-cluster.ts';
import type { PoolMember } from './pooled.ts';
import type { ProductResponse } from './product-responses.ts';
import { publishedCalibration, publishedResponse } from './published-own-model.ts';
import { type CampaignTests, ownModelOf, type TestedModel } from './tested.ts';

/** A model over the test windows of a campaign. */
interface EvaluatedModel extends ComparedModel {
  /** What it is made of, by window. */
  specs: ModelSpec[];
  catalogue: CatalogueUse;
}

/** What evaluating a campaign found. */
export interface CampaignEvaluation {
  campaign: string;
  class: string;
  /** Customers whom the campaign would have advised, and those of them who took something that it could name; null: fewer than ten. */
  targets: PublishedCount;
  tested: PublishedCount;
  models: EvaluatedModel[];
  /** The same models by what customers held, by cluster and by segment. */
  breakdowns: Breakdown[];
  /** Whether one model per cluster beats one for all; null where the campaign has no clusters. */
  clusters: ClusterComparison | null;
  /** Products with at least ten buyers. */
  products: ProductResponse[];
  /** Of the campaign's own model, on the latest window; null where too little was bought. */
  calibration: CampaignCalibration | null;
  /** Why there is no interval, or that the best models are level. */
  notes: string[];
}

/** What is told of a campaign's own model alone. */
export interface OwnModel {
  products: ProductResponse[];
  calibration: CampaignCalibration | null;
}

/** Summarises what the windows gave. */
export function summarise(
  plan: CampaignPlan,
  last: CampaignSide,
  tests: CampaignTests,
  { products, calibration }: OwnModel,
  options: ComparisonOptions,
): { found: CampaignEvaluation; member: PoolMember } {
  const { cases } = tests;
  const count = cases.length;
  const list = wholeModels(tests);
  const values = list.map(({ name, outcomes }): ModelValues => ({ name, values: metricValues(outcomes, options.at) }));
  const { allowed, popularity } = last.cases;
  const models = compareModels(values, options).map((model, i): EvaluatedModel => {
    const { specs, named } = list[i]!;
    return { ...model, specs, catalogue: catalogueUse(named, allowed, popularity) };
  });
  const notes: string[] = [];
  if (count < minimumCustomers) {
    const customers = countWords(publishedCount(count));
    notes.push(`${customers} test customers: too few for an interval, ranking these models would be ranking noise`);
  }
  for (const name of tests.models.keys()) {
    if (!list.some((model) => model.name === name)) notes.push(`${name}: not in every window, so it is not compared`);
  }
  const level = models.filter(({ minusBest }) => minusBest?.level).map(({ name }) => name);
  if (level.length > 1) notes.push(`level with the best: ${level.join(', ')}`);
  const found: CampaignEvaluation = {
    ...{ campaign: plan.name, class: plan.class, targets: publishedCount(last.targets), tested: publishedCount(count), models },
    breakdowns: breakdowns(cases, values, options),
    clusters: clusterComparison(plan, tests, values, options),
    ...{ products: products.map(publishedResponse), calibration: publishedCalibration(calibration), notes },
  };
  return { found, member: { campaign: plan.name, class: plan.class, cases, models: values } };
}

/** Models that were tested in every window: the others lack customers. */
function wholeModels({ models, cases }: CampaignTests): TestedModel[] {
  return [...models.values()].filter(({ outcomes }) => outcomes.length === cases.length);
}

function clusterComparison(
  plan: CampaignPlan,
  { perCluster, clusterModels, cases }: CampaignTests,
  models: readonly ModelValues[],
  options: ComparisonOptions,
): ClusterComparison | null {
  const own = models.find(({ name }) => name === ownModelOf(plan));
  if (plan.scheme === null || own === undefined || publishedCount(cases.length) === null) return null;
  if (perCluster.length !== cases.length || cases.length === 0) return null;
  const metric = comparedMetric(options.at);
  const split = metricValues(perCluster, options.at).get(metric)!;
  return compareClusters(plan.scheme, clusterModels, split, own.values.get(metric)!, options);
}
