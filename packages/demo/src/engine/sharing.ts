import type { Holding, KnownBasket } from './bank.ts';

/** Numbers of similar customers in the sample bank. */
export interface Sharing {
  /** Customers with exactly these products. */
  same: number;
  /** Customers with exactly these products in the same recency bands. */
  sameBands: number;
  /** Customers with these products and others. */
  more: number;
}

/** Counts the customers whose baskets equal, or contain, this one. */
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
