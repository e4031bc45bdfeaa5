import type { CampaignPlan as PlannedCampaign } from '@basketwise/core/kinds';
import { campaignModel } from './campaign-model.ts';
import type { Config } from './schema.ts';
import type { ModelConfig } from './schema-model.ts';
import { isPooled } from './spec-of-config.ts';

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
