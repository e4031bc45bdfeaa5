import type { EvaluationWindow, KernelPool, PlainDate } from '@basketwise/core';
import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { ClassPurchases } from '../campaigns/class-purchases.ts';
import type { ClusterOfCustomers, CustomerContexts } from '../campaigns/customer-contexts.ts';
import type { MonthOpenings } from '../campaigns/seasons.ts';
import type { BankAt, BankOfWindow } from '../evaluation/bank-at.ts';

/**
 * Source of a bank's data for the steps of a recommender, on the reference date and on earlier dates. The data come from records in memory or from a
 * server.
 */
export interface BankSource {
  /**
   * Calls `use` with the bank as of the reference date, for one campaign.
   * @param withFeatures whether the bank includes the features of its customers
   */
  now<T>(plan: CampaignPlan, use: (bank: Bank) => Promise<T>, withFeatures?: boolean): Promise<T>;
  /** Returns training data of the past: the bank as of earlier dates, or with held-out products. */
  lookBack(asked: LookBack): Promise<PastBanks>;
  /**
   * Returns the customers at the start of a window before the reference date, and their purchases in the window. The bank stays in kernel memory
   * until the caller releases it.
   */
  calibrationData(plans: readonly CampaignPlan[], date: PlainDate, window: EvaluationWindow): Promise<CalibrationData>;
  /**
   * Returns the bank with one product held out for each customer of a fold, for holdings without dates. The bank stays in kernel memory until the
   * caller releases it. Absent: the source cannot hold out products.
   */
  heldOut?(asked: HeldOutRequest): Promise<HeldOutData>;
}

/** Request for a bank with held-out products. */
export interface HeldOutRequest extends Pick<LookBack, 'plans' | 'date' | 'heldOutFold'> {
  /** Fold of the customers who have a product held out. */
  fold: number;
}

/**
 * Bank of a sample of customers (`usualSample`) with held-out products, and the customers' features. `contexts` is undefined if the bank has no
 * features.
 */
export type HeldOutData = Pick<CalibrationData, 'bank' | 'contexts'>;

/** Request for training data of the past. */
export interface LookBack {
  plans: readonly CampaignPlan[];
  date: PlainDate;
  /** Size of the sample of customers. */
  size: number;
  /** Seed of the sample. */
  seed: number;
  /** Fold of the customers of an outer test, for holdings without dates. The held-out products of these customers must occur in no training data. */
  heldOutFold?: number | undefined;
}

/** Banks as of the start of each window, newest window first. */
export interface PastBanks {
  windows: readonly EvaluationWindow[];
  /** Returns the bank of a window, by position. The bank stays in kernel memory until the caller releases it. */
  at(place: number): Promise<BankOfWindow>;
  /** Returns the features of the customers as of a window, by position. Null if the bank has no features. */
  contexts(place: number): Promise<CustomerContexts | null>;
  /** Returns the clusters of a scheme as of each window. Null if the clusters of any window are unknown. */
  clusters(scheme: string): Promise<readonly ClusterOfCustomers[] | null>;
}

/** Data for calibrating probabilities, of a sample of customers (`usualSample`). */
export interface CalibrationData {
  /** Bank as of the start of the window. */
  bank: BankAt;
  /** Returns the purchases of a class's products before the start of the window (`past`) and before the reference date (`now`). */
  purchases(name: string): { past: ClassPurchases['counts']; now: ClassPurchases };
  /** Openings of all products up to the reference date, by month. */
  openings: readonly MonthOpenings[];
  /** Features of the customers as of the start of the window. Undefined if the bank has no features. */
  contexts: CustomerContexts | undefined;
  /**
   * Schemes whose clusters are known as of the window. Clusters of other schemes come from today's customer columns, which can depend on the
   * purchases in the window.
   */
  asOf: ReadonlySet<string>;
}

/** Resources and settings for the steps of a recommender. */
export interface AdviceTools {
  pool: KernelPool;
  settings: BankSettings;
  signal?: AbortSignal | undefined;
  /** Whether reasons contain the names of products instead of their codes. Default false. */
  namesInReasons?: boolean;
  /** Callback for progress: a text for the log, and the current step. */
  step?: ((text: string, step: 'choose' | 'train' | 'calibrate' | 'list') => void) | undefined;
}
