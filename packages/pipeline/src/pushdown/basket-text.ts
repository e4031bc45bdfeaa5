import type { BasketEntry } from '@basketwise/core';

/** Entries of a basket as a server writes it: `product:band` with commas; in `column` is the product. */
export function entriesOf(basket: string): BasketEntry[] {
  if (basket === '') return [];
  return basket.split(',').map((entry) => {
    const [column, band] = entry.split(':').map(Number) as [number, number];
    return { column, band };
  });
}
