import type { Calibration, CampaignModels, CampaignPlan, CodedFeature } from '@basketwise/recommend';

/** Product of the sample bank's catalog: a product name with all its codes. Baskets and recommendations treat these codes as one product. */
export interface DemoProduct {
  /** Identifier of the product in models: its group key. */
  key: string;
  /** Code to recommend: the code on sale if there is one, otherwise the last code. */
  code: string;
  /** Older codes with the same name. */
  otherCodes: readonly string[];
  name: string;
  english: string;
  class: string;
  onSale: boolean;
}

/**
 * Recency band. It has the holdings opened on or after `since` (days since 1970-01-01) that are in no more recent band. `since` null: all older
 * holdings.
 */
interface BankBand {
  since: number | null;
  /** Maximum age in the config's format, such as `6 months`. Null: no maximum. */
  within: string | null;
}

/** Model file of a campaign. */
interface BankModel {
  /** Cluster of the model, or null for the common model. */
  cluster: number | null;
  /** Path of the model file, relative to the bank's folder. */
  file: string;
  /** Number of training customers of the model. */
  customers: number;
}

/** Campaign of the bank's config, with its models and calibration. Rules of the config are not applied. */
export interface BankCampaign extends CampaignPlan {
  /** Kind of the campaign's fitted models. */
  fitted: CampaignModels['kind'];
  models: readonly BankModel[];
  calibration: Calibration;
  /**
   * File with samples of the scores in the run's lists, from which quantiles are computed, and the number of scores in each sample. Each cluster has
   * two samples: of customers with holdings, then of those without. A sample is f32[scores] ascending, then u32[scores]: the number of recommendations
   * up to each score.
   */
  places: { file: string; clusters: readonly { cluster: number; holding: number; empty: number }[] };
}

/** Example customer of the sample bank. */
export interface BankExample {
  holdings: readonly Holding[];
  /** Level of each feature, by feature name. */
  levels: Readonly<Record<string, string>>;
  /** Cluster of the customer, by scheme. -1: no cluster. */
  clusters: Readonly<Record<string, number>>;
  /** List entries that the run published for the customer. */
  published: readonly { campaign: string; code: string; score: number; probability: number; reason: string }[];
}

/** Content of `bank.json`. The demo's build takes it from a run over the sample bank. */
export interface DemoBank {
  referenceDate: string;
  /** Reference date in days since 1970-01-01. */
  referenceDay: number;
  customers: number;
  seed: number;
  /** Number of product names that the generator was asked for. */
  generatedProducts: number;
  products: readonly DemoProduct[];
  bands: readonly BankBand[];
  campaigns: readonly BankCampaign[];
  /** Features that models rank by, including crossings of two features. */
  features: readonly CodedFeature[];
  /** Number of customers in each cluster, by scheme. */
  clusters: Readonly<Record<string, readonly number[]>>;
  /** Length of the run's lists. Entries after this position have no probability. */
  topN: number;
  /** Length of the window of the probabilities, in the config's format, such as `3 months`. */
  window: string;
  /** All products by falling popularity. The score is the share of all customers who purchased the product in the last year. */
  popular: readonly { key: string; score: number }[];
  examples: readonly BankExample[];
  /** Eligibility rules. Customers who fail a rule get no products of its class. `class` null: they get no products at all. */
  rules: readonly { reason: string; class: string | null }[];
  /**
   * File of the distinct baskets, relative to the bank's folder. Each basket has its number of customers, and pairs of product position and recency
   * band.
   */
  baskets: string;
}

/** Holding of a customer in the page: a product key and a recency band. */
export interface Holding {
  key: string;
  band: number;
}

/** Basket of the sample bank, with the number of customers who have it. */
export interface KnownBasket {
  customers: number;
  holdings: readonly Holding[];
}

/** Parses the file that `writeBaskets` wrote, one basket per line. */
export function readBaskets(text: string, products: readonly DemoProduct[]): KnownBasket[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [customers, ...pairs] = line.split(' ');
      const holdings = pairs.map((pair) => {
        const [product, band] = pair.split('.');
        return { key: products[Number(product)]!.key, band: Number(band) };
      });
      return { customers: Number(customers), holdings };
    });
}

/** Numbers of customers of the sample bank whose baskets resemble a given basket. */
export interface Sharing {
  /** Number of customers with exactly these products. */
  same: number;
  /** Number of customers with exactly these products, each in the same recency band. */
  sameBands: number;
  /** Number of customers with these products and at least one more. */
  more: number;
}

/** Counts the customers whose baskets equal or contain the given basket. */
export function countSharing(baskets: readonly KnownBasket[], holdings: readonly Holding[]): Sharing {
  const bandOf = new Map(holdings.map(({ key, band }) => [key, band]));
  const sharing = { same: 0, sameBands: 0, more: 0 };
  for (const { customers, holdings: customerHoldings } of baskets) {
    const shared = customerHoldings.filter(({ key }) => bandOf.has(key));
    if (shared.length < bandOf.size) continue;
    if (customerHoldings.length > bandOf.size) sharing.more += customers;
    else {
      sharing.same += customers;
      if (shared.every(({ key, band }) => bandOf.get(key) === band)) sharing.sameBands += customers;
    }
  }
  return sharing;
}
