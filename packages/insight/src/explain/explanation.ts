import type { PlainDate } from '@basketwise/core/parts';

/** A product as explanations name it. */
export interface NamedProduct {
  code: string;
  name: string;
}

/** A holding of the customer on the reference date. */
export interface ExplainedHolding extends NamedProduct {
  class: string;
  /** Opened on this day; null where the date is unknown. */
  since: PlainDate | null;
  /** Recency band, 0 the most recent, and what a holding of it weighs. */
  band: number;
  weight: number;
}

/** Contribution of each held product, and of each feature of the customer, to a score; they and the baseline (what all customers have in common) sum to it. */
export interface Reasons {
  /** Kind of the model. */
  model: string;
  baseline: number;
  /** Largest first. */
  contributions: readonly (NamedProduct & { value: number })[];
  /** By feature, largest first; empty where the model ranks by none. */
  features: readonly { feature: string; level: string; value: number }[];
}

/** One published recommendation. */
export interface ExplainedRecommendation extends NamedProduct {
  rank: number;
  score: number;
  probability: number | null;
  /** Kind of the model, or `popularity`: the share of customers (of the cluster, else of all) who took it in the last year. */
  source: string;
  /** Null for popular products, and for models that cannot tell. */
  reasons: Reasons | null;
}

/** A rule that the customer fails. */
export interface FailedRule {
  reason: string;
  /** Class that it is about; null: all. */
  class: string | null;
  require: string;
  /** `false`, or `null`: a value that the rule needs is missing. */
  outcome: 'false' | 'null';
}

/** Outcome of a campaign for the customer. */
export interface CampaignExplanation {
  campaign: string;
  /** `no-target`: they hold the class of a cross campaign, or nothing of the class of an upsell campaign. */
  status: 'served' | 'suppressed' | 'no-product-left' | 'no-target';
  /** Of the campaign's scheme; null where they have none. */
  cluster: number | null;
  recommendations: readonly ExplainedRecommendation[];
  /** Products that a rule kept from them: on sale in the campaign, and not held. */
  suppressed: readonly { reason: string; products: readonly NamedProduct[] }[];
}

/** Why a customer was or was not shown products in a run. The customer's id is not part of it. */
export interface CustomerExplanation {
  run: string;
  referenceDate: PlainDate;
  clusters: readonly { scheme: string; cluster: number }[];
  holdings: readonly ExplainedHolding[];
  failedRules: readonly FailedRule[];
  campaigns: readonly CampaignExplanation[];
}
