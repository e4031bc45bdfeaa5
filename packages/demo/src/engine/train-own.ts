import { type KernelPool, learningWindows, type PlainDate, required } from '@basketwise/core';
import { type AdviceTools, type BankProduct, type CustomerLists, recommendTo } from '@basketwise/recommend';
import type { OwnBank } from './own-bank.ts';

/**
 * Campaign of the user's own bank. `upsell`: lists for holders of the class. `cross`: lists for customers without it. `class` null: products have no
 * classes.
 */
export interface OwnCampaign {
  kind: 'upsell' | 'cross';
  class: string | null;
  /** Classes of the products in the campaign's baskets. */
  columns: readonly string[];
}

/** Stage of reading and training. */
export type TrainStage = 'read' | 'learn' | 'train' | 'calibrate' | 'list';

/** The user's own bank, and the settings of its training. */
export interface OwnJob {
  bank: OwnBank;
  campaign: OwnCampaign;
  /** Reference date of the holdings. Null: the holdings have no dates. */
  date: PlainDate | null;
  /** Receives the current stage and the completed share of this stage, 0 to 1. */
  onProgress?: (stage: TrainStage, share: number) => void;
}

/** Products of the user's own bank, with names and classes from the file of products. */
function ownProducts({ codes, described }: OwnBank): BankProduct[] {
  return codes.map((code) => {
    const description = described && required(described, code);
    return {
      code,
      ...(description && { name: description.name, ...(description.class !== null && { class: description.class }) }),
    };
  });
}

/** Stage of the page for each step of the recommender. */
const taskStages = { choose: 'learn', train: 'train', calibrate: 'calibrate', list: 'list' } as const;

/**
 * Trains the default model on the user's own bank, tests it in the newest window, and makes the lists of all customers. The steps are those of the
 * batch job.
 */
export function trainOwn(pool: KernelPool, { bank, campaign, date, onProgress }: OwnJob): Promise<CustomerLists> {
  const { kind, class: className, columns } = campaign;
  let learned = 0;
  const step: AdviceTools['step'] = (_, step) =>
    onProgress?.(taskStages[step], step === 'choose' ? learned++ / learningWindows : 0);
  const { customer, product, days, closed } = bank;
  const rows = { customer, product, closed, ...(date !== null && { days }) };
  const holdings = { ...rows, products: ownProducts(bank), customers: bank.ids.length };
  return recommendTo(pool, holdings, {
    step,
    ...(date && { date }),
    ...(className !== null && { campaign: { kind, class: className, columns } }),
  });
}
