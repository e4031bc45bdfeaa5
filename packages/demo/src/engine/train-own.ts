import { AppError } from '@basketwise/core';
import {
  type CalendarSpan,
  dateOfDay,
  type KernelPool,
  learningWindows,
  type PlainDate,
  type Product,
  parseSpan,
  required,
} from '@basketwise/core/parts';
import {
  type AdviceTools,
  automaticKind,
  type BankSettings,
  bankOfRecords,
  type CampaignCalibration,
  type CampaignChoice,
  type CampaignPlan,
  recommend,
  recordsOfRows,
  type ScoredCampaign,
  usualBands,
  usualLength,
  usualSample,
  usualTest,
} from '@basketwise/recommend';
import type { OwnBank } from './own-bank.ts';

/** Class of all products, if the file has no classes. */
const onlyClass = 'product';

/** Target customers: holders of a class, or customers without it; without a class all products are of one. */
export interface OwnCampaign {
  kind: 'upsell' | 'cross';
  class: string | null;
  /** Classes of the products in its baskets. */
  columns: readonly string[];
}

/** The running step. */
export type TrainStage = 'read' | 'learn' | 'train' | 'calibrate' | 'list';

/** A bank from dropped files and the settings of its training. */
export interface OwnJob {
  bank: OwnBank;
  campaign: OwnCampaign;
  /** The reference day of the holdings; null: they have no dates. */
  date: PlainDate | null;
  /** Share of the stage that is done, 0 .. 1. */
  onProgress?: (stage: TrainStage, share: number) => void;
}

/** Lists for a bank from dropped files, and their quality. */
export interface TrainedBank {
  products: readonly Product[];
  choice: CampaignChoice;
  /** Null if holdings have no dates: lists have no probabilities. */
  calibration: CampaignCalibration | null;
  scored: ScoredCampaign;
  /** Distinct baskets. */
  baskets: number;
}

function requiredSpan(text: string): CalendarSpan {
  const found = parseSpan(text);
  if (!found) throw new AppError('bug', `${text} is no span of time`, 'Report this.');
  return found;
}

/** The settings of a config with only the required keys. */
function usualSettings(isDated: boolean): BankSettings {
  const { window, gap, bootstrap, seed } = usualTest;
  return {
    tables: { holdings: { date: isDated ? 'opened' : null } },
    recency: { bands: usualBands.map(({ within, weight }) => ({ weight, ...(within && { within: requiredSpan(within) }) })) },
    evaluate: { window: requiredSpan(window), gap: requiredSpan(gap), bootstrap, seed },
    top_n: usualLength,
    rules: [],
  };
}

/** The plan of the campaign: the model is chosen and learned from purchases. */
function planOf({ kind, class: of, columns }: OwnCampaign): CampaignPlan {
  return {
    name: of === null ? 'all' : `${of}-${kind}`,
    kind,
    class: of ?? onlyClass,
    columns: of === null ? [onlyClass] : columns,
    scheme: null,
    pooling: 'partial',
    train: kind === 'upsell' ? 'holders' : 'all',
    model: { kind: automaticKind, ...usualSample },
    spec: null,
    rules: [],
  };
}

/** Products of a bank from dropped files. @param byClass whether they have the classes of the file of products; else all are of one */
function ownProducts({ codes, described }: OwnBank, byClass: boolean): Product[] {
  return codes.map((code, product): Product => {
    const known = described && required(described, code);
    const of = byClass ? (known?.class ?? onlyClass) : onlyClass;
    return { ...{ product, code, name: known?.name ?? code, class: of, groupKey: code }, onSale: true, representative: product };
  });
}

/** The step of a recommender as text of the page. */
const taskStages = { choose: 'learn', train: 'train', calibrate: 'calibrate', list: 'list' } as const;

/**
 * Trains the default model on a bank from dropped files as the batch job does, compares it with the popularity baselines on the newest
 * window, and makes all customers' lists: by the same functions, so with the same results. Releases all kernel memory.
 */
export async function trainOwn(pool: KernelPool, { bank, campaign, date, onProgress }: OwnJob): Promise<TrainedBank> {
  const mark = pool.memory.mark();
  try {
    const products = ownProducts(bank, campaign.class !== null);
    const records = recordsOfRows(bank, { customers: bank.ids.length, products });
    const settings = usualSettings(date !== null);
    const plans = [planOf(campaign)];
    const on = date ?? dateOfDay(0);
    const source = bankOfRecords({ pool, records, settings, plans, date: on });
    let learned = 0;
    const step: AdviceTools['step'] = (_, step) =>
      onProgress?.(taskStages[step], step === 'choose' ? learned++ / learningWindows : 0);
    const [advice] = await recommend(source, plans, on, { pool, settings, step });
    const { choice, calibration, scored } = advice!;
    return { products, choice: choice!, calibration, scored, baskets: scored.results.units.start.length - 1 };
  } finally {
    pool.memory.release(mark);
  }
}
