import type { PlainDate } from '@basketwise/core';
import type { ProbabilityMeaning } from '@basketwise/pipeline';

/** Product with its code and name. */
export interface NamedProduct {
  code: string;
  name: string;
}

/** Holding of the customer on the reference date. */
export interface ExplainedHolding extends NamedProduct {
  class: string;
  /** Day of opening. Null if it is unknown. */
  since: PlainDate | null;
  /** Recency band (0 is the most recent), and the weight of the band. */
  band: number;
  weight: number;
}

/**
 * Contributions to a score. Together with the baseline they sum to the score. They come from held products, from exact baskets, and
 * from features of the customer.
 */
export interface Reasons {
  /** Kind of the model that made the score. */
  model: string;
  baseline: number;
  /** Contribution of each held product, largest first. */
  contributions: readonly (NamedProduct & { value: number })[];
  /**
   * Contribution of exact baskets: of purchases by customers with exactly the same products. Null if the model does not count exact
   * baskets, or if the customer holds a single product. It is then part of that product's contribution.
   */
  exact: number | null;
  /** Mean of `exact` over the products that could be recommended. All other terms have mean 0 over these products. */
  mean: number;
  /** Contribution of each feature, largest first. Empty if the model ranks by none. */
  features: readonly { feature: string; level: string; value: number }[];
}

/** Published recommendation. */
export interface ExplainedRecommendation extends NamedProduct {
  rank: number;
  score: number;
  probability: number | null;
  /**
   * Origin of the recommendation: the kind of the model, or `popularity`. Popularity is the share of customers, of the cluster or of
   * all, who purchased the product in the last year.
   */
  source: string;
  /** Contributions to the score. Null for popular products, and for models without contributions. */
  reasons: Reasons | null;
}

/** Rule that the customer does not meet. */
export interface FailedRule {
  reason: string;
  /** Class to which the rule applies. Null: all classes. */
  class: string | null;
  /** Codes of the products to which the rule applies. Absent: all products of the class. */
  products?: readonly string[];
  require: string;
  /** Result of the rule's predicate: `false`, or `null` if a value that it needs is missing. */
  outcome: 'false' | 'null';
}

/** Result of a campaign for the customer. */
export interface CampaignExplanation {
  campaign: string;
  /**
   * Whether the customer has a list, and if not, why. `no-target`: the customer holds a product of the class in a cross-sell
   * campaign, or none in an up-sell campaign.
   */
  status: 'served' | 'suppressed' | 'no-product-left' | 'no-target';
  /** Cluster of the customer in the campaign's scheme. Null if the campaign has no scheme. */
  cluster: number | null;
  recommendations: readonly ExplainedRecommendation[];
  /** Products that rules excluded, by reason. They are on sale, in the class of the campaign, and not held. */
  suppressed: readonly { reason: string; products: readonly NamedProduct[] }[];
}

/** Offer of a run to the customer. Customers in the control do not receive it. */
export interface ExplainedOffer extends NamedProduct {
  /** Position among the customer's offers, from 1. The first has the highest value. */
  order: number;
  campaign: string;
  /** Value of the offer if the customer accepts it. */
  value: number;
  probability: number;
}

/** Result of a campaign's offers for the customer. */
export interface OfferOutcome {
  campaign: string;
  /**
   * Whether the campaign makes an offer, and if not, why:
   * - `control`: the customer is in the control
   * - `not-recommended`: the customer has no list
   * - `other-variant`: the customer's variant of the experiment does not offer it
   * - `cool-off`: all products of the list are in cool-off
   * - `no-value`: all products of the list have the value 0
   * - `worth-less`: another offer has more value
   * - `never-together`: the config excludes it together with another offer
   * - `capacity`: offers of more value to other customers have exhausted a capacity
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
  /** Last day of the cool-off. Null for every other status. */
  coolOff: PlainDate | null;
  /** Exhausted capacities that the offer would count in. Empty for every other status. */
  capacities: readonly string[];
}

/** Explanation of the offers of a run to a customer. */
export interface OfferExplanation {
  /** Arm of the customer. `none`: not in the control, and without an offer. */
  arm: 'contacted' | 'control' | 'none';
  /** Variant of the experiment. Null if there is no experiment. */
  variant: string | null;
  /** Offers, in the order of their position. */
  offers: readonly ExplainedOffer[];
  /** Result of each campaign, in the order of the config. */
  campaigns: readonly OfferOutcome[];
}

/** Explanation of the recommendations of a run to a customer. It does not have the customer's id. */
export interface CustomerExplanation {
  run: string;
  referenceDate: PlainDate;
  clusters: readonly { scheme: string; cluster: number }[];
  holdings: readonly ExplainedHolding[];
  failedRules: readonly FailedRule[];
  /** Meaning of the probabilities of recommendations. Null if there are none. */
  probability: ProbabilityMeaning | null;
  campaigns: readonly CampaignExplanation[];
  /** Explanation of the offers. Null if the run has none. */
  offers: OfferExplanation | null;
}
