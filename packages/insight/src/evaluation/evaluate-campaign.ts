import { type ModelSpec, usualEase } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import type { ListCalibration } from '@basketwise/pipeline';
import {
  automaticKind,
  type BankAt,
  bestSellers,
  type CampaignChoice,
  type CampaignModels,
  type CampaignPlan,
  campaignTable,
  type EvaluationSet,
  ListJudge,
  makeEvaluationSet,
  purchasesOf,
  type ScoringTools,
  scoreCampaign,
  type TrainingTools,
  trainCampaign,
  type WantedModel,
  wantedModel,
  withConstant,
} from '@basketwise/recommend';
import { groupLabels, type TestGroups } from './customer-groups.ts';
import type { ProbabilityJudge } from './judge-probabilities.ts';
import { responses } from './product-responses.ts';
import type { OwnModel } from './summarise.ts';
import {
  type CampaignTests,
  type EvaluationWatcher,
  ownModel,
  ownModelOf,
  type ScoredWindow,
  type TestedCase,
  type TestedModel,
} from './tested.ts';

/** Model to compare, with its spec. */
interface ModelToTest {
  name: string;
  wanted: WantedModel;
}

/** Models to compare: the baselines, the campaign's own model, and the model that a run on the window's date would choose. */
function comparedModels(plan: CampaignPlan, isDated: boolean, choice: CampaignChoice): ModelToTest[] {
  const baseline = (name: string, spec: ModelSpec): ModelToTest => ({ name, wanted: { spec, trained: null } });
  const list = bestSellers(isDated).map(({ name, spec }) => baseline(name, spec));
  if (plan.spec !== null) list.push({ name: ownModel, wanted: wantedModel(plan, [choice]) });
  list.push(baseline('ease', usualEase));
  list.push({ name: automaticKind, wanted: { spec: choice.spec, trained: choice.trained } });
  return list;
}

/** Window of a campaign, with the data for its test. */
export interface WindowTest {
  tools: TrainingTools;
  scoring: ScoringTools;
  choice: CampaignChoice;
  bank: BankAt;
  snapshot: Snapshot;
  groups: TestGroups;
  /** Number of entries of the published lists. */
  topN: number;
  /** Calibration that a run on the window's date would have fitted. Null: the lists have no probabilities. */
  calibration: ListCalibration;
  /** Whether the response of each product to the scores is measured. This takes seconds per million customers. */
  products: boolean;
  /** Receives the campaign's own model, and its lists. */
  watch?: EvaluationWatcher | undefined;
}

/**
 * Evaluates all models of a campaign on one window, and adds the results to the results of other windows. A model is judged by the
 * lists that a run on the window's date would publish. The campaign's own model is fitted as in a run, once per cluster if it has
 * clusters. All other models are fitted once, to all customers.
 */
export async function testWindow(
  plan: CampaignPlan,
  test: WindowTest,
  tests: CampaignTests,
): Promise<OwnModel & { evaluationSet: EvaluationSet }> {
  const { bank, groups, tools } = test;
  const own = await evaluationOf(test, plan);
  const hasConstant = (plan.model.constant ?? 1) > 0;
  const other = hasConstant ? own : await evaluationOf(test, withConstant(plan));
  let products: OwnModel['products'] = [];
  for (const { name, wanted } of comparedModels(plan, own.evaluationSet.data.acquisitions !== undefined, test.choice)) {
    const isOwn = name === ownModelOf(plan);
    const { evaluationSet, judge, trainingTable } = isOwn ? own : other;
    const table = isOwn ? trainingTable : { ...trainingTable, plan: { ...plan, scheme: null } };
    const { models } = await trainCampaign(tools, bank, table, wanted);
    const { outcomes, named } = await judge.judge(models);
    const known: TestedModel = tests.models.get(name) ?? { name, specs: [], outcomes: [], named: new Map() };
    known.specs.push(wanted.spec);
    known.outcomes.push(...outcomes);
    for (const [product, lists] of named) known.named.set(product, (known.named.get(product) ?? 0) + lists);
    tests.models.set(name, known);
    if (!isOwn) continue;
    if (test.products) products = responses(models, evaluationSet);
    const { probabilities } = tests;
    const judged = await judgeProbabilities(test, evaluationSet, models, probabilities);
    const scoring = { ...test.scoring, topN: test.topN };
    const about = { plan, window: bank.window, snapshot: test.snapshot, bank, groups, evaluationSet, models, scoring };
    const older = plan.spec === null ? test.choice.olderSpec : undefined;
    const learned = older && { spec: wanted.spec, older };
    await test.watch?.window({ ...about, ...judged, probabilities, outcomes, learned });
  }
  tests.cases.push(...testedCases(own.evaluationSet, bank, groups));
  tests.unknown += own.evaluationSet.unknown;
  const isFlattered = plan.scheme !== null && !groups.asOf.has(plan.scheme);
  return { products, isFlattered, evaluationSet: own.evaluationSet };
}

/**
 * Evaluation set of a campaign, the judge of its lists, and the training baskets. Unlike in a run, the training baskets are not
 * divided by features.
 */
async function evaluationOf({ tools: { pool, bandWeights }, scoring, bank }: WindowTest, plan: CampaignPlan) {
  const evaluationSet = await makeEvaluationSet(pool, bank, plan, bandWeights);
  const trainingTable =
    bank.contexts === undefined ? evaluationSet.table : await campaignTable(pool, { ...bank, contexts: undefined }, plan);
  return { evaluationSet, judge: new ListJudge(scoring, bank, evaluationSet), trainingTable };
}

/**
 * Compares the probabilities that a run would have published with purchases. Returns the lists; null if they have no
 * probabilities.
 */
async function judgeProbabilities(
  { scoring, topN, bank, calibration }: WindowTest,
  { table }: EvaluationSet,
  models: CampaignModels,
  judge: ProbabilityJudge,
): Promise<Pick<ScoredWindow, 'results' | 'purchases'>> {
  if (calibration === null) return { results: null };
  const { results } = await scoreCampaign({ ...scoring, topN }, bank, table, models, calibration);
  const { start, product, probability } = results.units;
  const purchases = purchasesOf(bank, table);
  const multiplicity = testedCustomers(bank, table);
  for (let row = 0; row < table.table.rows; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      judge.add(probability![at]!, multiplicity[row]!, purchases(row, product[at]!));
    }
  }
  // Without dates, only some customers have a held-out product. The lists of all others cannot be compared with purchases.
  return bank.window.folds === undefined ? { results, purchases } : { results: null };
}

/**
 * Number of customers of each basket row whose purchases are known, u32[rows]. With dates these are all customers. Without dates
 * they are the customers with a held-out product.
 */
function testedCustomers({ window, added }: BankAt, { table, basketOf }: EvaluationSet['table']): Uint32Array {
  if (window.folds === undefined) return table.memory.u32(table.multiplicity, table.rows);
  const customers = new Uint32Array(table.rows);
  for (const customer of added.keys()) if (basketOf[customer]! < table.rows) customers[basketOf[customer]!]!++;
  return customers;
}

/** Test customers of a window, with the groups that they belong to. */
function testedCases({ cases, table }: EvaluationSet, { window }: BankAt, groups: TestGroups): TestedCase[] {
  const products = table.table.columns.length - table.table.pseudoColumns;
  return cases.cases.map(({ customer, basket, hasHistory }) => ({
    key: `${window.at} ${customer}`,
    size: basket.filter(({ column }) => column < products).length,
    hasHistory,
    labels: groupLabels(groups, customer),
  }));
}
