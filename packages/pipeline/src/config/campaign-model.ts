import { automatic } from '@basketwise/core/kinds';
import type { Config } from './schema.ts';
import { type ModelConfig, withDefaults } from './schema-model.ts';

/**
 * Model of a campaign: the common one with the campaign's changes, or one of another kind with its own parameters.
 * `als` if the parameters are not those of `automatic`.
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
