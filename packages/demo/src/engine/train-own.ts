import { type KernelPool, learningWindows, type PlainDate, required } from '@basketwise/core/parts';
import { type AdviceTools, type BankProduct, type CustomerLists, recommendTo } from '@basketwise/recommend';
import type { OwnBank } from './own-bank.ts';

/** Target customers: holders of a class, or customers without it. Without classes, all products are of the same one. */
export interface OwnCampaign {
  kind: 'upsell' | 'cross';
  class: string | null;
  /** Classes of the products in its baskets. */
  columns: readonly string[];
}

/** Running step. */
export type TrainStage = 'read' | 'learn' | 'train' | 'calibrate' | 'list';

/** Bank from dropped files, and the settings of its training. */
export interface OwnJob {
  bank: OwnBank;
  campaign: OwnCampaign;
  /** Reference day of the holdings; null: they have no dates. */
  date: PlainDate | null;
  /** Reports the share of the stage that is done, 0 to 1. */
  onProgress?: (stage: TrainStage, share: number) => void;
}

/** Products of a bank from dropped files, with the names and classes of the file of products. */
function ownProducts({ codes, described }: OwnBank): BankProduct[] {
  return codes.map((code) => {
    const known = described && required(described, code);
    return { code, ...(known && { name: known.name, ...(known.class !== null && { class: known.class }) }) };
  });
}

/** Stages of the page by step of the recommender. */
const taskStages = { choose: 'learn', train: 'train', calibrate: 'calibrate', list: 'list' } as const;

/**
 * Trains the default model on a bank from dropped files, tests it on the newest window, and makes the lists of all customers. All
 * steps are those of the batch job.
 */
export function trainOwn(pool: KernelPool, { bank, campaign, date, onProgress }: OwnJob): Promise<CustomerLists> {
  const { kind, class: of, columns } = campaign;
  let learned = 0;
  const step: AdviceTools['step'] = (_, step) =>
    onProgress?.(taskStages[step], step === 'choose' ? learned++ / learningWindows : 0);
  const { customer, product, days, closed } = bank;
  const rows = { customer, product, closed, ...(date !== null && { days }) };
  const holdings = { ...rows, products: ownProducts(bank), customers: bank.ids.length };
  return recommendTo(pool, holdings, {
    step,
    ...(date && { date }),
    ...(of !== null && { campaign: { kind, class: of, columns } }),
  });
}
