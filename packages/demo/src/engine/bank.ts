import type { Calibration, CampaignModels, CampaignPlan, CodedFeature } from '@basketwise/recommend';

/** A product of the bank's list: all codes of one name, which baskets hold and recommendations name as one. */
export interface BankProduct {
  /** Its name in models. */
  key: string;
  /** The code that is recommended: the one on sale, else the last one. */
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
  /** As the config says it: `6 months`; null: older. */
  within: string | null;
}

/** A model file of a campaign. */
interface BankModel {
  /** Null: of all customers. */
  cluster: number | null;
  /** Relative to the bank's folder. */
  file: string;
  /** Customers who trained it. */
  customers: number;
}

/** A campaign of the bank's config, without its rules; its models, and how its probabilities are told. */
export interface BankCampaign extends CampaignPlan {
  /** Kind of its models. */
  fitted: CampaignModels['kind'];
  models: readonly BankModel[];
  calibration: Calibration;
  /** Scores of the run's lists: of each cluster so many, f32 ascending and then u32 how many recommendations there are up to each. */
  places: { file: string; clusters: readonly { cluster: number; scores: number }[] };
}

/** A customer of the sample bank to begin with. */
export interface BankExample {
  holdings: readonly Holding[];
  /** Level of each feature. */
  levels: Readonly<Record<string, string>>;
  /** Cluster by scheme; -1: none. */
  clusters: Readonly<Record<string, number>>;
  /** Lists that the run published for them. */
  published: readonly { campaign: string; code: string; score: number; probability: number; reason: string }[];
}

/** Facts that the demo's build takes from a run over the sample bank: `bank.json`. */
export interface DemoBank {
  referenceDate: string;
  /** The same as days since 1970-01-01. */
  referenceDay: number;
  customers: number;
  seed: number;
  /** How many product names the generator was asked for. */
  generatedProducts: number;
  products: readonly BankProduct[];
  bands: readonly BankBand[];
  campaigns: readonly BankCampaign[];
  /** Columns of customers by which models rank, and crossings of them. */
  features: readonly CodedFeature[];
  /** Customers in each cluster, by scheme. */
  clusters: Readonly<Record<string, readonly number[]>>;
  /** Length of the run's lists: further down nothing is known of probabilities. */
  topN: number;
  /** Time within which purchases are likely, as the config says it: `3 months`. */
  window: string;
  /** Keys of all products by falling popularity among all customers, with the share of them that took each in the last year. */
  popular: readonly { key: string; score: number }[];
  examples: readonly BankExample[];
  /** Eligibility rules: customers for whom one is not true get nothing of its class (of any class where it has none). */
  rules: readonly { reason: string; class: string | null }[];
  /** Distinct baskets: `customers` of each, and pairs of product position and band. Relative to the bank's folder. */
  baskets: string;
}

/** A holding as the page knows it. */
export interface Holding {
  key: string;
  band: number;
}

/** A basket of the sample bank, with the customers who have it. */
export interface KnownBasket {
  customers: number;
  holdings: readonly Holding[];
}

/** Reads the lines that `writeBaskets` made. */
export function readBaskets(text: string, products: readonly BankProduct[]): KnownBasket[] {
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
