import { writeJson } from '@basketwise/data/base';
import { type CampaignChoice, type CampaignPlan, chooseAt } from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import { datedSchemes } from '../config/check-features.ts';
import type { Config } from '../config/schema.ts';
import { cluster } from './cluster.ts';
import { featureParts } from './features.ts';
import { clusterParts, type Given, type StageInputs, withoutRules } from './made-of.ts';
import type { Stage } from './stage.ts';

/** Plans of the campaigns whose model, or the weights of its components, each run learns. */
function automaticPlans(plans: readonly CampaignPlan[]): CampaignPlan[] {
  return plans.filter(({ spec }) => spec === null);
}

/** Stage that chooses the models of campaigns. It compares them by the purchases in the windows before the reference date. Writes choice.json. */
export const choose: Stage<CampaignChoice[]> = {
  name: 'choose',
  when: (config) => automaticPlans(planCampaigns(config)).length > 0,
  without: [],
  madeOf: choiceParts,
  async work({ context, site, plan }, results) {
    const bank = await site.bank(results.of(cluster));
    const plans = automaticPlans(planCampaigns(plan.settings.config));
    const summary = await chooseAt(bank, plans, context.referenceDate, await context.tools());
    await writeJson(context.folder.file('choice.json'), summary);
    return { files: ['choice.json'], summary };
  },
};

/**
 * Inputs of the choice of models. Cluster schemes are inputs only if clusters shift a common model, and their earlier memberships
 * can be computed. Otherwise models are chosen without clusters.
 */
export async function choiceParts(given: Given): Promise<StageInputs> {
  const { config, campaigns } = given;
  const learned = automaticPlans(campaigns);
  const schemeOf = shiftingScheme(config);
  return {
    ...featureParts(given),
    ...(await clusterParts([...new Set(learned.flatMap((plan) => schemeOf(plan) ?? []))], given)),
    ...{ recency: config.recency, evaluate: config.evaluate, fallback: config.fallback ?? null },
    'automatic campaigns': learned.map((plan) => ({ ...withoutRules(plan), scheme: schemeOf(plan), pooling: plan.pooling })),
  };
}

function shiftingScheme(config: Config): (plan: CampaignPlan) => string | null {
  const dated = datedSchemes(config);
  return ({ scheme, pooling }) => (scheme !== null && pooling === 'partial' && dated.includes(scheme) ? scheme : null);
}
