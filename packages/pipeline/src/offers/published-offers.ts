import type { OfferCounts } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import { type PublishedCount, publishedCount, publishedValue } from '../values/published-count.ts';
import { publishedRecord } from '../values/published-parts.ts';
import type { OfferSummary } from './decide-offers.ts';

/** Customers with a candidate, by what became of them, as they may be published. */
export interface PublishedOfferCounts {
  candidates: PublishedCount;
  offered: PublishedCount;
  reasons: Record<string, PublishedCount>;
}

function publishedCounts({ candidates, offered, reasons }: OfferCounts): PublishedOfferCounts {
  const { offered: shown, ...others } = publishedRecord({ offered, ...reasons }, candidates);
  return { candidates: publishedCount(candidates), offered: shown!, reasons: others };
}

/** Decided offers, in figures that may be published. */
export function publishedOffers({ worth, bound, capacities, all, campaigns, control }: OfferSummary) {
  return {
    ...{ worth: publishedValue(worth), bound: publishedValue(bound), gap: gapOf(worth, bound) },
    capacities: capacities.map(({ least, most, used, price, reached, without, ...one }) => ({
      ...{ name: capacityName(one), least, most, used: publishedCount(used), reached },
      price: price === null ? null : publishedValue(price),
      without: without === null ? null : publishedValue(without),
    })),
    all: publishedCounts(all),
    campaigns: campaigns.map(({ campaign, offers, worth: own, ...counts }) => ({
      ...{ campaign, ...publishedCounts(counts), offers: publishedCount(offers), worth: publishedValue(own) },
    })),
    control: { customers: publishedCount(control.customers), decided: publishedCount(control.decided) },
  };
}

/** Name of a capacity, and of the variant whose part of it is told. */
function capacityName({ name, variant }: Pick<OfferSummary['capacities'][number], 'name' | 'variant'>): string {
  return variant === null ? name : `${name} (${variant})`;
}

/** By how much the bound is above what was chosen, as a share of it. */
function gapOf(worth: number, bound: number): number {
  return bound > 0 ? Number(Math.max(0, (bound - worth) / bound).toPrecision(3)) : 0;
}

/** Warnings of minimums that are not reached, and of contacts that were left out. */
export function offerWarnings(offers: OfferSummary | null, { offers: known }: SnapshotManifest): string[] {
  const missed = (offers?.capacities ?? []).filter(({ reached }) => !reached);
  const { contacts } = known ?? {};
  const out = contacts ? contacts.unknownCustomers + contacts.unknownProducts : 0;
  return [
    ...missed.map(
      ({ least, ...one }) =>
        `offers.capacity.${capacityName(one)}: its minimum, ${least}, is not reachable: nobody is left who could be offered more`,
    ),
    ...(contacts && contacts.read > 0 && out / contacts.read > 0.05
      ? [`tables.contacts: more than 5 % of its rows are of customers or products that are not known, and were left out`]
      : []),
  ];
}
