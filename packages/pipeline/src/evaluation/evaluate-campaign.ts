import type { Model } from '@basketwise/core';
import { type TrainingTools, trainingCustomers } from '../campaigns/train.ts';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import { isLearned, specOfConfig } from '../config/spec-of-config.ts';
import { fitSpec } from '../models/fit-spec.ts';
import type { ModelSpec } from '../models/kind.ts';
import { forMoreCustomers } from '../models/kinds.ts';
import type { BankAt } from './bank-at.ts';
import { calibrateSide } from './calibrate-side.ts';
import type { CampaignChoice } from './campaign-choice.ts';
import type { CampaignSide } from './campaign-side.ts';
import { type CaseSet, candidatesOf, forEachScored, outcomes } from './case-outcomes.ts';
import { type CustomerGroups, groupLabels } from './customer-groups.ts';
import { testPerCluster } from './per-cluster.ts';
import { responses } from './product-responses.ts';
import { firstColumns } from './ranking.ts';
import type { OwnModel } from './summarise.ts';
import { automatic, type CampaignTests, ownModel, ownModelOf, type TestedCase, type TestedModel } from './tested.ts';

/** What is compared: the baselines, the campaign's own model, and what would be chosen on the window's date. */
function specsOf(plan: CampaignPlan, { side, choice }: WindowTest): [string, ModelSpec][] {
  const dated = side.data.acquisitions !== undefined;
  const specs: [string, ModelSpec][] = [['popularity', { kind: 'popularity', of: 'holders' }]];
  if (dated) {
    specs.push(['recent popularity', { kind: 'popularity', of: 'recent' }]);
    specs.push(['popularity of 3 months', { kind: 'popularity', of: 'recent', within: 3 }]);
    specs.push(['popularity of 1 month', { kind: 'popularity', of: 'recent', within: 1 }]);
    specs.push(['up-sell popularity', { kind: 'popularity', of: 'upsell' }]);
  }
  if (!isLearned(plan.model)) specs.push([ownModel, specOfConfig(plan.model)]);
  specs.push(['ease', { kind: 'ease', regularization: 100, constant: 1, context: 0 }]);
  specs.push([automatic, forMoreCustomers(choice.spec, trainingCustomers(side.data.holdings) / choice.trained)]);
  return specs;
}

/** One window of a campaign, and what it takes to test it. */
export interface WindowTest {
  tools: TrainingTools;
  side: CampaignSide;
  choice: CampaignChoice;
  bank: BankAt;
  groups: CustomerGroups;
  /** Length of the lists that probabilities are for. */
  topN: number;
  /** What the campaign's probabilities depend on beside its model. */
  scope: string;
}

/** Evaluates all models of a campaign on one window, adding to what other windows gave. */
export async function testWindow(plan: CampaignPlan, test: WindowTest, tests: CampaignTests): Promise<OwnModel> {
  const { side, bank, groups, tools, topN } = test;
  const { data, cases } = side;
  let own: OwnModel = { products: [], calibration: null };
  for (const [name, spec] of specsOf(plan, test)) {
    const model = await fitSpec(data, spec);
    const known: TestedModel = tests.models.get(name) ?? {
      ...{ name, specs: [], outcomes: [] },
      named: new Float64Array(cases.popularity.length),
    };
    const found = outcomes(model, cases);
    known.specs.push(spec);
    known.outcomes.push(...found);
    countNamed(model, cases, known.named);
    tests.models.set(name, known);
    if (name !== ownModelOf(plan)) continue;
    const calibration = await calibrateSide(side, model, { spec, scope: test.scope }, topN);
    own = { products: responses(model, side), calibration };
    if (plan.scheme === null || cases.cases.length === 0) continue;
    const split = await testPerCluster(tools, { bank, plan, clusters: groups.clusters, side, spec }, found);
    tests.perCluster.push(...split.outcomes);
    if (tests.cases.length === 0) tests.clusterModels = split.models;
  }
  tests.cases.push(...testedCases(cases, bank, groups));
  return own;
}

/** What the test customers of a window can be told apart by. */
function testedCases(cases: CaseSet, { csr, window }: BankAt, groups: CustomerGroups): TestedCase[] {
  const products = productsOf(cases);
  const start = csr.memory.u32(csr.start, csr.customers + 1);
  return cases.cases.map(({ customer, basket }) => ({
    key: `${window.at} ${customer}`,
    size: basket.filter(({ column }) => column < products).length,
    hasHistory: start[customer + 1]! > start[customer]!,
    labels: groupLabels(groups, customer),
  }));
}

function productsOf({ allowed }: CaseSet): number {
  return allowed.lastIndexOf(1) + 1;
}

function countNamed(model: Model, cases: CaseSet, named: Float64Array): void {
  forEachScored(model, cases.cases, (scores, at) => {
    const list = firstColumns(scores, candidatesOf(cases, cases.cases[at]!), cases.popularity, 5);
    for (const column of list) if (column < named.length) named[column]!++;
  });
}
