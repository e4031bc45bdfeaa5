import type { Holding, KnownBasket } from './bank.ts';

/** Customers of the sample bank like this one. */
export interface Sharing {
  /** Who hold exactly these products. */
  same: number;
  /** Of those, who bought them as recently. */
  sameBands: number;
  /** Who hold these products and others. */
  more: number;
}

/** Counts the customers whose baskets are, or contain, this one. */
export function countSharing(baskets: readonly KnownBasket[], holdings: readonly Holding[]): Sharing {
  const bandOf = new Map(holdings.map(({ key, band }) => [key, band]));
  const sharing = { same: 0, sameBands: 0, more: 0 };
  for (const { customers, holdings: known } of baskets) {
    const shared = known.filter(({ key }) => bandOf.has(key));
    if (shared.length < bandOf.size) continue;
    if (known.length > bandOf.size) sharing.more += customers;
    else {
      sharing.same += customers;
      if (shared.every(({ key, band }) => bandOf.get(key) === band)) sharing.sameBands += customers;
    }
  }
  return sharing;
}
