import { type Product, required } from '@basketwise/core';
import { type PublishedCount, publishedCount, publishedParts, publishedShare, publishedValue } from '@basketwise/data/base';
import type { FirstEntries, GroupHolders, PublishedCampaign } from '@basketwise/recommend';

/** Figures of a campaign in the report's charts. */
export interface CampaignFigures {
  campaign: string;
  /** Products that are most often the first entry of a list, most frequent first, with their share of holdings. */
  products: readonly {
    code: string;
    name: string;
    /** Number of customers whose list begins with the product. Null: too few to publish. */
    first: PublishedCount;
    /** Share of the campaign's lists that begin with the product. Null if `first` is null. */
    firstShare: number | null;
    /** Share of the product in all holdings of its class on the reference date. Null: too few holders to publish. */
    heldShare: number | null;
  }[];
  /** Histogram: number of customers whose best score is at least `from` and below `to`. The last bin includes `to`. */
  scores: readonly { from: number; to: number; count: PublishedCount }[];
}

type ProductShare = CampaignFigures['products'][number];
type ScoreBin = CampaignFigures['scores'][number];

/** Rounds to six decimals, enough for a report. */
export function sixDecimals(value: number): number {
  return Number(value.toFixed(6));
}

/** Largest number of a campaign's products in the report. */
const mostListedProducts = 12;

/**
 * Figures of a campaign, without numbers too small to publish.
 * @param held share of holdings by product
 */
export function campaignFigures(
  { campaign, first }: Pick<PublishedCampaign, 'campaign' | 'first'>,
  products: readonly Product[],
  held: HeldShares,
): CampaignFigures {
  return { campaign, products: firstProducts(first, products, held), scores: scoreBins(first) };
}

/**
 * Maps the number of a group's recommended product to the share of the group in the holdings of its class. Null: too few holders
 * to publish. Groups without holders can be absent.
 */
export type HeldShares = ReadonlyMap<number, number | null>;

/**
 * Computes the share of each product group in the holdings of its class on the reference date.
 * @param holders customers who hold each group; `group` is the code of the group's first product
 */
export function heldShares(products: readonly Product[], holders: readonly GroupHolders[]): HeldShares {
  const byCode = new Map(products.map((product) => [product.code, product]));
  const groups = holders.map(({ group, held }) => ({ ...required(byCode, group), held }));
  const ofClass = new Map<string, number>();
  for (const { class: of, held } of groups) ofClass.set(of, (ofClass.get(of) ?? 0) + held);
  const shareOf = ({ class: of, held }: (typeof groups)[number]) =>
    publishedShare(publishedCount(held), publishedCount(required(ofClass, of)));
  return new Map(groups.map((group) => [group.representative ?? group.product, shareOf(group)]));
}

function firstProducts({ products: led }: FirstEntries, products: readonly Product[], held: HeldShares): ProductShare[] {
  // Products of equally many customers are ordered by their number, which follows the order of codes.
  const ranked = led.toSorted((a, b) => b.customers - a.customers || a.product - b.product);
  const counts = ranked.map(({ customers }) => customers);
  const lists = counts.reduce((sum, customers) => sum + customers, 0);
  const shown = publishedParts(counts);
  // Sorting by exact numbers would reveal which of two hidden numbers is larger.
  const listed = ranked
    .map(({ product }, i) => ({ product, first: shown[i]! }))
    .sort((a, b) => (b.first ?? 0) - (a.first ?? 0) || a.product - b.product);
  return listed.slice(0, mostListedProducts).map(({ product, first }) => {
    const { code, name } = products[product]!;
    const share = held.get(product); // null: too few holders to publish
    const firstShare = publishedShare(first, publishedCount(lists));
    return { code, name, first, firstShare, heldShare: share === undefined ? 0 : share };
  });
}

/** Bins of the score histogram that have customers, with publishable numbers. */
function scoreBins({ scores }: FirstEntries): ScoreBin[] {
  if (scores === null) return [];
  const { low, high, customers } = scores;
  const bins = [...customers.entries()].filter(([, count]) => count > 0);
  const shown = publishedParts(bins.map(([, count]) => count));
  const width = (high - low) / customers.length;
  const bound = (part: number) => publishedValue(low + part * width);
  return bins.map(([part], i) => ({ from: bound(part), to: bound(part + 1), count: shown[i]! }));
}
