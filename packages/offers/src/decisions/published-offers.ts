import { sum } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import {
  type PublishedCount,
  publishedCount,
  publishedParts,
  publishedRecord,
  publishedValue,
  smallestPublished,
} from '@basketwise/data/base';
import type { OfferCounts } from '../allocation/reasons.ts';
import type { OfferSummary } from './decide-offers.ts';

/** Publishable numbers of customers with a candidate, by outcome. */
export interface PublishedOfferCounts {
  candidates: PublishedCount;
  offered: PublishedCount;
  reasons: Record<string, PublishedCount>;
}

/** Publishes one row of counts. */
function publishedCounts({ candidates, offered, reasons }: OfferCounts): PublishedOfferCounts {
  return { ...publishedRecord({ candidates, offered }), reasons: publishedRecord(reasons) };
}

/** Publishes the counts of all campaigns. Their total of offers is known exactly if the offers use up a capacity. */
function publishedCampaigns(campaigns: OfferSummary['campaigns']): (PublishedOfferCounts & { offers: PublishedCount })[] {
  const shown = publishedParts(
    campaigns.map(({ offers }) => offers),
    true,
  );
  return campaigns.map((campaign, i) => {
    const counts = publishedCounts(campaign);
    const { offered } = campaign;
    // Candidates minus the customers under each reason would reveal a small hidden number of customers with offers.
    if (shown[i] === null || counts.offered === null) return { ...counts, candidates: null, offered: null, offers: null };
    // The number of offers is rounded to multiples of 10 x `each`, the offers of ten customers.
    const each = offered === 0 ? 1 : Math.ceil(campaign.offers / offered);
    return { ...counts, offers: publishedCount(campaign.offers, each) };
  });
}

/** Whether a limit is 1 to 9 offers. A limit of 0 reveals no number of customers. */
const isSmallLimit = (most: number | null) => most !== null && most > 0 && most < smallestPublished;

/** Publishes a capacity. If its limit is 1 to 9 offers or its use is hidden, the price and other signs of being used up are hidden, too. */
function publishedCapacity({ least, most, used, price, reached, without, ...capacity }: OfferSummary['capacities'][number]) {
  const shown = isSmallLimit(most) ? null : publishedCount(used);
  const isPublished = shown !== null;
  return {
    ...{ name: capacityName(capacity), least, most, used: shown },
    price: isPublished && price !== null ? publishedValue(price) : null,
    reached: isPublished || least === 0 || least >= smallestPublished ? reached : null,
    without: isPublished && without !== null ? publishedValue(without) : null,
  };
}

/** Decided offers with publishable figures. */
export function publishedOffers({ worth, bound, capacities, all, campaigns, control }: OfferSummary) {
  const published = publishedCampaigns(campaigns);
  // If a limit is 1 to 9 offers, any published number would reveal the exact number, so zeros are hidden, too.
  const isFew = capacities.some(({ most }) => isSmallLimit(most));
  const withoutZero = (counts: (typeof published)[number]) =>
    isFew && counts.offered === 0 ? { ...counts, candidates: null, offered: null, offers: null } : counts;
  const counts = published.map(withoutZero);
  const total = sum(campaigns.map(({ offers }) => offers));
  const isPublished = total >= smallestPublished || (total === 0 && !isFew);
  const whole = publishedCounts(all);
  return {
    ...(isPublished
      ? { worth: publishedValue(worth), bound: publishedValue(bound), gap: gapOf(worth, bound) }
      : { worth: null, bound: null, gap: null }),
    capacities: capacities.map((one) => ({ ...publishedCapacity(one), ...(isPublished ? {} : { without: null }) })),
    all: { ...whole, offered: isFew && whole.offered === 0 ? null : whole.offered },
    campaigns: campaigns.map(({ campaign, offers, purchases, worth: exactWorth, products }, i) => ({
      ...{ campaign, ...counts[i]! },
      purchases: publishedSum(purchases, offers, counts[i]!.offers),
      worth: publishedSum(exactWorth, offers, counts[i]!.offers),
      products: counts[i]!.offers === null ? [] : mostOffered(products),
    })),
    control: { customers: publishedCount(control.customers), decided: publishedCount(control.decided) },
  };
}

/** Names of the products with most offers, up to three. Products with fewer than 10 offers are left out. */
function mostOffered(products: OfferSummary['campaigns'][number]['products']): string[] {
  const rounded = products.map(({ name, offers }) => ({ name, offers: publishedCount(offers) ?? 0 }));
  const listed = rounded.filter(({ offers }) => offers > 0).toSorted((a, b) => b.offers - a.offers);
  return listed.slice(0, 3).map(({ name }) => name);
}

/** Publishable sum over offers: mean of the offers, rounded to three digits, times their published number. */
function publishedSum(sum: number, offers: number, shown: PublishedCount): number | null {
  if (shown === null) return null;
  return offers === 0 ? 0 : publishedValue(publishedValue(sum / offers) * shown);
}

/** Name of a capacity, with its variant if it has one. */
function capacityName({ name, variant }: Pick<OfferSummary['capacities'][number], 'name' | 'variant'>): string {
  return variant === null ? name : `${name} (${variant})`;
}

/** Gap between the upper bound and the value of the chosen offers, as a share of the bound. */
function gapOf(worth: number, bound: number): number {
  return bound > 0 ? Number(Math.max(0, (bound - worth) / bound).toPrecision(3)) : 0;
}

/** Warnings about minimums that are not reached, and about contacts that were excluded when the data were read. */
export function offerWarnings(offers: OfferSummary | null, { offers: sources }: SnapshotManifest): string[] {
  const missed = (offers?.capacities ?? []).filter(({ reached }) => !reached);
  const { contacts } = sources ?? {};
  const out = contacts ? contacts.unknownCustomers + contacts.unknownProducts : 0;
  return [
    ...missed.map(
      ({ least, ...capacity }) =>
        `offers.capacity.${capacityName(capacity)}: its minimum, ${least}, is not reachable: no customer is left who could get another offer`,
    ),
    ...(contacts && contacts.read > 0 && out / contacts.read > 0.05
      ? [`tables.contacts: more than 5 % of its rows have an unknown customer or product, and were excluded`]
      : []),
  ];
}
