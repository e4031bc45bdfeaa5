import type { PlainDate } from '@basketwise/core/parts';

/** A product in explanations. */
export interface NamedProduct {
  code: string;
  name: string;
}

/** A holding of the customer on the reference date. */
export interface ExplainedHolding extends NamedProduct {
  class: string;
  /** Opened on this day; null if the date is unknown. */
  since: PlainDate | null;
  /** Recency band, 0 the most recent, and its weight. */
  band: number;
  weight: number;
}

/**
 * Contribution of each held product, of exact baskets, and of each feature of the customer, to a score; they and the baseline (the part
 * common to all customers) sum to it.
 */
export interface Reasons {
  /** Kind of the model. */
  model: string;
  baseline: number;
  /** Largest first. */
  contributions: readonly (NamedProduct & { value: number })[];
  /** Purchases by customers with exactly the same products (that of a single product: in its contribution); null: counted by no component. */
  exact: number | null;
  /** Mean of that over the products that could be recommended; all other terms are centred on these. */
  mean: number;
  /** By feature, largest first; empty if the model ranks by none. */
  features: readonly { feature: string; level: string; value: number }[];
}

/** One published recommendation. */
export interface ExplainedRecommendation extends NamedProduct {
  rank: number;
  score: number;
  probability: number | null;
  /** Kind of the model, or `popularity`: the share of customers (of the cluster, else of all) who purchased it in the last year. */
  source: string;
  /** Null for popular products, and for models without contributions. */
  reasons: Reasons | null;
}

/** A rule that the customer fails. */
export interface FailedRule {
  reason: string;
  /** Class that it applies to; null: all. */
  class: string | null;
  require: string;
  /** `false`, or `null`: a value that the rule needs is missing. */
  outcome: 'false' | 'null';
}

/** Outcome of a campaign for the customer. */
export interface CampaignExplanation {
  campaign: string;
  /** `no-target`: the customer holds the class of a cross campaign, or does not hold that of an upsell campaign. */
  status: 'served' | 'suppressed' | 'no-product-left' | 'no-target';
  /** Cluster in the campaign's scheme; null without one. */
  cluster: number | null;
  recommendations: readonly ExplainedRecommendation[];
  /** Products excluded by a rule: on sale in the campaign, and not held. */
  suppressed: readonly { reason: string; products: readonly NamedProduct[] }[];
}

/** An offer of a run to the customer; in the control one that is not made. */
export interface ExplainedOffer extends NamedProduct {
  /** From 1: the offer of the highest value to the customer. */
  order: number;
  campaign: string;
  /** Of the offer, if accepted. */
  value: number;
  probability: number;
}

/** Outcome of a campaign's offers for the customer. */
export interface OfferOutcome {
  campaign: string;
  /**
   * `control`: in the control; `not-recommended`: without a list; `other-variant`: the customer's variant of the experiment does not offer
   * it; `cool-off`: all products of the list cool off; `no-value`: their value is 0; `worth-less`: another offer has more value;
   * `never-together`: excluded by another offer; `capacity`: other customers with more value used it up.
   */
  status:
    | 'offered'
    | 'control'
    | 'not-recommended'
    | 'other-variant'
    | 'cool-off'
    | 'no-value'
    | 'worth-less'
    | 'never-together'
    | 'capacity';
  /** Last day of the cool-off; null for another status. */
  coolOff: PlainDate | null;
  /** Used-up capacities that count the offer; empty for another status. */
  capacities: readonly string[];
}

/** Explanation of a run's offers to a customer. */
export interface OfferExplanation {
  /** `none`: outside the control, and in no offer. */
  arm: 'contacted' | 'control' | 'none';
  /** Of the experiment; null without one. */
  variant: string | null;
  /** In order. */
  offers: readonly ExplainedOffer[];
  /** In the order of the config. */
  campaigns: readonly OfferOutcome[];
}

/** Explanation of a customer's recommendations in a run. Without the customer's id. */
export interface CustomerExplanation {
  run: string;
  referenceDate: PlainDate;
  clusters: readonly { scheme: string; cluster: number }[];
  holdings: readonly ExplainedHolding[];
  failedRules: readonly FailedRule[];
  campaigns: readonly CampaignExplanation[];
  /** Null if the run has no offers. */
  offers: OfferExplanation | null;
}
