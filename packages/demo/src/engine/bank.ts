import type { Calibration, CampaignModels, CampaignPlan, CodedFeature } from '@basketwise/recommend';

/** Product of the bank's list: all codes of one name, which baskets and recommendations treat as one. */
export interface DemoProduct {
  /** Name in models. */
  key: string;
  /** Recommended code: the one on sale, else the last one. */
  code: string;
  /** Older codes of the same name. */
  otherCodes: readonly string[];
  name: string;
  english: string;
  class: string;
  onSale: boolean;
}

/**
 * Recency band: holdings opened on or after `since` and before the band above. `since` is in days since 1970-01-01; null: all
 * older holdings.
 */
interface BankBand {
  since: number | null;
  /** Length in the config's format: `6 months`; null: older. */
  within: string | null;
}

/** Model file of a campaign. */
interface BankModel {
  /** Cluster; null: the common model. */
  cluster: number | null;
  /** Path relative to the bank's folder. */
  file: string;
  /** Number of customers that the model was trained on. */
  customers: number;
}

/** Campaign of the bank's config, without its rules, with its models and its calibration. */
export interface BankCampaign extends CampaignPlan {
  /** Kind of its models. */
  fitted: CampaignModels['kind'];
  models: readonly BankModel[];
  calibration: Calibration;
  /**
   * File of the scores of the run's lists. For each cluster, f32 scores ascending, then the u32 number of recommendations up to
   * each.
   */
  places: { file: string; clusters: readonly { cluster: number; scores: number }[] };
}

/** Example customer of the sample bank. */
export interface BankExample {
  holdings: readonly Holding[];
  /** Level of each feature. */
  levels: Readonly<Record<string, string>>;
  /** Cluster by scheme; -1: none. */
  clusters: Readonly<Record<string, number>>;
  /** Lists that the run published. */
  published: readonly { campaign: string; code: string; score: number; probability: number; reason: string }[];
}

/** Content of `bank.json`: data that the demo's build takes from a run over the sample bank. */
export interface DemoBank {
  referenceDate: string;
  /** Reference date in days since 1970-01-01. */
  referenceDay: number;
  customers: number;
  seed: number;
  /** Number of product names requested from the generator. */
  generatedProducts: number;
  products: readonly DemoProduct[];
  bands: readonly BankBand[];
  campaigns: readonly BankCampaign[];
  /** Features that models rank by, including crossings. */
  features: readonly CodedFeature[];
  /** Number of customers in each cluster, by scheme. */
  clusters: Readonly<Record<string, readonly number[]>>;
  /** Length of the run's lists. Entries beyond it have no probabilities. */
  topN: number;
  /** Window of the probabilities, in the config's format: `3 months`. */
  window: string;
  /**
   * Keys of all products by falling popularity. The score is the share of all customers who purchased the product in the last
   * year.
   */
  popular: readonly { key: string; score: number }[];
  examples: readonly BankExample[];
  /** Eligibility rules. Customers who fail one get no products of its class, or of any class if it names none. */
  rules: readonly { reason: string; class: string | null }[];
  /** File of the distinct baskets: `customers` of each, and pairs of product position and band. Relative to the bank's folder. */
  baskets: string;
}

/** Holding in the page. */
export interface Holding {
  key: string;
  band: number;
}

/** Basket of the sample bank, with its number of customers. */
export interface KnownBasket {
  customers: number;
  holdings: readonly Holding[];
}

/** Reads the lines written by `writeBaskets`. */
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
