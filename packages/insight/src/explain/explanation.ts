import type { PlainDate } from '@basketwise/core/parts';
import type { ProbabilityMeaning } from '@basketwise/pipeline/parts';

/** Product in explanations. */
export interface NamedProduct {
  code: string;
  name: string;
}

/** Holding of the customer on the reference date. */
export interface ExplainedHolding extends NamedProduct {
  class: string;
  /** Day of opening; null if unknown. */
  since: PlainDate | null;
  /** Recency band (0 is the most recent) and its weight. */
  band: number;
  weight: number;
}

/**
 * Contributions to a score: of each held product, of exact baskets, and of each feature of the customer.
 * With the baseline, which is common to all customers, they sum to the score.
 */
export interface Reasons {
  /** Kind of the model. */
  model: string;
  baseline: number;
  /** Contributions of held products, largest first. */
  contributions: readonly (NamedProduct & { value: number })[];
  /**
   * Contribution of purchases by customers with exactly the same products. Null: no component counts them.
   * For a single held product it is part of the product's contribution.
   */
  exact: number | null;
  /** Mean of `exact` over the products that could be recommended. All other terms are centred on these products. */
  mean: number;
  /** Contributions by feature, largest first. Empty if the model ranks by none. */
  features: readonly { feature: string; level: string; value: number }[];
}

/** Published recommendation. */
export interface ExplainedRecommendation extends NamedProduct {
  rank: number;
  score: number;
  probability: number | null;
  /** Kind of the model, or `popularity`: the share of customers (of the cluster, or of all) who purchased it in the last year. */
  source: string;
  /** Null for popular products, and for models without contributions. */
  reasons: Reasons | null;
}

/** Rule that the customer fails. */
export interface FailedRule {
  reason: string;
  /** Class that it applies to; null: all. */
  class: string | null;
  /** Codes of the only products that it applies to. Absent: all of the class. */
  products?: readonly string[];
  require: string;
  /** `false`; or `null`: a value that the rule needs is missing. */
  outcome: 'false' | 'null';
}

/** Result of a campaign for the customer. */
export interface CampaignExplanation {
  campaign: string;
  /** `no-target`: the customer holds the class of a cross-sell campaign, or does not hold that of an up-sell campaign. */
  status: 'served' | 'suppressed' | 'no-product-left' | 'no-target';
  /** Cluster in the campaign's scheme; null without one. */
  cluster: number | null;
  recommendations: readonly ExplainedRecommendation[];
  /** Products that a rule excluded: on sale in the campaign, and not held. */
  suppressed: readonly { reason: string; products: readonly NamedProduct[] }[];
}

/** Offer of a run to the customer. In the control, it is not made. */
export interface ExplainedOffer extends NamedProduct {
  /** Position from 1, which is the offer of the highest value to the customer. */
  order: number;
  campaign: string;
  /** Value of the offer, if accepted. */
  value: number;
  probability: number;
}

/** Result of a campaign's offers for the customer. */
export interface OfferOutcome {
  campaign: string;
  /**
   * Reason why the campaign makes no offer, or that it makes one:
   * - `control`: in the control
   * - `not-recommended`: without a list
   * - `other-variant`: the customer's variant of the experiment does not offer it
   * - `cool-off`: all products of the list are in cool-off
   * - `no-value`: their value is 0
   * - `worth-less`: another offer has more value
   * - `never-together`: excluded by another offer
   * - `capacity`: other customers with more value used it up
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
  /** `none`: outside the control, and without an offer. */
  arm: 'contacted' | 'control' | 'none';
  /** Variant of the experiment; null without one. */
  variant: string | null;
  /** Offers in order. */
  offers: readonly ExplainedOffer[];
  /** Campaigns in the order of the config. */
  campaigns: readonly OfferOutcome[];
}

/** Explanation of a customer's recommendations in a run. Without the customer's id. */
export interface CustomerExplanation {
  run: string;
  referenceDate: PlainDate;
  clusters: readonly { scheme: string; cluster: number }[];
  holdings: readonly ExplainedHolding[];
  failedRules: readonly FailedRule[];
  /** Meaning of the probabilities of recommendations; null without them. */
  probability: ProbabilityMeaning | null;
  campaigns: readonly CampaignExplanation[];
  /** Null if the run has no offers. */
  offers: OfferExplanation | null;
}
