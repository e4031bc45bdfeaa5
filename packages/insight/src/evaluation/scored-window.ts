import type { EvaluationWindow, ModelSpec } from '@basketwise/core/parts';
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
