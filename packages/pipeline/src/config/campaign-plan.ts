import type { CampaignChoice, WantedModel } from '@basketwise/core/advice';
import { isLearned, needsAcquisitions, type CampaignPlan as PlannedCampaign } from '@basketwise/core/kinds';
import { campaignModel } from './campaign-model.ts';
import type { Config } from './schema.ts';
import type { ModelConfig } from './schema-model.ts';
import { isPooled, specOfConfig } from './spec-of-config.ts';

/** A campaign with everything that its config implies written out. */
export interface CampaignPlan extends PlannedCampaign {
  model: ModelConfig;
}

/** The campaigns of a config, in its order. */
export function planCampaigns(config: Config): CampaignPlan[] {
  return Object.entries(config.campaigns).map(([name, campaign]) => {
    const model = campaignModel(config, name);
    return {
      name,
      kind: campaign.kind,
      class: campaign.class,
      columns: campaign.columns ?? [campaign.class],
      scheme: campaign.by_cluster ?? null,
      pooling: campaign.pooling ?? (isPooled(model) ? 'partial' : 'none'),
      train: campaign.train ?? (campaign.kind === 'upsell' ? 'holders' : 'all'),
      model,
      rules: config.rules.flatMap((rule, i) => (rule.class === undefined || rule.class === campaign.class ? [i] : [])),
    };
  });
}

/** How a campaign's model is fitted: as it was chosen, else as the config says. */
export function wantedModel({ name, model }: CampaignPlan, choices: readonly CampaignChoice[]): WantedModel {
  if (!isLearned(model)) return { spec: specOfConfig(model), trained: null };
  const { spec, trained } = choices.find(({ campaign }) => campaign === name)!;
  return { spec, trained };
}

/** Whether a campaign's model may learn from dated acquisitions. */
export function learnsFromDates({ model }: Pick<CampaignPlan, 'model'>): boolean {
  return isLearned(model) || needsAcquisitions(specOfConfig(model));
}
