import type { SnapshotManifest } from '@basketwise/data';
import type { OfferCounts, OfferSummary } from '@basketwise/offers';
import { type PublishedCount, publishedCount, publishedValue, smallestPublished } from '../values/published-count.ts';
import { publishedCells, publishedRecord } from '../values/published-parts.ts';

/** Customers with a candidate, by what became of them, as they may be published. */
export interface PublishedOfferCounts {
  candidates: PublishedCount;
  offered: PublishedCount;
  reasons: Record<string, PublishedCount>;
}

/** Publishes the customers of one row: those offered something and all reasons are its candidates. */
function publishedCounts({ candidates, offered, reasons }: OfferCounts): PublishedOfferCounts {
  const { offered: shown, ...others } = publishedRecord({ offered, ...reasons }, candidates);
  return { candidates: publishedCount(candidates), offered: shown!, reasons: others };
}

/** The same of all campaigns, which also add up: the offers of all are known exactly where they use a capacity up. */
function publishedCampaigns(campaigns: OfferSummary['campaigns']): (PublishedOfferCounts & { offers: PublishedCount })[] {
  const places = [...campaigns.keys()];
  const offers = campaigns.map((one) => one.offers);
  const ofOffers = { places, total: sumOf(offers), isExact: true };
  const shown = publishedCells(offers, [ofOffers]);
  return campaigns.map((one, i) => {
    const counts = publishedCounts(one);
    const { offered } = one;
    // candidates less the others would tell which of the hidden offers are small ones
    if (shown[i] === null || counts.offered === null) return { ...counts, candidates: null, offered: null, offers: null };
    // a multiple of the customers is in as many tens as they are
    const each = offered === 0 ? 1 : Math.ceil(one.offers / offered);
    return { ...counts, offers: publishedCount(one.offers, each) };
  });
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
/** Limits of fewer than ten offers, but for closed capacities. */
const isSmallLimit = (most: number | null) => most !== null && most > 0 && most < smallestPublished;

/**
 * Publishes a capacity. A capacity of fewer than ten offers, or whose use is hidden, has no price and nothing else that shows whether it is used up.
 */
function publishedCapacity({ least, most, used, price, reached, without, ...one }: OfferSummary['capacities'][number]) {
  const shown = isSmallLimit(most) ? null : publishedCount(used);
  const isPublished = shown !== null;
  return {
    ...{ name: capacityName(one), least, most, used: shown },
    price: isPublished && price !== null ? publishedValue(price) : null,
    reached: isPublished || least === 0 || least >= smallestPublished ? reached : null,
    without: isPublished && without !== null ? publishedValue(without) : null,
  };
}

/** Decided offers, in figures that may be published. */
export function publishedOffers({ worth, bound, capacities, all, campaigns, control }: OfferSummary) {
  const published = publishedCampaigns(campaigns);
  // a few at most: that there are some would tell how many, so zeros are hidden, too
  const isFew = capacities.some(({ most }) => isSmallLimit(most));
  const withoutZero = (one: (typeof published)[number]) =>
    isFew && one.offered === 0 ? { ...one, offered: null, offers: null } : one;
  const counts = published.map(withoutZero);
  const total = sumOf(campaigns.map(({ offers }) => offers));
  const isPublished = total >= smallestPublished || (total === 0 && !isFew);
  const whole = publishedCounts(all);
  return {
    ...(isPublished
      ? { worth: publishedValue(worth), bound: publishedValue(bound), gap: gapOf(worth, bound) }
      : { worth: null, bound: null, gap: null }),
    capacities: capacities.map((one) => ({ ...publishedCapacity(one), ...(isPublished ? {} : { without: null }) })),
    all: { ...whole, offered: isFew && whole.offered === 0 ? null : whole.offered },
    campaigns: campaigns.map(({ campaign, offers, worth: own }, i) => ({
      ...{ campaign, ...counts[i]! },
      worth: publishedSum(own, offers, counts[i]!.offers),
    })),
    control: { customers: publishedCount(control.customers), decided: publishedCount(control.decided) },
  };
}

/** A sum over offers: their mean, to three digits, times the published number of them. */
function publishedSum(sum: number, offers: number, shown: PublishedCount): number | null {
  if (shown === null) return null;
  return offers === 0 ? 0 : publishedValue(publishedValue(sum / offers) * shown);
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
