import { unpackEntry } from '../baskets/basket-table.ts';
import { daysSinceEpoch } from '../dates/plain-date.ts';
import { log, pow } from '../numbers/elementary.ts';
import { required } from '../required.ts';
import type { Acquisitions } from './acquisitions.ts';
import { type Bank, presentCustomers } from './bank.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { campaignColumns } from './columns.ts';

/** How a product sold of late, beside the other products of the campaign. */
export interface ProductRate {
  /** Log of what its targets bought in the year, relative to the mean over all purchases. */
  share: number;
  /** Log of what they bought in the last window against a window's part of the year, relative to that of all products. */
  trend: number;
}

/** Purchases of a campaign's targets in the year before a date. */
export interface PurchaseRates {
  /** Purchases, of products that were sold in the older half of the year, in each part of a window before the date, the newest first; and targets when it began. */
  purchases: number[];
  targets: number[];
  /** Parts of a window, about a month each. */
  parts: number;
  /** By group key, of all products that may be recommended. */
  products: Readonly<Record<string, ProductRate>>;
}

/** Days of a year, of which acquisitions are known, and of a part of a window at most. */
const [year, longestPart] = [365, 31];
/** Purchases that a product's last window leans on. */
const leaning = 5;

/**
 * Counts what a campaign's targets bought before a date: of a cross-sell, first products of the class; of an up-sell, further ones.
 * @param days length of a window
 */
export function purchaseRates(
  {
    acquisitions,
    holds,
    products,
    customers,
    absent,
  }: Pick<Bank, 'holds' | 'products' | 'customers' | 'absent'> & { acquisitions: Acquisitions },
  plan: CampaignPlan,
  days: number,
): PurchaseRates {
  const { projection, keys, ofClass, recommended } = campaignColumns(plan, products);
  const isOfClass = Uint8Array.from(products, ({ groupKey }) => (ofClass.has(groupKey) ? 1 : 0));
  const today = daysSinceEpoch(acquisitions.date);
  const parts = Math.ceil(days / longestPart);
  const known = Math.max(parts, Math.floor((year * parts) / days));
  const count = { bought: new Array<number>(known).fill(0), first: new Array<number>(known).fill(0) };
  const [ofYear, ofNewest] = [new Float64Array(keys.length), new Float64Array(keys.length)];
  // products that are launched in between are in no list of before: their sales tell nothing of the lists' level
  const wasSold = new Uint8Array(keys.length);
  for (let at = 0; at < acquisitions.count; at++) {
    const column = projection[acquisitions.product[at]!]!;
    if (column >= 0 && Math.floor(((today - acquisitions.day[at]!) * parts) / days) >= known / 2) wasSold[column] = 1;
  }
  const seen = new Set<number>();
  for (let at = 0, customer = -1; at < acquisitions.count; at++) {
    if (acquisitions.customer[at] !== customer) {
      customer = acquisitions.customer[at]!;
      seen.clear();
    }
    const product = acquisitions.product[at]!;
    if (!isOfClass[product]) continue;
    const before = acquisitions.before.subarray(acquisitions.start[at]!, acquisitions.start[at + 1]!);
    const held = Array.from(before, (packed) => unpackEntry(packed).column);
    const column = projection[product]!;
    if (held.some((other) => projection[other] === column)) continue;
    const isHolder = held.some((other) => isOfClass[other] === 1);
    const part = Math.floor(((today - acquisitions.day[at]!) * parts) / days);
    if (!isHolder && part < known && !seen.has(part)) {
      count.first[part]!++;
      seen.add(part);
    }
    if (isHolder !== (plan.kind === 'upsell') || !recommended.has(keys[column]!)) continue;
    ofYear[column]!++;
    if (part < parts) ofNewest[column]!++;
    if (part < known && wasSold[column] === 1) count.bought[part]!++;
  }
  const holders = required(holds, plan.class).reduce((sum, holds) => sum + holds, 0);
  const isUpsell = plan.kind === 'upsell';
  let now = isUpsell ? holders : presentCustomers(customers, absent) - holders;
  const targets = count.first.map((first) => {
    now = Math.max(1, isUpsell ? now - first : now + first);
    return now;
  });
  return { purchases: count.bought, targets, parts, products: productRates(keys, recommended, ofYear, ofNewest, days / year) };
}

function productRates(
  keys: readonly string[],
  recommended: ReadonlyMap<string, number>,
  ofYear: Float64Array,
  ofNewest: Float64Array,
  part: number,
): Record<string, ProductRate> {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const share = ofYear.map((bought) => log(bought + 0.5));
  const trend = ofYear.map((bought, i) => log((ofNewest[i]! + leaning) / (bought * part + leaning)));
  const all = sum(ofYear);
  const mean = all === 0 ? 0 : sum(share.map((value, i) => value * ofYear[i]!)) / all;
  const general = log((sum(ofNewest) + leaning) / (all * part + leaning));
  const found: Record<string, ProductRate> = {};
  for (const [i, key] of keys.entries()) {
    if (recommended.has(key)) found[key] = { share: share[i]! - mean, trend: trend[i]! - general };
  }
  return found;
}

/** Weight of a window further back, relative to the next one; how far counts scatter beside chance, and growth from part to part. */
const [fading, scatter, growth] = [0.8, 0.14, 0.15];

/**
 * Log of the rate of purchases per target that is to be expected in a window, over that of the newest one: a line through the logs of the rates of
 * all parts of windows, newer ones weighing more, whose slope leans on 0.
 * @param gap how many windows lie between the newest one and that of the future
 */
export function expectedDrift({ purchases, targets, parts }: Omit<PurchaseRates, 'products'>, gap: number): number {
  let [w0, w1, w2, y0, y1] = [0, 0, 1 / growth ** 2, 0, 0];
  for (const [k, count] of purchases.entries()) {
    const rate = log((count + 0.5) / targets[k]!);
    const weight = pow(fading, k / parts) / (1 / (count + 0.5) + scatter ** 2);
    w0 += weight;
    w1 -= weight * k;
    w2 += weight * k * k;
    y0 += weight * rate;
    y1 -= weight * rate * k;
  }
  const determinant = w0 * w2 - w1 * w1;
  const [level, slope] = [(y0 * w2 - y1 * w1) / determinant, (w0 * y1 - w1 * y0) / determinant];
  const newest = (values: readonly number[]) => values.slice(0, parts).reduce((sum, value) => sum + value, 0);
  const before = log((newest(purchases) + 0.5) / newest(targets));
  return Math.min(1, Math.max(-1, level + slope * (gap * parts + (parts + 1) / 2) - before));
}
