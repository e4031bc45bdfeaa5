import type { BasketEntry } from '../baskets/basket-table.ts';

/** Number of customer tiers: none, one, two, or more recommendable products held. */
export const tierCount = 4;

/** Tier of customers who hold `held` recommendable products. */
function tierOfCount(held: number): number {
  return Math.min(held, tierCount - 1);
}

/** Tier of the customers with a basket. @param candidates one byte per column: 1 if it can be recommended */
export function tierOf(basket: readonly BasketEntry[], candidates: Uint8Array): number {
  let held = 0;
  for (const { column } of basket) held += candidates[column]!;
  return tierOfCount(held);
}
