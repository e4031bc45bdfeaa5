import { type CampaignPlan, isLearned } from '@basketwise/recommend/plan';
import { campaignModel } from './campaign-model.ts';
import type { Config } from './schema.ts';
import { isPooled, specOfConfig } from './spec-of-config.ts';

/** Plans of the campaigns of a config, in order. */
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
      spec: isLearned(model) ? null : specOfConfig(model),
      rules: config.rules.flatMap((rule, i) => (rule.class === undefined || rule.class === campaign.class ? [i] : [])),
    };
  });
}
