import type { Config, FeatureConfig } from './schema.ts';

/**
 * Features that models can rank by: all features, or only fixed ones if holdings have no dates. Without dates, the value of a
 * changing feature before a purchase is unknown. Its present value may be a consequence of the purchase.
 */
export function rankableFeatures({ features = {}, tables }: Config): Record<string, FeatureConfig> {
  const isFixed = (name: string): boolean => {
    const feature = features[name];
    return feature !== undefined && ('cross' in feature ? feature.cross.every(isFixed) : feature.fixed);
  };
  return Object.fromEntries(Object.entries(features).filter(([name]) => tables.holdings.date !== null || isFixed(name)));
}
