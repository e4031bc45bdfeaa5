import { AppError, type KernelPool } from '@basketwise/core';
import {
  automaticKind,
  type BankSettings,
  type CalendarSpan,
  type CampaignCalibration,
  type CampaignChoice,
  type CampaignPlan,
  calibrateAt,
  chooseAt,
  dateOfDay,
  learningWindows,
  loadBankAt,
  type PlainDate,
  type Product,
  parseSpan,
  type ScoredCampaign,
  scoreCampaign,
  trainCampaign,
  usualBands,
  usualLength,
  usualSample,
  usualTest,
  withBaskets,
} from '@basketwise/core/advice';
import type { OwnBank } from './own-bank.ts';
import { onlyClass, ownRecords } from './own-records.ts';

/** Whom lists are made for: holders of a class, or those who hold none of it; without a class all products are of one. */
export interface OwnCampaign {
  kind: 'upsell' | 'cross';
  class: string | null;
  /** Classes whose products are held in its baskets. */
  columns: readonly string[];
}

/** The step that is being done. */
export type TrainStage = 'read' | 'learn' | 'train' | 'calibrate' | 'list';

/** A dropped bank and what is to be made of it. */
export interface OwnJob {
  bank: OwnBank;
  campaign: OwnCampaign;
  /** The day that the holdings are of; null: they have no dates. */
  date: PlainDate | null;
  /** Share of the stage that is done, 0 .. 1. */
  onProgress?: (stage: TrainStage, share: number) => void;
}

/** Lists for a dropped bank, and how good they are. */
export interface TrainedBank {
  products: readonly Product[];
  choice: CampaignChoice;
  /** Null where holdings have no dates: lists have no probabilities. */
  calibration: CampaignCalibration | null;
  scored: ScoredCampaign;
  /** Distinct baskets. */
  baskets: number;
}

function span(text: string): CalendarSpan {
  const found = parseSpan(text);
  if (!found) throw new AppError('bug', `${text} is no span of time`, 'Report this.');
  return found;
}

/** The settings of a config that says nothing but what there is. */
function usualSettings(isDated: boolean): BankSettings {
  const { window, gap, bootstrap, seed } = usualTest;
  return {
    tables: { holdings: { date: isDated ? 'opened' : null } },
    recency: { bands: usualBands.map(({ within, weight }) => ({ weight, ...(within && { within: span(within) }) })) },
    evaluate: { window: span(window), gap: span(gap), bootstrap, seed },
    top_n: usualLength,
    rules: [],
  };
}

/** The plan of the campaign: the model is chosen and learned from what was bought. */
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
    rules: [],
  };
}

/**
 * Trains the default model on a dropped bank as the nightly job does, judges it against best sellers on the newest window, and makes everybody's list: the
 * same functions in the same order, so the same results. What is in kernel memory is given back.
 */
export async function trainOwn(pool: KernelPool, { bank, campaign, date, onProgress }: OwnJob): Promise<TrainedBank> {
  const mark = pool.memory.mark();
  try {
    const records = ownRecords(bank, campaign.class !== null);
    const config = usualSettings(date !== null);
    const plan = planOf(campaign);
    const on = date ?? dateOfDay(0);
    let done = 0;
    const step = () => onProgress?.('learn', done++ / learningWindows);
    const [choice] = await chooseAt({ pool, records, config, step }, [plan], on);
    const { spec, trained } = choice!;
    const wanted = { spec, trained };
    onProgress?.('train', 0);
    const bandWeights = config.recency.bands.map(({ weight }) => weight);
    const now = await loadBankAt(pool, records, config, [plan], { at: on, from: on, to: on });
    const learned = date === null ? { ...now, acquisitions: null } : now;
    return await withBaskets(pool, learned, plan, async (table) => {
      const { models } = await trainCampaign({ pool, bandWeights }, learned, table, wanted);
      onProgress?.('calibrate', 0);
      const calibrated = [{ plan, wanted, judged: false }];
      const [calibration = null] =
        date === null ? [] : await calibrateAt({ pool, records, config, contexts: null }, calibrated, on, new Map());
      onProgress?.('list', 0);
      const tools = { pool, topN: config.top_n, fallback: config.fallback, rules: config.rules };
      const scored = await scoreCampaign(tools, learned, table, models, calibration);
      return { products: now.products, choice: choice!, calibration, scored, baskets: table.table.rows };
    });
  } finally {
    pool.memory.release(mark);
  }
}
