import { automatic, bug, type ModelSpec, specOf } from '@basketwise/core';
import { type CampaignPlan, isLearned, planCampaign } from '@basketwise/recommend';
import { isPushdown } from '../drivers/drivers.ts';
import type { Config } from './schema.ts';
import { libraryNames, type ModelConfig, withDefaults } from './schema-model.ts';

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

/** Keys of a config that determine whether list entries have a probability, and the meaning of that probability. */
type Calibrating = Pick<Config, 'calibrate' | 'tables' | 'source'>;

/** Whether list entries get a probability. They get none if the config disables it, or with pushdown if holdings have no dates. */
export function calibrates({ calibrate, tables, source }: Calibrating): boolean {
  return calibrate !== false && (tables.holdings.date !== null || !isPushdown({ source }));
}

/** Explanation of each meaning of `probability`, for reports. */
export const probabilityTexts = {
  window: 'the probability that the customer purchases the product within the window',
  'next product': 'the probability that the next product that the customer takes is this one, because holdings have no dates',
} as const;

/** Event that `probability` is about: a purchase of the product within the window, or the product being the customer's next one. */
export type ProbabilityMeaning = keyof typeof probabilityTexts;

/** Meaning of `probability` in the lists of a config. Null if the lists have no probabilities. */
export function probabilityMeaning(config: Calibrating): ProbabilityMeaning | null {
  if (!calibrates(config)) return null;
  return config.tables.holdings.date === null ? 'next product' : 'window';
}

/**
 * Warning that lists have no probabilities, because pushdown needs dates of holdings for them. Empty if lists have probabilities,
 * or if the config disables them.
 */
export function undatedWarning(config: Calibrating): string[] {
  if (config.calibrate === false || calibrates(config)) return [];
  return ['probability is null: with pushdown it is learned from dated holdings (tables.holdings.date)'];
}

/**
 * Model of a campaign: the common model (`model` of the config), with the parameters that the campaign changes. If the campaign
 * names another kind, it gets a model of that kind, without the common parameters. If it names no kind, but changes parameters
 * that `automatic` lacks, its model is `als`.
 */
export function campaignModel(config: Config, campaign: string): ModelConfig {
  const own = config.campaigns[campaign]?.model ?? {};
  const isOther =
    own.kind === undefined
      ? config.model.kind === automatic.kind && Object.keys(own).some((name) => !(name in automatic.parameters))
      : own.kind !== config.model.kind;
  if (isOther) return withDefaults(own);
  const changes = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...config.model, ...Object.fromEntries(changes) };
}

/**
 * Specification of the model that a config names.
 * @throws AppError bug for a model whose specification is learned in each run
 */
export function specOfConfig(model: ModelConfig): ModelSpec {
  if (isLearned(model)) throw bug('an automatic model was asked for before it was chosen');
  return specOf(libraryNames(model));
}

/**
 * Product classes that the config names. The products table can have further classes, which messages and reports never quote. If
 * the config names a wrong column as `class`, its values must not appear there.
 */
export function namedClasses({ campaigns, rules }: Pick<Config, 'campaigns' | 'rules'>): ReadonlySet<string> {
  const ofCampaigns = Object.values(campaigns).flatMap(({ class: of, columns = [] }) => [of, ...columns]);
  return new Set([...ofCampaigns, ...rules.flatMap(({ class: of }) => of ?? [])]);
}

/** Classes of the products table that no campaign recommends, sorted. */
export function unnamedClasses({ campaigns }: Pick<Config, 'campaigns'>, classes: readonly string[]): string[] {
  const recommended = new Set(Object.values(campaigns).map(({ class: of }) => of));
  return classes.filter((name) => !recommended.has(name)).sort();
}
