import { type CalendarSpan, type Csr, daysBefore, type HoldingBatch, type PlainDate, type Product } from '@basketwise/core';
import { AcquisitionCollector, type Acquisitions } from './acquisitions.ts';
import type { BankSettings } from './bank-settings.ts';
import { begunGroups } from './campaign-plan.ts';
import type { CustomerFacts } from './groups.ts';
import type { PopularitySchemes, RecentPopularity } from './popularity.ts';

/** Cluster of each customer, i16[customers], and number of clusters, by cluster scheme. */
export type SchemeClusters = ReadonlyMap<string, { clusters: Int16Array; count: number }>;

/** Data of a bank, prepared once from its records and shared by all campaigns of a run. */
export interface Bank extends CustomerFacts {
  products: readonly Product[];
  csr: Csr;
  /** Number of bank customers that each element of the arrays stands for, u32[customers]. Absent: 1 each. Set if equal customers are grouped. */
  weight?: Uint32Array;
  popularity: RecentPopularity;
  /** Purchases in the year before the reference date. Null if no campaign's model learns from purchases, or if holdings have no dates. */
  acquisitions: Acquisitions | null;
}

/** Number of customers at the reference date. @param absent 1 for each customer who joins later, u8[customers] */
export function presentCustomers(customers: number, absent: Uint8Array | undefined): number {
  if (absent === undefined) return customers;
  // A loop is faster: V8 would call the function given to `reduce` once per customer.
  let present = customers;
  for (let customer = 0; customer < absent.length; customer++) present -= absent[customer]!;
  return present;
}

/** Creates the collector of the purchases in the year before a date. */
export function acquisitionCollector({ recency }: BankSettings, date: PlainDate): AcquisitionCollector {
  return new AcquisitionCollector(
    date,
    recency.bands.flatMap(({ within }) => within ?? []),
  );
}

/** Period before the reference date in which a purchase counts as recent. */
export const recentSpan: CalendarSpan = { months: 12, days: 0 };

/** First day of the recent period (`recentSpan`), in days since 1970-01-01. */
export function recentSince(referenceDate: PlainDate): number {
  return daysBefore(referenceDate, recentSpan);
}

/** Extends the clusters of each scheme by the number of customers in each cluster. @param absent see `CustomerFacts` */
export function withSizes(schemes: SchemeClusters, absent?: Uint8Array): PopularitySchemes {
  return new Map(
    [...schemes].map(([name, { clusters, count }]) => {
      const sizes = new Array<number>(count).fill(0);
      for (let customer = 0; customer < clusters.length; customer++) {
        const cluster = clusters[customer]!;
        if (cluster >= 0 && absent?.[customer] !== 1) sizes[cluster]!++;
      }
      return [name, { sizes, clusters }];
    }),
  );
}

/** First day of each recency band except the oldest, newest band first, in days since 1970-01-01. */
export function bandCutoffs({ recency }: BankSettings, referenceDate: PlainDate): number[] {
  return recency.bands.flatMap(({ within }) => (within ? [daysBefore(referenceDate, within)] : []));
}

/**
 * For each product, the flag arrays to set for its holders.
 * @param holds flags u8[customers] by class
 */
export function holdersByProduct(products: readonly Product[], holds: ReadonlyMap<string, Uint8Array>): Uint8Array[][] {
  const begun = begunGroups(products);
  return products.map(({ groupKey, class: name }) =>
    (begun.has(groupKey) ? [name] : []).flatMap((held) => holds.get(held) ?? []),
  );
}

/** Sets the flags of the customers in a batch of holdings. @param holdsOf flag arrays by product, from `holdersByProduct` */
export function markHolders({ customer, product }: HoldingBatch, holdsOf: readonly (readonly Uint8Array[])[]): void {
  for (let i = 0; i < customer.length; i++) {
    for (const flags of holdsOf[product[i]!]!) flags[customer[i]!] = 1;
  }
}
