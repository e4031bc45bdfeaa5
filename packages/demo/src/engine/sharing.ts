import type { Holding, KnownBasket } from './bank.ts';

/** Numbers of customers of the sample bank whose baskets resemble a given basket. */
export interface Sharing {
  /** Number of customers with exactly these products. */
  same: number;
  /** Number of customers with exactly these products, each in the same recency band. */
  sameBands: number;
  /** Number of customers with these products and at least one more. */
  more: number;
}

/** Counts the customers whose baskets equal or contain the given basket. */
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
