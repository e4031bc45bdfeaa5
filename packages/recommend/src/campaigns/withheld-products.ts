import { type Product, required } from '@basketwise/core/parts';
import type { CampaignPlan } from './campaign-plan.ts';

/**
 * Products that each rule withholds from customers who fail it: group keys by the position of the rule. The set is empty if the campaign can
 * recommend none of the rule's products.
 * @param recommended product to recommend, by group key
 */
export function withheldProducts(
  { rules, withheld = [] }: CampaignPlan,
  products: readonly Product[],
  recommended: ReadonlyMap<string, number>,
): ReadonlyMap<number, ReadonlySet<string>> {
  if (withheld.length === 0) return new Map();
  const keyOf = new Map(products.map(({ code, groupKey }) => [code, groupKey]));
  const applied = withheld.filter(({ rule }) => rules.includes(rule));
  return new Map(
    applied.map(({ rule, products: codes }) => {
      const keys = codes.map((code) => required(keyOf, code)).filter((key) => recommended.has(key));
      return [rule, new Set(keys)];
    }),
  );
}
