import type { BasketEntry } from '@basketwise/core';

/** An entry of a basket; in `column` is the product. */
interface TextEntry extends BasketEntry {
  /** Whether it was marked as taken recently. */
  isNew: boolean;
}

/** Entries of a basket as a server writes it: `product:band`, or `product:band:1` where it is new, with commas. */
export function entriesOf(basket: string): TextEntry[] {
  if (basket === '') return [];
  return basket.split(',').map((entry) => {
    const [column, band, mark] = entry.split(':').map(Number) as [number, number, number | undefined];
    return { column, band, isNew: mark === 1 };
  });
}
