import type { EvaluationWindow, ModelSpec } from '@basketwise/core/parts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
import type { CampaignVerdict } from '../evaluation/verdict.ts';
import type { Trial } from './choose-model.ts';
import type { ModelDecision } from './model-decision.ts';

/** Choice of `automatic` for a campaign, and its reasons. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /** Spec whose weights are learned without the newest window, for calibration. Absent if the older windows have no purchases, or if a tuned model is chosen. */
  olderSpec?: ModelSpec;
  /** Window before the reference date whose purchases decided. */
  window: EvaluationWindow;
  /** Number of customers used: all, or a sample. */
  customers: number;
  /** Number of training customers. */
  trained: number;
  /** Number of test customers with purchases. */
  tested: number;
  /** Best trial of each candidate, by NDCG@5. Empty if too few customers purchased. */
  trials: readonly Trial[];
  /** Decision between the learned model and the best of the tuned ones. Absent with dates, or with too few test customers. */
  decision?: ModelDecision;
  /** Weights learned from several windows, for a next-purchase model. */
  learned?: {
    /** Weight of each component on the standardised scale. */
    weights: Readonly<Record<string, number>>;
    /** Ridge on the effects of features. Null: features are excluded. */
    ridge: number | null;
    /** Ridge on the effects of clusters. Null: clusters are excluded, or their past is unknown. */
    clusterRidge: number | null;
    /** Ridge on the weights of pairs. Null: pairs are excluded. */
    pairRidge: number | null;
    /** Number of customers with training purchases. */
    customers: number;
    /** Number of purchases of unknown products. */
    unknown: number;
  };
  /**
   * Comparison of the lists with the best popularity baseline in the newest window, by mean NDCG@5. The weights come from the
   * older windows.
   * Null if too few customers purchased.
   */
  verdict: CampaignVerdict | null;
  warnings: readonly string[];
}

/** The model whose lists in the newest window calibrate probabilities: a chosen one must not know the purchases of that window. */
export function calibratedModel(plan: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  const wanted = wantedModel(plan, choices);
  const older = plan.spec === null ? choices.find(({ campaign }) => campaign === plan.name)?.olderSpec : undefined;
  return { ...wanted, spec: older ?? wanted.spec };
}

/** Spec of a campaign's model: the plan's if configured, else the chosen one. */
export function wantedModel({ name, spec: own }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (own !== null) return { spec: own, trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}
