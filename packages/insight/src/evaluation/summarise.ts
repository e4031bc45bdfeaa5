import type { ModelSpec } from '@basketwise/core';
import { countWords, type PublishedCount, publishedCount, publishedShare } from '@basketwise/data/base';
import { type CampaignPlan, type EvaluationSet, minimumCustomers } from '@basketwise/recommend';
import { type Breakdown, breakdowns } from './breakdown.ts';
import {
  type ComparedModel,
  type ComparisonOptions,
  compareModels,
  type ModelValues,
  metricValues,
  valuesOfRows,
} from './compare-models.ts';
import type { ProbabilityJudge, ProbabilityQuality } from './judge-probabilities.ts';
import type { PoolMember } from './pooled.ts';
import type { ProductResponse } from './product-responses.ts';

import type { CampaignTests, TestedModel } from './tested.ts';

/** Results of a model over the test windows of a campaign. */
interface EvaluatedModel extends ComparedModel {
  /** Specs of the model's components, by window. */
  specs: ModelSpec[];
  catalogue: CatalogueUse;
}

/** Results of evaluating a campaign. */
export interface CampaignEvaluation {
  campaign: string;
  class: string;
  /**
   * Number of target customers, and number of test customers. A test customer has history and purchased a recommendable product.
   * Null: fewer than ten.
   */
  targets: PublishedCount;
  tested: PublishedCount;
  /** Number of test customers without holdings. They count only in the breakdown by history. */
  withoutHistory: PublishedCount;
  /** Number of purchases of products that had no holder before. They do not count in any other figure. */
  unknown: PublishedCount;
  /** Results of the models. Empty if fewer than ten customers were tested, because a mean would reveal their purchases. */
  models: EvaluatedModel[];
  /** Results of the same models by number of holdings, by cluster and by segment. */
  breakdowns: Breakdown[];
  /** Responses of the products that have at least ten purchasers. */
  products: ProductResponse[];
  /** Quality of the probabilities of the campaign's own lists, over all windows. Null if the lists have none. */
  probabilities: ProbabilityQuality | null;
  /** Sentences that say why an interval is missing, or that the best models are level. */
  notes: string[];
}

/** Results of a campaign's own model. */
export interface OwnModel {
  products: ProductResponse[];
  /** Whether the lists depend on clusters by columns of the reference date, which later purchases may have changed. */
  isFlattered: boolean;
}

/** Results of a campaign in the test windows, before its models are compared. */
export interface TestedCampaign {
  campaign: string;
  plan: CampaignPlan;
  /** Customers with history and a purchase of a recommendable product; null: fewer than ten. */
  tested: PublishedCount;
  tests: CampaignTests;
  own: OwnModel;
  /** Evaluation set of the latest window. */
  last: EvaluationSet;
  /** Sentences that give the reasons of missing or doubtful figures. */
  notes: string[];
}

/** Adds the number of test customers and the notes to the results of all windows of a campaign. */
export function testedCampaign(about: Pick<TestedCampaign, 'plan' | 'tests' | 'own' | 'last'>): TestedCampaign {
  const { plan, tests, own } = about;
  const list = wholeModels(tests);
  const count = withHistory(tests).length;
  const tested = publishedCount(count);
  const notes: string[] = [];
  if (count < minimumCustomers)
    notes.push(`${countWords(tested)} test customers: too few for an interval, differences between the models are noise`);
  if (own.isFlattered) notes.push(clusterNote(plan.scheme!));
  else if (plan.scheme !== null) notes.push(datedClusterNote(plan.scheme));
  for (const name of tests.models.keys()) {
    if (!list.some((model) => model.name === name)) notes.push(`${name}: not in every window, so it is not compared`);
  }
  return { ...about, campaign: plan.name, tested, notes };
}

/**
 * Note that several models are level with the best model. Empty if none is level.
 * @param nameOf name of the model at a position
 */
export function levelNotes(models: readonly ComparedModel[], nameOf = (at: number) => models[at]!.name): string[] {
  const level = models.flatMap(({ minusBest }, at) => (minusBest?.level ? [nameOf(at)] : []));
  if (level.length < 2) return [];
  return [`level with the best result (the interval of the difference contains 0, so no order is proven): ${level.join(', ')}`];
}

/** Positions of the test customers with history. */
function withHistory({ cases }: CampaignTests): number[] {
  return [...cases.keys()].filter((at) => cases[at]!.hasHistory);
}

/** Summarises the results of all windows. */
export function summarise(
  { campaign, plan, tested, tests, own, last, notes }: TestedCampaign,
  { topN, ...options }: ComparisonOptions & { topN: number },
): { found: CampaignEvaluation; member: PoolMember } {
  const list = wholeModels(tests);
  const all = list.map(({ name, outcomes }): ModelValues => ({ name, values: metricValues(outcomes, options.at, topN) }));
  const rows = withHistory(tests);
  const cases = rows.map((at) => tests.cases[at]!);
  const values = all.map((model) => valuesOfRows(model, rows));
  const { allowed, popularity } = last.cases;
  const { columns } = last.table.table;
  const compared = tested ? compareModels(values, options) : [];
  const models = compared.map((model, i): EvaluatedModel => {
    const { specs, named } = list[i]!;
    const use = Float64Array.from(columns, (code) => named.get(code) ?? 0);
    return { ...model, specs, catalogue: catalogueUse(use, allowed, popularity) };
  });
  const found: CampaignEvaluation = {
    ...{ campaign, class: plan.class, targets: publishedCount(last.targets), tested, models },
    withoutHistory: publishedCount(tests.cases.length - cases.length),
    unknown: publishedCount(tests.unknown),
    breakdowns: breakdowns(tests.cases, all, options),
    products: own.products.map(publishedResponse),
    probabilities: publishedQuality(tests.probabilities),
    notes: [...notes, ...levelNotes(models)],
  };
  return { found, member: { campaign, class: plan.class, cases, models: values } };
}

/** Models that were tested in every window. Other models lack some customers. */
function wholeModels({ models, cases }: CampaignTests): TestedModel[] {
  return [...models.values()].filter(({ outcomes }) => outcomes.length === cases.length);
}

/** Sentence that says with which clusters the test windows and the verdict of a run work. */
function datedClusterNote(scheme: string): string {
  return `clusters of ${scheme}: each test window assigns customers by their columns as of its training date, to centres fitted on that date or read from the model file of the config; the verdict of a run uses the centres of its reference date`;
}

function clusterNote(scheme: string): string {
  return `clusters of ${scheme} come from today's customer columns, which may depend on later purchases: lists by them may look better than they are, and a gain of one model per cluster over a common one is not proven`;
}

/** How much of the catalogue of products the lists use. */
export interface CatalogueUse {
  /** Share of the products on sale that are in at least one list. */
  coverage: number;
  /** Mean popularity rank of the listed products, where 1 is the most popular. A larger mean stands for less popular products. */
  meanPopularityRank: number;
}

/**
 * Coverage and mean popularity rank of lists.
 * @param named number of lists that have each column, over all customers
 * @param onSale one byte per column: 1 if it can be recommended
 * @param popularity number of holders of each column in the training data. Columns with equal numbers rank by column number
 */
export function catalogueUse(named: Float64Array, onSale: Uint8Array, popularity: Float64Array): CatalogueUse {
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const rank = new Float64Array(order.length);
  for (const [i, column] of order.entries()) rank[column] = i + 1;
  let [products, covered, total, ranks] = [0, 0, 0, 0];
  for (const [column, count] of named.entries()) {
    if (onSale[column] !== 1) continue;
    products++;
    if (count > 0) covered++;
    total += count;
    ranks += count * rank[column]!;
  }
  return { coverage: products === 0 ? 0 : covered / products, meanPopularityRank: total === 0 ? Number.NaN : ranks / total };
}

/** Rounds to four decimals. If a product has few purchasers, further decimals would reveal their number. */
const roundMetric = (value: number) => Number(value.toFixed(4));

/** Response of a product, rounded for publication. The product has at least ten purchasers. */
function publishedResponse({ product, auc, topDecileLift, buyers, customers }: ProductResponse): ProductResponse {
  const counts = { buyers: publishedCount(buyers) ?? 0, customers: publishedCount(customers) ?? 0 };
  return { product, auc: roundMetric(auc), topDecileLift: roundMetric(topDecileLift), ...counts };
}

/**
 * Quality of probabilities, rounded for publication. Lines of too few recommendations are left out, and shares are computed from
 * published numbers.
 */
export function publishedQuality(judge: ProbabilityJudge): ProbabilityQuality | null {
  const quality = judge.quality();
  if (quality === null) return null;
  const reliability = quality.reliability.flatMap(({ pairs, predicted, observed }) => {
    const shown = publishedCount(pairs);
    const share = publishedShare(publishedCount(Math.round(observed! * pairs)), shown);
    return shown === null ? [] : [{ pairs: shown, predicted: roundMetric(predicted), observed: share }];
  });
  const { pairs, bought, expected } = quality;
  const counts = { pairs: publishedCount(pairs) ?? 0, bought: publishedCount(bought) ?? 0, expected: Math.round(expected) };
  return { ...quality, ...counts, reliability };
}
