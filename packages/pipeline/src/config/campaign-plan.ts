import { campaignModel } from './campaign-model.ts';
import type { Config } from './schema.ts';
import type { ModelConfig } from './schema-model.ts';
import { isPooled } from './spec-of-config.ts';

/** A campaign with everything that its config implies written out. */
export interface CampaignPlan {
  name: string;
  kind: 'upsell' | 'cross';
  /** The class whose products are recommended. */
  class: string;
  /** Classes whose products are columns of the baskets. */
  columns: readonly string[];
  /** Cluster scheme; null: customers are not told apart. */
  scheme: string | null;
  /** Whether the scheme's clusters shift one model of all, as far as the past says, or have a model each. */
  pooling: 'partial' | 'none';
  /** Who trains: everybody in the baskets, or holders of the class. */
  train: 'all' | 'holders';
  model: ModelConfig;
  /** Positions in `config.rules` of the rules that hold for the class. */
  rules: readonly number[];
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
