import { type PlainDate, type Product, required } from '@basketwise/core';
import type { Snapshot } from '@basketwise/data';
import type { DemoBank, DemoProduct } from '../../packages/demo/src/engine/bank.ts';

/** Products of a basket, and the most recent day of each. */
export type DatedBasket = Map<string, number>;

export type Band = DemoBank['bands'][number];

/** Baskets of all customers: groups with the most recent day of each. */
export async function readHoldings(
  snapshot: Snapshot,
  products: readonly Product[],
  referenceDate: PlainDate,
): Promise<DatedBasket[]> {
  const baskets = Array.from({ length: snapshot.customerCount }, (): DatedBasket => new Map());
  for await (const { customer, product, days } of snapshot.holdings(referenceDate)) {
    for (let i = 0; i < customer.length; i++) {
      const key = products[product[i]!]!.groupKey;
      const basket = baskets[customer[i]!]!;
      basket.set(key, Math.max(days[i]!, basket.get(key) ?? days[i]!));
    }
  }
  return baskets;
}

/** The recency band of a day. */
export function bandOf(bands: readonly Band[], day: number): number {
  return bands.findIndex(({ since }) => since === null || day >= since);
}

/** Lines of `customers product.band product.band ...`, distinct baskets in order of their text. */
export function basketLines(baskets: readonly DatedBasket[], products: readonly DemoProduct[], bands: readonly Band[]): string[] {
  const position = new Map(products.map(({ key }, i) => [key, i]));
  const counts = new Map<string, number>();
  for (const basket of baskets) {
    const entries = [...basket]
      .map(([key, day]): [number, number] => [required(position, key), bandOf(bands, day)])
      .sort(([a], [b]) => a - b);
    const text = entries.map(([product, band]) => ` ${product}.${band}`).join('');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, count]) => `${count}${text}`);
}
