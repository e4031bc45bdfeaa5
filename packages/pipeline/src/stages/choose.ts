import { type BankSource, type CampaignChoice, type CampaignPlan, chooseAt } from '@basketwise/core/advice';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** Campaigns whose model is to be chosen, or its weights learned. */
export function automaticPlans(plans: readonly CampaignPlan[]): CampaignPlan[] {
  return plans.filter(({ spec }) => spec === null);
}

/** Chooses the models of campaigns by what customers bought in the windows before the reference date; writes choice.json. */
export async function chooseStage(
  context: RunContext,
  bank: BankSource,
  plans: readonly CampaignPlan[],
): Promise<StageResult<CampaignChoice[]>> {
  const choices = await chooseAt(bank, plans, context.referenceDate, await context.tools());
  await writeJson(context.folder.file('choice.json'), choices);
  return { files: ['choice.json'], summary: choices };
}
