import type { ModelSpec } from '@basketwise/core/parts';
import { automaticKind, type CampaignPlan, type TargetRanks } from '@basketwise/recommend';
import { ProbabilityJudge } from './judge-probabilities.ts';

/** Name of the campaign's own model, where the config gives one. */
export const ownModel = 'model of the config';

/** The name under which a campaign's own model is evaluated. */
export function ownModelOf({ spec }: CampaignPlan): string {
  return spec === null ? automaticKind : ownModel;
}

/** A model over the test windows of a campaign, case by case. */
export interface TestedModel {
  name: string;
  /** Its parts, by window. */
  specs: ModelSpec[];
  outcomes: TargetRanks[];
  /** Products (group keys) among the first five places of the lists, with the number of lists that name them. */
  named: Map<string, number>;
}

/** A test customer of one window, without what they held. */
export interface TestedCase {
  /** The same for a customer in all campaigns of a window. */
  key: string;
  /** Products that they held in the campaign's columns. */
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
  /** Purchases of products that nobody is known to have held before: in no figure. */
  unknown: number;
  /** Of the probabilities that the campaign's own lists would have had. */
  probabilities: ProbabilityJudge;
}

/** Nothing tested yet. */
export function noTests(): CampaignTests {
  return { models: new Map(), cases: [], unknown: 0, probabilities: new ProbabilityJudge() };
}
