import { automatic } from '@basketwise/core/kinds';
import type { Config } from './schema.ts';
import { type ModelConfig, withDefaults } from './schema-model.ts';

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
