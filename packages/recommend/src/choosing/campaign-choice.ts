import type { EvaluationWindow, ModelSpec } from '@basketwise/core/parts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
import type { CampaignVerdict } from '../evaluation/verdict.ts';
import type { Trial } from './choose-model.ts';

/** Choice of `automatic` for a campaign, and its reasons. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /** The same with weights learned from the older windows alone: its lists in the newest window are as those of `spec` in the next one. Absent: they have no purchase. */
  olderSpec?: ModelSpec;
  /** The window before the reference date whose purchases decided. */
  window: EvaluationWindow;
  /** Customers used: all, or a sample; the numbers of training customers and of test customers with purchases. */
  customers: number;
  trained: number;
  tested: number;
  /** The best trial of each candidate, by NDCG@5; empty if too few customers purchased. */
  trials: readonly Trial[];
  /** Weights learned from several windows, for a next-purchase model. */
  learned?: {
    /** Weight of each component on the standardised scale. */
    weights: Readonly<Record<string, number>>;
    /** Ridge on the effects of features; null: features are excluded. */
    ridge: number | null;
    /** Ridge on the effects of clusters; null: clusters are excluded, or their past is unknown. */
    clusterRidge: number | null;
    /** Customers with training purchases, and purchases of unknown products. */
    customers: number;
    unknown: number;
  };
  /**
   * Whether the lists beat the best popularity baseline in the newest window, with weights learned from the older ones: mean NDCG@5, and
   * the difference; null if too few customers purchased.
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

/** The spec of a campaign's model: configured by its plan, else chosen. */
export function wantedModel({ name, spec: own }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (own !== null) return { spec: own, trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}
