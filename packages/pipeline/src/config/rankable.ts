import type { Config, FeatureConfig } from './schema.ts';

/**
 * Features that models can rank by. If holdings have no dates, only fixed ones.
 * Earlier values of the others are then unknown, and today's can depend on purchases.
 */
export function rankableFeatures({ features = {}, tables }: Config): Record<string, FeatureConfig> {
  const isFixed = (name: string): boolean => {
    const feature = features[name];
    return feature !== undefined && ('cross' in feature ? feature.cross.every(isFixed) : feature.fixed);
  };
  return Object.fromEntries(Object.entries(features).filter(([name]) => tables.holdings.date !== null || isFixed(name)));
}
