import { type Product, required } from '@basketwise/core/parts';
import type { CampaignPlan } from './campaign-plan.ts';

/**
 * Group keys of the products that each rule withholds from customers who fail it, by the position of the rule. Empty for a rule
 * whose products the campaign never recommends.
 * @param recommended group keys of the products that the campaign can recommend
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
