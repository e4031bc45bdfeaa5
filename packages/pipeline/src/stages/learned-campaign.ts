import { type BankSource, listNow, type ScoredCampaign } from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { calibrate } from './calibrate.ts';
import type { RunContext } from './run-context.ts';
import type { LearnedCampaign } from './site.ts';
import type { Results } from './stage.ts';
import type { SuppressedCustomers } from './suppressed-customers.ts';
import { train } from './train.ts';

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
