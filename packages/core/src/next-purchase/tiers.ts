import type { BasketEntry } from '../baskets/basket-table.ts';

/** Customer tiers, by the number of recommendable products held: none, one, two, more. */
export const tierCount = 4;

/** The tier of customers with so many recommendable products. */
function tierOfCount(held: number): number {
  return Math.min(held, tierCount - 1);
}

/** The tier of the holders of a basket. @param candidates one byte per column: 1 if it may be recommended */
export function tierOf(basket: readonly BasketEntry[], candidates: Uint8Array): number {
  let held = 0;
  for (const { column } of basket) held += candidates[column]!;
  return tierOfCount(held);
}
