import type { BasketEntry } from '../baskets/basket-table.ts';

/** Tiers of customers, by how many of the products that may be recommended they hold: none, one, two, more. */
export const tierCount = 4;

/** The tier of customers who hold so many of the products that may be recommended. */
function tierOfCount(held: number): number {
  return Math.min(held, tierCount - 1);
}

/** The tier of the holders of a basket. @param candidates one byte per column: 1 where it may be recommended */
export function tierOf(basket: readonly BasketEntry[], candidates: Uint8Array): number {
  let held = 0;
  for (const { column } of basket) held += candidates[column]!;
  return tierOfCount(held);
}
