import type { PlainDate, Product } from '@basketwise/core';
import type { Bank } from '../campaigns/bank.ts';
import { bandWeightsOf } from '../campaigns/bank-settings.ts';
import { type CampaignTable, withBaskets } from '../campaigns/baskets.ts';
import type { Calibration } from '../campaigns/calibration.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { NextProduct } from '../campaigns/next-product.ts';
import { type ScoredCampaign, scoreCampaign } from '../campaigns/score.ts';
import { type CampaignModels, ranksByFeatures, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import type { AdviceTools, BankSource } from './bank-source.ts';
import { type CampaignCalibration, calibrateAt } from './calibrate-at.ts';
import { calibrateNextProduct, type NextProductCalibration } from './calibrate-next-product.ts';
import { type CampaignChoice, wantedModel } from './campaign-choice.ts';
import { chooseAt } from './choose-at.ts';

/** Lists of a campaign, with the choice of its model, the models and the calibration. */
export interface Advice {
  plan: CampaignPlan;
  /** Result of the automatic choice. Null if the plan names the model. */
  choice: CampaignChoice | null;
  /**
   * Calibration of purchases in a window, or without dates of the next product. Null: there were too few test customers, and lists have no
   * probabilities.
   */
  calibration: CampaignCalibration | NextProductCalibration | null;
  models: CampaignModels;
  scored: ScoredCampaign;
}

/** Recommends products by the steps of the batch job: choose models, train them, calibrate their probabilities, make the lists. */
export async function recommend(
  bank: BankSource,
  plans: readonly CampaignPlan[],
  date: PlainDate,
  tools: AdviceTools,
): Promise<Advice[]> {
  const learned = plans.filter(({ spec }) => spec === null);
  const choices = learned.length === 0 ? [] : await chooseAt(bank, learned, date, tools);
  const trained: CampaignModels[] = [];
  for (const plan of plans) trained.push((await trainNow(bank, plan, wantedModel(plan, choices), tools)).models);
  const isDated = tools.settings.tables.holdings.date !== null;
  const calibrations = await (isDated ? calibrateAt : calibrateNextProduct)(bank, plans, choices, date, tools);
  const advice: Advice[] = [];
  for (const [i, plan] of plans.entries()) {
    const calibration = calibrations[i]!;
    const models = trained[i]!;
    const scored = await listNow(bank, plan, { models, calibration }, tools);
    advice.push({ plan, choice: choices.find(({ campaign }) => campaign === plan.name) ?? null, calibration, models, scored });
  }
  return advice;
}

/** Fits the models of a campaign to the bank as of the reference date. */
export function trainNow(
  bank: BankSource,
  plan: CampaignPlan,
  wanted: WantedModel,
  { pool, settings, signal, step }: AdviceTools,
): ReturnType<typeof trainCampaign> {
  const bandWeights = bandWeightsOf(settings);
  return bank.now(plan, (now) =>
    withBaskets(pool, now, plan, (table) =>
      trainCampaign({ pool, bandWeights, signal }, now, table, wanted, (done, total) =>
        step?.(`model ${done + 1} of ${total}`, 'train'),
      ),
    ),
  );
}

/**
 * Makes the lists of a campaign's target customers.
 * @param visit called with the lists while the campaign's baskets are still in kernel memory
 */
export function listNow(
  bank: BankSource,
  plan: CampaignPlan,
  { models, calibration }: { models: CampaignModels; calibration: Calibration | NextProduct | null },
  { pool, settings, signal, step, namesInReasons }: AdviceTools,
  visit?: (table: CampaignTable, made: ScoredCampaign) => Promise<void>,
): Promise<ScoredCampaign> {
  step?.(`scoring ${plan.name}`, 'list');
  const { top_n: topN, fallback, rules } = settings;
  const list = (now: Bank) =>
    withBaskets(pool, now, plan, async (table) => {
      const productName = namesInReasons ? productNaming(now.products) : undefined;
      const tools = { ...{ pool, topN, fallback, rules, signal }, productName };
      const made = await scoreCampaign(tools, now, table, models, calibration);
      await visit?.(table, made);
      return made;
    });
  return bank.now(plan, list, ranksByFeatures(models));
}

/** Returns a function from a group key to the name of the product whose code is the key. */
function productNaming(products: readonly Product[]): (key: string) => string {
  const names = new Map(products.map(({ code, name }) => [code, name]));
  return (key) => names.get(key) ?? key;
}
