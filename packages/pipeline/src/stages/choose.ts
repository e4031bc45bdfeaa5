import type { CampaignPlan } from '../config/campaign-plan.ts';
import { isLearned } from '../config/spec-of-config.ts';
import type { CampaignChoice } from '../evaluation/campaign-choice.ts';
import { chooseAt } from '../evaluation/choose-at.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { Workshop } from './workshop.ts';

/** Campaigns whose model is to be chosen, or its weights learned. */
export function automaticPlans(plans: readonly CampaignPlan[]): CampaignPlan[] {
  return plans.filter(({ model }) => isLearned(model));
}

/** Chooses the models of campaigns by what customers bought in the windows before the reference date; writes choice.json. */
export async function chooseStage(workshop: Workshop, plans: readonly CampaignPlan[]): Promise<StageResult<CampaignChoice[]>> {
  const [pool, snapshot] = [await workshop.pool(), await workshop.snapshot()];
  const { signal, tell: step } = workshop;
  const contexts = await workshop.contexts();
  const tools = { pool, snapshot, config: workshop.settings.config, contexts, signal, step };
  const choices = await chooseAt(tools, plans, workshop.referenceDate);
  await writeJson(workshop.folder.file('choice.json'), choices);
  return { files: ['choice.json'], summary: choices };
}
