import { noBasket } from '@basketwise/core/parts';
import type { CampaignTable } from '../campaigns/baskets.ts';
import type { BankAt } from './bank-at.ts';

/**
 * Number of a row's customers who purchased a product (by its number in lists) in the window of a bank as of a date; purchases in the gap
 * before it do not count.
 */
export function purchasesOf(
  { products, added, skipped, weight }: BankAt,
  { basketOf, columns }: CampaignTable,
): (row: number, product: number) => number {
  const listed = products.map(({ groupKey }) => columns.recommended.get(groupKey) ?? -1);
  const bought = new Map<number, number>();
  for (const [customer, taken] of added) {
    const row = basketOf[customer]!;
    if (row === noBasket) continue;
    const before = (skipped.get(customer) ?? []).map((product) => listed[product]!);
    for (const product of new Set(taken.map((one) => listed[one]!))) {
      if (product < 0 || before.includes(product)) continue;
      const key = row * products.length + product;
      bought.set(key, (bought.get(key) ?? 0) + (weight?.[customer] ?? 1));
    }
  }
  return (row, product) => bought.get(row * products.length + product) ?? 0;
}
