import type { EvaluationWindow } from '@basketwise/core/parts';
import type { Snapshot } from '@basketwise/data';
import type {
  BankAt,
  CampaignModels,
  CampaignPlan,
  EvaluationSet,
  purchasesOf,
  ScoredCampaign,
  ScoringTools,
  TargetRanks,
} from '@basketwise/recommend';
import type { TestGroups } from './customer-groups.ts';
import type { ProbabilityJudge } from './judge-probabilities.ts';

/** A campaign's own model on a test window, for code that needs more than mean metrics. Valid during the call. */
export interface ScoredWindow {
  plan: CampaignPlan;
  window: EvaluationWindow;
  snapshot: Snapshot;
  bank: BankAt;
  groups: TestGroups;
  evaluationSet: EvaluationSet;
  models: CampaignModels;
  scoring: ScoringTools;
  /** The lists of all targets, with probabilities; null if the config calibrates none. */
  results: ScoredCampaign['results'] | null;
  /** Number of a basket row's customers who purchased a product; absent without `results`. */
  purchases?: ReturnType<typeof purchasesOf> | undefined;
  /** Probabilities and purchases of all list entries of the windows so far. */
  probabilities: ProbabilityJudge;
  /** Of the test customers, in the order of their cases. */
  outcomes: readonly TargetRanks[];
}

/** Reader of more than the means of an evaluation. */
export interface EvaluationWatcher {
  /** Receives each campaign on each window, the newest window first. */
  window(scored: ScoredWindow): Promise<void>;
  /** Receives the hash of the input files of each window; null for the tables of a server. */
  inputs?(hash: string | null): void;
}
