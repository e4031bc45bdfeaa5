import { type CampaignPlan, planCampaign } from '@basketwise/recommend/plan';
import { campaignModel } from './campaign-model.ts';
import type { Config } from './schema.ts';
import { specOfConfig } from './spec-of-config.ts';

/** Plans of the campaigns of a config, in the order of the config. */
export function planCampaigns(config: Config): CampaignPlan[] {
  return Object.entries(config.campaigns).map(([name, campaign]) => {
    const { by_cluster: scheme, columns = [campaign.class] } = campaign;
    const rules = config.rules.flatMap((rule, i) => (rule.class === undefined || rule.class === campaign.class ? [i] : []));
    const plan = planCampaign({ ...campaign, name, scheme, columns }, campaignModel(config, name), specOfConfig, rules);
    const withheld = rules.flatMap((rule) => {
      const { products } = config.rules[rule]!;
      return products === undefined ? [] : [{ rule, products }];
    });
    return withheld.length === 0 ? plan : { ...plan, withheld };
  });
}
