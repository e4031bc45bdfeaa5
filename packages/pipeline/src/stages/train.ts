import { type Model, required, saveModel } from '@basketwise/core';
import { trainedOn } from '@basketwise/data';
import { makeFolder, writeWhole } from '@basketwise/data/base';
import {
  type BankSource,
  type CampaignModels,
  type CampaignPlan,
  listNow,
  type ScoredCampaign,
  trainNow,
  wantedModel,
} from '@basketwise/recommend';
import { type CampaignTraining, loadFitted } from '../campaigns/saved-models.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { calibrate } from './calibrate.ts';
import { choiceParts, choose } from './choose.ts';
import { cluster } from './cluster.ts';
import { clusterParts, type Given, type StageInputs, withoutRules } from './made-of.ts';
import type { RunContext } from './run-context.ts';
import type { LearnedCampaign } from './site.ts';
import type { EachStage, Results } from './stage.ts';
import type { SuppressedCustomers } from './suppressed-customers.ts';

/** Stage that fits and saves the models of a campaign. It runs once for each campaign. */
export const train: EachStage<CampaignTraining, CampaignModels> = {
  name: 'train',
  each: ({ campaigns }) => Object.keys(campaigns),
  madeOf: (given, campaign) => trainingParts(given.campaigns.find(({ name }) => name === campaign)!, given),
  async work({ context, site, plan: { settings } }, results, campaign) {
    const plan = planCampaigns(settings.config).find(({ name }) => name === campaign)!;
    const wanted = wantedModel(plan, results.of(choose).summary);
    const bank = await site.bank(results.of(cluster));
    const { models, fits, warnings } = await trainNow(bank, plan, wanted, await context.tools());
    const dataHash = trainedOn((await context.snapshot()).manifest);
    await makeFolder(context.folder.file(`models/campaigns/${campaign}`));
    for (const { cluster: number, file } of fits) {
      const model = number === null ? models.all! : required(models.byCluster, number);
      await writeWhole(context.folder.file(file), await saveModel(model.state(), { dataHash }));
    }
    const summary = { campaign, spec: wanted.spec, fits, warnings };
    return { files: fits.map(({ file }) => file), summary, live: models };
  },
  /** Reads the saved models. @throws AppError bad-data if a file is damaged or its model was fitted to other data */
  async read({ spec, fits }, { context }) {
    const dataHash = trainedOn((await context.snapshot()).manifest);
    const byCluster = new Map<number, Model>();
    let all: Model | null = null;
    for (const { cluster: number, file } of fits) {
      const model = await loadFitted(context.folder.file(file), dataHash);
      if (number === null) all = model;
      else byCluster.set(number, model);
    }
    return { kind: spec.kind, byCluster, all };
  },
};

/** Inputs of a campaign's models. The models depend on its baskets, which are grouped by cluster and by the campaign's rules. */
export async function trainingParts(plan: CampaignPlan, given: Given): Promise<StageInputs> {
  const { config, request } = given;
  const rules = plan.rules.map((i) => request.rules[i]);
  return {
    ...{ derive: config.derive, recency: config.recency, [`rules of ${plan.name}`]: rules },
    [`campaign ${plan.name}`]: withoutRules(plan),
    ...(plan.scheme === null ? {} : await clusterParts([plan.scheme], given)),
    ...(plan.spec === null ? await choiceParts(given) : {}),
  };
}

/** Campaigns of a run with their models and calibrations, in the order of the config. */
export function learnedCampaigns(results: Results, config: Config): LearnedCampaign[] {
  const trainings = results.each(train);
  const { summary: calibrations } = results.of(calibrate);
  return planCampaigns(config).map((plan, i) => ({
    ...{ plan, models: () => trainings[i]!.take(), calibration: calibrations[i] ?? null },
  }));
}

/**
 * Makes the lists of a campaign.
 * @param suppressed collects the target customers that rules exclude or that have no list
 */
export async function listCampaign(
  context: RunContext,
  bank: BankSource,
  { plan, models, calibration }: LearnedCampaign,
  suppressed?: SuppressedCustomers,
): Promise<ScoredCampaign> {
  const learned = { models: await models(), calibration };
  return listNow(bank, plan, learned, await context.tools(), async (table, { results }) => suppressed?.add(table, results.unit));
}
