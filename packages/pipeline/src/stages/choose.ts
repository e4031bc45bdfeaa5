import { type CampaignChoice, chooseAt, type GroupedBanks, isLearned } from '@basketwise/core/advice';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** Campaigns whose model is to be chosen, or its weights learned. */
export function automaticPlans(plans: readonly CampaignPlan[]): CampaignPlan[] {
  return plans.filter(({ model }) => isLearned(model));
}

/** Chooses the models of campaigns by what customers bought in the windows before the reference date; writes choice.json. */
export async function chooseStage(
  context: RunContext,
  plans: readonly CampaignPlan[],
  grouped?: GroupedBanks,
): Promise<StageResult<CampaignChoice[]>> {
  const [pool, records] = [await context.pool(), await context.records()];
  const { signal, tell: step } = context;
  const contexts = grouped ? null : await context.contexts();
  const clusters = grouped ? undefined : await context.datedClusters();
  const { config } = context.settings;
  const tools = { pool, records, grouped, config, contexts, clusters, signal, step };
  const choices = await chooseAt(tools, plans, context.referenceDate);
  await writeJson(context.folder.file('choice.json'), choices);
  return { files: ['choice.json'], summary: choices };
}
