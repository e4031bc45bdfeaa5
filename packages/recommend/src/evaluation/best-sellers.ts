import type { ModelSpec } from '@basketwise/core';

/**
 * Popularity baselines: models whose lists are equal for all customers. `evaluate` and each run's verdict compare other models with them. Baselines
 * that count purchases require dates of holdings. The first one is the baseline of `minus popularity`.
 */
export function bestSellers(isDated: boolean): { name: string; spec: ModelSpec }[] {
  const holders: { name: string; spec: ModelSpec } = { name: 'popularity', spec: { kind: 'popularity', of: 'holders' } };
  if (!isDated) return [holders];
  return [
    holders,
    { name: 'recent popularity', spec: { kind: 'popularity', of: 'recent' } },
    { name: 'popularity of 3 months', spec: { kind: 'popularity', of: 'recent', within: 3 } },
    { name: 'popularity of 1 month', spec: { kind: 'popularity', of: 'recent', within: 1 } },
    { name: 'up-sell popularity', spec: { kind: 'popularity', of: 'upsell' } },
  ];
}

const sellerNames = new Set(bestSellers(true).map(({ name }) => name));

/** Whether a popularity baseline has this name. */
export function isBestSellers(name: string): boolean {
  return sellerNames.has(name);
}
