import {
  type CalendarSpan,
  type Csr,
  daysBefore,
  type HoldingBatch,
  type PlainDate,
  type Product,
  required,
} from '@basketwise/core/parts';
import { AcquisitionCollector, type Acquisitions } from './acquisitions.ts';
import type { BankSettings } from './bank-settings.ts';
import type { CustomerFacts } from './groups.ts';
import type { PopularitySchemes, RecentPopularity } from './popularity.ts';

/** Clusters of each customer, by scheme. */
export type SchemeClusters = ReadonlyMap<string, { clusters: Int16Array; count: number }>;

/** Data of a bank that all campaigns of a run share, made from its records once. */
export interface Bank extends CustomerFacts {
  products: readonly Product[];
  csr: Csr;
  /** Number of customers that each one stands for, u32[customers], if grouped. Absent: 1. */
  weight?: Uint32Array;
  popularity: RecentPopularity;
  /** Purchases of the year before the reference date. Null if no campaign's model learns from them, or holdings have no dates. */
  acquisitions: Acquisitions | null;
}

/** Number of customers, without customers that join later. */
export function presentCustomers(customers: number, absent: Uint8Array | undefined): number {
  if (absent === undefined) return customers;
  // A loop, because V8 calls the function given to `reduce` once per customer.
  let present = customers;
  for (let customer = 0; customer < absent.length; customer++) present -= absent[customer]!;
  return present;
}

/** Collects the purchases of the year before a date. */
export function acquisitionCollector({ recency }: BankSettings, date: PlainDate): AcquisitionCollector {
  return new AcquisitionCollector(
    date,
    recency.bands.flatMap(({ within }) => within ?? []),
  );
}

/** Period before the reference date in which a purchase counts as recent. */
export const recentSpan: CalendarSpan = { months: 12, days: 0 };

/** First day of that period, in days since 1970-01-01. */
export function recentSince(referenceDate: PlainDate): number {
  return daysBefore(referenceDate, recentSpan);
}

/** Clusters with the number of customers in each. @param absent see `CustomerFacts` */
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

/** First day of each recency band except the oldest, descending: days since 1970-01-01. */
export function bandCutoffs({ recency }: BankSettings, referenceDate: PlainDate): number[] {
  return recency.bands.flatMap(({ within }) => (within ? [daysBefore(referenceDate, within)] : []));
}

/** For each product, the flags to set for its holders. A product of an equivalence group sets the flags of the whole group. */
export function holdersByProduct(products: readonly Product[], holds: ReadonlyMap<string, Uint8Array>): Uint8Array[][] {
  const classesOf = new Map<string, Set<string>>();
  for (const product of products) {
    const classes = classesOf.get(product.groupKey) ?? new Set();
    classesOf.set(product.groupKey, classes.add(product.class));
  }
  return products.map(({ groupKey }) => [...required(classesOf, groupKey)].flatMap((name) => holds.get(name) ?? []));
}

/** Sets the flags of the customers of holdings. @param holdsOf by product (see `holdersByProduct`) */
export function markHolders({ customer, product }: HoldingBatch, holdsOf: readonly (readonly Uint8Array[])[]): void {
  for (let i = 0; i < customer.length; i++) {
    for (const flags of holdsOf[product[i]!]!) flags[customer[i]!] = 1;
  }
}
