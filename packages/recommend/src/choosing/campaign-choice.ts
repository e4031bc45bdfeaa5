import type { EvaluationWindow, ModelSpec } from '@basketwise/core/parts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { WantedModel } from '../campaigns/train.ts';
import type { CampaignVerdict } from '../evaluation/verdict.ts';
import type { Trial } from './choose-model.ts';

/** Choice of `automatic` for a campaign, and its reasons. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /** The window before the reference date on whose purchases it was chosen. */
  window: EvaluationWindow;
  /** Customers who were looked at: all, or a sample; how many of them trained, and how many bought something to test on. */
  customers: number;
  trained: number;
  tested: number;
  /** The best of each candidate, by NDCG@5; none where too few customers bought. */
  trials: readonly Trial[];
  /** Weights learned from several windows, for a next-purchase model. */
  learned?: {
    /** Weight of each member on the standardised scale. */
    weights: Readonly<Record<string, number>>;
    /** Ridge on the effects of features; null: they are left out. */
    ridge: number | null;
    /** The same on those of clusters; null: they say nothing, or nobody knows who was in which. */
    clusterRidge: number | null;
    /** Customers whose purchases taught, and acquisitions that nobody could know. */
    customers: number;
    unknown: number;
  };
  /**
   * Whether the lists beat the best list of best-sellers in the newest window, learned from the older ones: mean NDCG@5, and by how much it
   * differs; null where too few customers bought.
   */
  verdict: CampaignVerdict | null;
  warnings: readonly string[];
}

/** How a campaign's model is fitted: as its plan says, else as it was chosen. */
export function wantedModel({ name, spec: own }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (own !== null) return { spec: own, trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}
