import { type Product, required } from '@basketwise/core/parts';
import {
  type PublishedCount,
  publishedCount,
  publishedParts,
  publishedShare,
  publishedSizes,
  publishedValue,
} from '@basketwise/data/published';
import type { FirstEntries, GroupHolders, PublishedCampaign } from '@basketwise/recommend';

/** Figures of a campaign in the report's charts. */
export interface CampaignFigures {
  campaign: string;
  /** Products most often recommended first, largest first, with their share of holdings. */
  products: readonly {
    code: string;
    name: string;
    /** Customers with it as first entry. Null: too few to publish. */
    first: PublishedCount;
    /** Share of the campaign's lists with it as first entry. Null if `first` is. */
    firstShare: number | null;
    /** Share of the holdings of its class on the reference date. Null: too few holders. */
    heldShare: number | null;
  }[];
  /** Customers by their best score, from `from` up to `to`. The last bin includes its end. */
  scores: readonly { from: number; to: number; count: PublishedCount }[];
}

type ProductShare = CampaignFigures['products'][number];
type ScoreBin = CampaignFigures['scores'][number];

/** Rounds to six decimals, enough for a report. */
export function sixDecimals(value: number): number {
  return Number(value.toFixed(6));
}

/** Most products of a campaign in the report. */
const mostListedProducts = 12;

/**
 * Figures of a campaign, without small counts.
 * @param held holdings by product
 */
export function campaignFigures(
  { campaign, first }: Pick<PublishedCampaign, 'campaign' | 'first'>,
  products: readonly Product[],
  held: HeldShares,
): CampaignFigures {
  return { campaign, products: firstProducts(first, products, held), scores: scoreBins(first) };
}

/**
 * Shares of the holdings of a class, by the product recommended for its group. Null: too few holders. Products without holders
 * can be absent.
 */
export type HeldShares = ReadonlyMap<number, number | null>;

/** Shares of customers with a product of a group on the reference date. The key of a group is the code of its first product. */
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
  // Products are numbered by their codes.
  const ranked = led.toSorted((a, b) => b.customers - a.customers || a.product - b.product);
  const counts = ranked.map(({ customers }) => customers);
  const lists = counts.reduce((sum, customers) => sum + customers, 0);
  const shown = publishedParts(counts, lists);
  // Sorting by exact numbers would reveal the larger one of two hidden numbers.
  const listed = ranked
    .map(({ product }, i) => ({ product, first: shown[i]! }))
    .sort((a, b) => (b.first ?? 0) - (a.first ?? 0) || a.product - b.product);
  return listed.slice(0, mostListedProducts).map(({ product, first }) => {
    const { code, name } = products[product]!;
    const share = held.get(product); // Null: too few holders.
    const firstShare = publishedShare(first, publishedCount(lists));
    return { code, name, first, firstShare, heldShare: share === undefined ? 0 : share };
  });
}

/** Bins of the scores that have customers, with published numbers. */
function scoreBins({ scores }: FirstEntries): ScoreBin[] {
  if (scores === null) return [];
  const { low, high, customers } = scores;
  const bins = [...customers.entries()].filter(([, count]) => count > 0);
  const shown = publishedSizes(bins.map(([, count]) => count));
  const width = (high - low) / customers.length;
  const bound = (part: number) => publishedValue(low + part * width);
  return bins.map(([part], i) => ({ from: bound(part), to: bound(part + 1), count: shown[i]! }));
}
