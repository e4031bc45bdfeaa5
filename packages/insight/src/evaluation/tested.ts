import type { ModelSpec } from '@basketwise/core/parts';
import { automaticKind, type CampaignPlan, type TargetRanks } from '@basketwise/recommend';
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
