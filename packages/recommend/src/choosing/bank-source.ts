import type { EvaluationWindow, KernelPool, PlainDate } from '@basketwise/core/parts';
import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';
import type { ClusterOfCustomers } from '../campaigns/dated-clusters.ts';
import type { ClassPurchases } from '../campaigns/purchase-rates.ts';
import type { BankAt, BankOfWindow } from '../evaluation/bank-at.ts';

/**
 * Data of a bank for the steps of a recommender, on the date of the lists and on earlier dates. They come from records in memory
 * or from a server.
 */
export interface BankSource {
  /**
   * Calls `use` with the bank as of the date of the lists, for one campaign.
   * @param withFeatures whether the bank has the features of its customers
   */
  now<T>(plan: CampaignPlan, use: (bank: Bank) => Promise<T>, withFeatures?: boolean): Promise<T>;
  /** Bank as of earlier dates, or with held-out products, for training. */
  lookBack(asked: LookBack): Promise<PastBanks>;
  /**
   * Customers at the start of a window before the date of the lists, and their purchases in it.
   * The bank stays in kernel memory until the caller releases it.
   */
  calibrationData(plans: readonly CampaignPlan[], date: PlainDate, window: EvaluationWindow): Promise<CalibrationData>;
  /**
   * Bank whose customers of a fold have a product held out, for data without dates. In kernel memory until the caller releases it.
   * Absent: the source cannot hold out products.
   */
  heldOut?(asked: HeldOutRequest): Promise<HeldOutData>;
}

/** Request for a bank with held-out products. */
export interface HeldOutRequest extends Pick<LookBack, 'plans' | 'date' | 'heldOutFold'> {
  /** Fold whose customers have a product held out. */
  fold: number;
}

/** Bank with held-out products, of a sample of customers (`usualSample`), and their features; undefined without features. */
export type HeldOutData = Pick<CalibrationData, 'bank' | 'contexts'>;

/** Request for the bank's past. */
export interface LookBack {
  plans: readonly CampaignPlan[];
  date: PlainDate;
  /** Size of the sample of customers. */
  size: number;
  /** Seed of the sample. */
  seed: number;
  /** For data without dates: fold of customers held out by another test. Their held-out products are in no data. */
  heldOutFold?: number | undefined;
}

/** Bank as of the beginnings of windows, newest first. */
export interface PastBanks {
  windows: readonly EvaluationWindow[];
  /** Bank of a window, by position. In kernel memory until the caller releases it. */
  at(place: number): Promise<BankOfWindow>;
  /** Features of the same customers; null without features. */
  contexts(place: number): Promise<CustomerContexts | null>;
  /** Clusters of a scheme at each window. Null if some are unknown. */
  clusters(scheme: string): Promise<readonly ClusterOfCustomers[] | null>;
}

/** Data of a sample of customers (`usualSample`) for calibrating probabilities. */
export interface CalibrationData {
  /** Bank as of the beginning of the window. */
  bank: BankAt;
  /** Purchases of products of a class before that date, and before the date of the lists. */
  purchases(name: string): { past: ClassPurchases; now: ClassPurchases };
  /** Features of the bank's customers; undefined without features. */
  contexts: CustomerContexts | undefined;
  /**
   * Schemes whose clusters are as of the window. Clusters of other schemes come from today's columns, which can depend on the
   * purchases.
   */
  asOf: ReadonlySet<string>;
}

/** Resources for the steps of a recommender. */
export interface AdviceTools {
  pool: KernelPool;
  settings: BankSettings;
  signal?: AbortSignal | undefined;
  /** Whether reasons have the names of products instead of their codes. Default false. */
  namesInReasons?: boolean;
  /** Receives progress: a text, and the step. */
  step?: ((text: string, step: 'choose' | 'train' | 'calibrate' | 'list') => void) | undefined;
}
