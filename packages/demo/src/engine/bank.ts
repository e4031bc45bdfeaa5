import type { Calibration, CampaignModels, CampaignPlan, CodedFeature } from '@basketwise/recommend';

/** A product of the bank's list: all codes of one name, which baskets and recommendations treat as one. */
export interface DemoProduct {
  /** Its name in models. */
  key: string;
  /** The recommended code: the one on sale, else the last one. */
  code: string;
  /** Older codes of the same name. */
  otherCodes: readonly string[];
  name: string;
  english: string;
  class: string;
  onSale: boolean;
}

/** A recency band: holdings opened on or after `since` (days since 1970-01-01; null: the rest) and before the band above. */
interface BankBand {
  since: number | null;
  /** In the config's format: `6 months`; null: older. */
  within: string | null;
}

/** A model file of a campaign. */
interface BankModel {
  /** Null: the common model. */
  cluster: number | null;
  /** Relative to the bank's folder. */
  file: string;
  /** Customers who trained it. */
  customers: number;
}

/** A campaign of the bank's config, without its rules; with its models and its calibration. */
export interface BankCampaign extends CampaignPlan {
  /** Kind of its models. */
  fitted: CampaignModels['kind'];
  models: readonly BankModel[];
  calibration: Calibration;
  /** Scores of the run's lists: so many of each cluster, f32 ascending and then u32 number of recommendations up to each. */
  places: { file: string; clusters: readonly { cluster: number; scores: number }[] };
}

/** An example customer of the sample bank. */
export interface BankExample {
  holdings: readonly Holding[];
  /** Level of each feature. */
  levels: Readonly<Record<string, string>>;
  /** Cluster by scheme; -1: none. */
  clusters: Readonly<Record<string, number>>;
  /** Published lists of the run. */
  published: readonly { campaign: string; code: string; score: number; probability: number; reason: string }[];
}

/** Data that the demo's build takes from a run over the sample bank: `bank.json`. */
export interface DemoBank {
  referenceDate: string;
  /** The same as days since 1970-01-01. */
  referenceDay: number;
  customers: number;
  seed: number;
  /** Number of product names requested from the generator. */
  generatedProducts: number;
  products: readonly DemoProduct[];
  bands: readonly BankBand[];
  campaigns: readonly BankCampaign[];
  /** Features by which models rank, including crossings. */
  features: readonly CodedFeature[];
  /** Customers in each cluster, by scheme. */
  clusters: Readonly<Record<string, readonly number[]>>;
  /** Length of the run's lists: entries beyond it have no probabilities. */
  topN: number;
  /** Window of the probabilities, in the config's format: `3 months`. */
  window: string;
  /** Keys of all products by falling popularity among all customers, with the share of them who purchased each in the last year. */
  popular: readonly { key: string; score: number }[];
  examples: readonly BankExample[];
  /** Eligibility rules: customers who fail one get no products of its class (of any class if it names none). */
  rules: readonly { reason: string; class: string | null }[];
  /** Distinct baskets: `customers` of each, and pairs of product position and band. Relative to the bank's folder. */
  baskets: string;
}

/** A holding in the page. */
export interface Holding {
  key: string;
  band: number;
}

/** A basket of the sample bank, with its number of customers. */
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
