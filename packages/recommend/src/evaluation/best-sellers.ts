import type { ModelSpec } from '@basketwise/core/parts';

/**
 * Popularity baselines: lists that are equal for all customers. A model must beat them in `evaluate` and in the verdict of each
 * run.
 * Baselines that count purchases exist only if holdings have dates. The first one is the baseline of `minus popularity`.
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

/** Whether a model of this name is a popularity baseline. */
export function isBestSellers(name: string): boolean {
  return sellerNames.has(name);
}
