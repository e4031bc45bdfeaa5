import type { Config, FeatureConfig } from './schema.ts';

/**
 * Features by which models may rank: all; without dates of holdings only fixed ones, as earlier values of the others are unknown and
 * today's may depend on purchases.
 */
export function rankableFeatures({ features = {}, tables }: Config): Record<string, FeatureConfig> {
  const isFixed = (name: string): boolean => {
    const feature = features[name];
    return feature !== undefined && ('cross' in feature ? feature.cross.every(isFixed) : feature.fixed);
  };
  return Object.fromEntries(Object.entries(features).filter(([name]) => tables.holdings.date !== null || isFixed(name)));
}
