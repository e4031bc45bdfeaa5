import type { EvaluationWindow, ModelSpec } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import {
  automaticKind,
  type BankAt,
  type CampaignModels,
  type CampaignPlan,
  type EvaluationSet,
  type purchasesOf,
  type ScoredCampaign,
  type ScoringTools,
  type TargetRanks,
} from '@basketwise/recommend';
import type { TestGroups } from './customer-groups.ts';
import { ProbabilityJudge } from './judge-probabilities.ts';

/** Name of the campaign's own model in an evaluation, if the config gives its parameters. */
export const ownModel = 'model of the config';

/** Name under which a campaign's own model is evaluated. */
export function ownModelOf({ spec }: CampaignPlan): string {
  return spec === null ? automaticKind : ownModel;
}

/** Results of a model over the test windows of a campaign, one for each case. */
export interface TestedModel {
  name: string;
  /** Specs of the model's components, by window. */
  specs: ModelSpec[];
  outcomes: TargetRanks[];
  /** Number of lists that have each product (group key) among their first five entries. */
  named: Map<string, number>;
}

/** Test case: a customer of one window, without the holdings. */
export interface TestedCase {
  /** Key of the customer within a window. It is the same in all campaigns. */
  key: string;
  /** Number of the customer's holdings in the columns of the campaign. */
  size: number;
  /** Whether the customer held any product of the bank. */
  hasHistory: boolean;
  /** Group of the customer by property: `cluster <scheme>` and `segment <name>`. */
  labels: ReadonlyMap<string, string>;
}

/** Results of the tests of a campaign, over all windows. */
export interface CampaignTests {
  models: Map<string, TestedModel>;
  /** Test cases, in the same order as each model's outcomes. */
  cases: TestedCase[];
  /** Number of purchases of products that had no holder before. They do not count in any other figure. */
  unknown: number;
  /** Probabilities and purchases of the campaign's own lists. */
  probabilities: ProbabilityJudge;
}

/** Results before the first test. */
export function noTests(): CampaignTests {
  return { models: new Map(), cases: [], unknown: 0, probabilities: new ProbabilityJudge() };
}

/**
 * A campaign's own model on a test window, for code that needs more than the means of metrics. It is valid during the call only.
 */
export interface ScoredWindow {
  plan: CampaignPlan;
  window: EvaluationWindow;
  snapshot: Snapshot;
  bank: BankAt;
  groups: TestGroups;
  evaluationSet: EvaluationSet;
  models: CampaignModels;
  /** Specification of `models`, and that learned without the newest learning window. Absent: the model is not learned. */
  learned?: { spec: ModelSpec; older: ModelSpec } | undefined;
  scoring: ScoringTools;
  /** Lists of all target customers, with probabilities. Null if the config calibrates no probabilities. */
  results: ScoredCampaign['results'] | null;
  /** Function that gives the number of a basket row's customers who purchased a product. Absent without `results`. */
  purchases?: ReturnType<typeof purchasesOf> | undefined;
  /** Probabilities and purchases of the list entries of all windows so far. */
  probabilities: ProbabilityJudge;
  /** Outcomes of the test customers, in the order of their cases. */
  outcomes: readonly TargetRanks[];
}

/** Callbacks for code that needs more of an evaluation than the means of metrics. */
export interface EvaluationWatcher {
  /** Called for each campaign on each window, the newest window first. */
  window(scored: ScoredWindow): Promise<void>;
  /** Called with the hash of the input files of each window; null if the tables are on a server. */
  inputs?(hash: string | null): void;
}
