import type { EvaluationWindow, ModelSpec } from '@basketwise/core/parts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
import type { CampaignVerdict } from '../evaluation/verdict.ts';
import type { Trial } from './choose-model.ts';
import type { ModelDecision } from './model-decision.ts';

/** Model that the automatic choice selected for a campaign, with the evidence for it. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /**
   * Specification whose weights are learned without the newest window, for calibration. Absent if the older windows have no purchases, or if the
   * chosen model has no learned weights.
   */
  olderSpec?: ModelSpec;
  /** Newest window before the reference date. Its purchases decided the choice. */
  window: EvaluationWindow;
  /** Number of customers used: all customers, or a sample of them. */
  customers: number;
  /** Number of training customers. */
  trained: number;
  /** Number of test customers who purchased a product in the window. */
  tested: number;
  /** Best trial of each candidate model, with its mean NDCG@5. Empty if too few customers purchased. */
  trials: readonly Trial[];
  /** Decision between the learned model and the best tuned model. Absent with dates, or with too few test customers. */
  decision?: ModelDecision;
  /** Weights of a next-purchase model, learned from several windows. */
  learned?: {
    /** Weight of each component, for scores scaled to standard deviation 1. */
    weights: Readonly<Record<string, number>>;
    /** Ridge on the effects of features. Null: the model has no feature effects. */
    ridge: number | null;
    /** Ridge on the effects of clusters. Null: the model has no cluster effects, for example because earlier clusters are unknown. */
    clusterRidge: number | null;
    /** Ridge on the weights of pairs of a held and a recommended product. Null: the model has no pair weights. */
    pairRidge: number | null;
    /** Number of customers whose purchases were used to learn the weights. */
    customers: number;
    /** Number of purchases of products that no customer had purchased before the window. */
    unknown: number;
  };
  /**
   * Comparison of the lists with the best popularity baseline in the newest window, by mean NDCG@5. The weights of these lists come from the older
   * windows. Null if too few customers purchased.
   */
  verdict: CampaignVerdict | null;
  warnings: readonly string[];
}

/** Model whose lists in the newest window calibrate probabilities. A learned model uses weights learned without the purchases of that window. */
export function calibratedModel(plan: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  const wanted = wantedModel(plan, choices);
  const older = plan.spec === null ? choices.find(({ campaign }) => campaign === plan.name)?.olderSpec : undefined;
  return { ...wanted, spec: older ?? wanted.spec };
}

/** Model of a campaign: the configured specification if the plan has one, otherwise the chosen one. */
export function wantedModel({ name, spec: own }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (own !== null) return { spec: own, trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}
