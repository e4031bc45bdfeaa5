import type { ModelSpec } from '@basketwise/core/parts';
import { automaticKind, type CampaignPlan, type TargetRanks } from '@basketwise/recommend';
import { ProbabilityJudge } from './judge-probabilities.ts';

/** Name of the campaign's own model, if configured. */
export const ownModel = 'model of the config';

/** The name under which a campaign's own model is evaluated. */
export function ownModelOf({ spec }: CampaignPlan): string {
  return spec === null ? automaticKind : ownModel;
}

/** A model over the test windows of a campaign, case by case. */
export interface TestedModel {
  name: string;
  /** Its components, by window. */
  specs: ModelSpec[];
  outcomes: TargetRanks[];
  /** Products (group keys) among the first five entries of the lists, with their numbers of lists. */
  named: Map<string, number>;
}

/** A test customer of one window, without their holdings. */
export interface TestedCase {
  /** The same for a customer in all campaigns of a window. */
  key: string;
  /** Number of their holdings in the campaign's columns. */
  size: number;
  /** Whether they held any product of the bank. */
  hasHistory: boolean;
  /** Labels by dimension: `cluster <scheme>` and `segment <name>`. */
  labels: ReadonlyMap<string, string>;
}

/** Outcomes of a campaign, window after window. */
export interface CampaignTests {
  models: Map<string, TestedModel>;
  /** In the order of each model's outcomes. */
  cases: TestedCase[];
  /** Purchases of products without earlier holders: excluded from all figures. */
  unknown: number;
  /** Quality of the probabilities of the campaign's own lists. */
  probabilities: ProbabilityJudge;
}

/** Empty results. */
export function noTests(): CampaignTests {
  return { models: new Map(), cases: [], unknown: 0, probabilities: new ProbabilityJudge() };
}
