import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';
import type { ClusterOfCustomers } from '../campaigns/dated-clusters.ts';
import type { ClassPurchases } from '../campaigns/purchase-rates.ts';
import type { PlainDate } from '../dates/plain-date.ts';
import type { EvaluationWindow } from '../dates/windows.ts';
import type { BankAt, BankOfWindow } from '../evaluation/bank-at.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** The bank that lists are made for, as it is and as it was, wherever its customers are: all that the steps of a recommender ask of it. */
export interface BankSource {
  /**
   * Lends the bank of the date of the lists that a campaign works with, for as long as `use` takes.
   * @param told whether customers are told apart by their features
   */
  now<T>(plan: CampaignPlan, use: (bank: Bank) => Promise<T>, told?: boolean): Promise<T>;
  /** The bank as of earlier dates, or with products hidden, to learn from. */
  lookBack(asked: LookBack): Promise<PastBanks>;
  /** Purchases in a window before the date of the lists, and the lists' customers then. The bank is in kernel memory until the caller releases it. */
  lessons(plans: readonly CampaignPlan[], date: PlainDate, window: EvaluationWindow): Promise<Lessons>;
}

/** Question for the bank's past. */
export interface LookBack {
  plans: readonly CampaignPlan[];
  date: PlainDate;
  /** Customers to look at, and the seed of their sample. */
  size: number;
  seed: number;
  /** Without dates: the fold of customers who are tested elsewhere, and of whom nothing hidden may be known. */
  hidden?: number | undefined;
}

/** A bank as of the beginnings of windows, the newest first. */
export interface PastBanks {
  windows: readonly EvaluationWindow[];
  /** The bank of a window, by its place; in kernel memory until the caller releases it. */
  at(place: number): Promise<BankOfWindow>;
  /** Features of the same customers beside their holdings; null: there are none. */
  contexts(place: number): Promise<CustomerContexts | null>;
  /** Clusters of a scheme at each window; null where they are not known at each. */
  clusters(scheme: string): Promise<readonly ClusterOfCustomers[] | null>;
}

/** The data that probabilities are learned from: `usualSample` of the customers. */
export interface Lessons {
  /** As of the beginning of the window. */
  bank: BankAt;
  /** Purchases of products of a class before that date, and before the date of the lists. */
  purchases(name: string): { past: ClassPurchases; now: ClassPurchases };
  /** Features of the bank's customers beside their holdings; undefined: there are none. */
  contexts: CustomerContexts | undefined;
  /** Schemes whose clusters are those of the window: others go by columns of today, which may know what was bought. */
  asOf: ReadonlySet<string>;
}

/** Tools that the steps of a recommender work with. */
export interface AdviceTools {
  pool: KernelPool;
  settings: BankSettings;
  signal?: AbortSignal | undefined;
  /** Hears what is being done, and in which step. */
  step?: ((text: string, step: 'choose' | 'train' | 'calibrate' | 'list') => void) | undefined;
}
