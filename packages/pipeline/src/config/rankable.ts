import type { Config, FeatureConfig } from './schema.ts';

/**
 * Features by which models may rank: all; where holdings have no dates those alone that are fixed, as nothing tells what the others were before a product was
 * taken: they may know of it.
 */
export function rankableFeatures({ features = {}, tables }: Config): Record<string, FeatureConfig> {
  const isFixed = (name: string): boolean => {
    const feature = features[name];
    return feature !== undefined && ('cross' in feature ? feature.cross.every(isFixed) : feature.fixed);
  };
  return Object.fromEntries(Object.entries(features).filter(([name]) => tables.holdings.date !== null || isFixed(name)));
}
