import { daysSinceEpoch, exp, log, type Product, required, sum, unpackEntry } from '@basketwise/core/parts';
import type { Acquisitions } from './acquisitions.ts';
import type { Bank } from './bank.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { campaignColumns } from './columns.ts';
import { bankModels, campaignModels, type ForecastWindow, forecastSales, mostUnknown, sumOfWindow } from './sales-forecast.ts';

/** Recent sales of a product relative to the other products of the campaign. */
export interface ProductRate {
  /** Log of its purchases by the campaign's targets in the year, relative to the mean over all products. */
  share: number;
  /**
   * Log of the purchases in the last window, relative to a window's share of the year's purchases. The same log over all products
   * is subtracted.
   */
  trend: number;
}

/** Purchases of a campaign's targets in the year before a date. */
export interface PurchaseRates {
  /** Purchases in each part of a window before the date, newest first. Only products sold in the older half of the year count. */
  purchases: number[];
  /** Number of targets at the beginning of each part. */
  targets: number[];
  /** Number of parts of a window, each of about a month. */
  parts: number;
  /** Purchases of the year, of all recommendable products. */
  ofYear: number;
  /** Purchases of the last window, of all recommendable products. */
  ofNewest: number;
  /** Sales rates by group key, of all recommendable products. */
  products: Readonly<Record<string, ProductRate>>;
}

/** Days of a year, the period of known purchases; and most days of a part of a window. */
const [year, longestPart] = [365, 31];
/** Prior of a product's last window, in purchases. */
const priorPurchases = 5;

/**
 * Holdings of a customer in a product's class at a purchase: none, other products, or the product itself. The last is no
 * purchase.
 */
export const heldBefore = ['nothing', 'others', 'it'] as const;

/** Purchases of one product in one part of a window before a date, by the holdings of its class. */
interface PurchaseCount {
  product: number;
  /** Part of a window before the date, the newest 0. */
  part: number;
  held: (typeof heldBefore)[number];
  purchases: number;
  /** Purchases by customers without the class. Each customer counts once per part. */
  first: number;
}

/** Purchases of the products of a class in the year before a date, and the numbers of customers. */
export interface ClassPurchases {
  counts: readonly PurchaseCount[];
  /** Number of customers on the date. */
  customers: number;
  /** Number of holders of a product of the class. */
  holders: number;
}

/** Number of parts of a window of `days` days, and the number of parts known before a date. */
function windowParts(days: number): { parts: number; known: number } {
  const parts = Math.ceil(days / longestPart);
  return { parts, known: Math.max(parts, Math.floor((year * parts) / days)) };
}

/** Number of parts of a window of so many days. A purchase `age` days ago is in part floor(age * parts / days). */
export function partsOfWindow(days: number): number {
  return windowParts(days).parts;
}

/**
 * Number of customers of a bank, and number of holders of a class. Each customer of the bank counts for the number that it stands
 * for.
 */
export function classCustomers(
  { holds, customers, absent, weight }: Pick<Bank, 'holds' | 'customers' | 'absent' | 'weight'>,
  name: string,
): Pick<ClassPurchases, 'customers' | 'holders'> {
  const held = required(holds, name);
  const found = { customers: 0, holders: 0 };
  for (let customer = 0; customer < customers; customer++) {
    const times = weight?.[customer] ?? 1;
    if (!absent?.[customer]) found.customers += times;
    if (held[customer]) found.holders += times;
  }
  return found;
}

/**
 * Counts the purchases of a class in the year before a date.
 * @param days length of a window
 */
export function classPurchases(
  bank: Pick<Bank, 'holds' | 'products' | 'customers' | 'absent' | 'weight'> & { acquisitions: Acquisitions },
  name: string,
  days: number,
): ClassPurchases {
  const { acquisitions, products } = bank;
  const today = daysSinceEpoch(acquisitions.date);
  const { parts } = windowParts(days);
  const ofClass = new Set(products.filter((product) => product.class === name).map(({ groupKey }) => groupKey));
  const isOfClass = Uint8Array.from(products, ({ groupKey }) => (ofClass.has(groupKey) ? 1 : 0));
  const found = new Map<number, PurchaseCount>();
  const seen = new Set<number>();
  for (let at = 0, customer = -1; at < acquisitions.count; at++) {
    if (acquisitions.customer[at] !== customer) {
      customer = acquisitions.customer[at]!;
      seen.clear();
    }
    const product = acquisitions.product[at]!;
    if (!isOfClass[product]) continue;
    const { groupKey } = products[product]!;
    let [holds, holdsIt] = [false, false];
    for (let i = acquisitions.start[at]!; i < acquisitions.start[at + 1]!; i++) {
      const { column: other } = unpackEntry(acquisitions.before[i]!);
      holds ||= isOfClass[other] === 1;
      holdsIt ||= products[other]!.groupKey === groupKey;
    }
    const state = holdsIt ? 2 : holds ? 1 : 0;
    const held = heldBefore[state];
    const part = Math.floor(((today - acquisitions.day[at]!) * parts) / days);
    const key = (part * products.length + product) * heldBefore.length + state;
    let count = found.get(key);
    if (count === undefined) {
      count = { product, part, held, purchases: 0, first: 0 };
      found.set(key, count);
    }
    count.purchases++;
    if (held !== 'nothing' || seen.has(part)) continue;
    count.first++;
    seen.add(part);
  }
  return { counts: [...found.values()], ...classCustomers(bank, name) };
}

/**
 * Purchase rates of a campaign's targets before a date. A cross-sell counts first products of the class, an up-sell further ones.
 * @param bought purchases of the campaign's class
 * @param days length of a window
 */
export function purchaseRates(
  bought: ClassPurchases,
  plan: CampaignPlan,
  products: readonly Product[],
  days: number,
): PurchaseRates {
  const { projection, keys, recommended } = campaignColumns(plan, products);
  const { parts, known } = windowParts(days);
  const count = { bought: new Array<number>(known).fill(0), first: new Array<number>(known).fill(0) };
  const [ofYear, ofNewest] = [new Float64Array(keys.length), new Float64Array(keys.length)];
  // Products launched in between are in no earlier list, so their sales do not change the lists' level.
  const wasSold = new Uint8Array(keys.length);
  for (const { product, part } of bought.counts) if (part >= known / 2) wasSold[projection[product]!] = 1;
  const isUpsell = plan.kind === 'upsell';
  for (const { product, part, held, purchases, first } of bought.counts) {
    if (part < known) count.first[part]! += first;
    const column = projection[product]!;
    if (held !== (isUpsell ? 'others' : 'nothing') || !recommended.has(keys[column]!)) continue;
    ofYear[column]! += purchases;
    if (part < parts) ofNewest[column]! += purchases;
    if (part < known && wasSold[column] === 1) count.bought[part]! += purchases;
  }
  let now = isUpsell ? bought.holders : bought.customers - bought.holders;
  const targets = count.first.map((first) => {
    now = Math.max(1, isUpsell ? now - first : now + first);
    return now;
  });
  return {
    ...{ purchases: count.bought, targets, parts, ofYear: sum(ofYear), ofNewest: sum(ofNewest) },
    products: productRates(keys, recommended, ofYear, ofNewest, days / year),
  };
}

function productRates(
  keys: readonly string[],
  recommended: ReadonlyMap<string, number>,
  ofYear: Float64Array,
  ofNewest: Float64Array,
  part: number,
): Record<string, ProductRate> {
  const share = ofYear.map((bought) => log(bought + 0.5));
  const trend = ofYear.map((bought, i) => log((ofNewest[i]! + priorPurchases) / (bought * part + priorPurchases)));
  const all = sum(ofYear);
  const mean = all === 0 ? 0 : sum(share.map((value, i) => value * ofYear[i]!)) / all;
  const general = log((sum(ofNewest) + priorPurchases) / (all * part + priorPurchases));
  const found: Record<string, ProductRate> = {};
  for (const [i, key] of keys.entries()) {
    if (recommended.has(key)) found[key] = { share: share[i]! - mean, trend: trend[i]! - general };
  }
  return found;
}

/** Forecast of a campaign's purchases in the window after a date, and of its earlier windows by the same method. */
export interface SalesOutlook {
  /** Log of the expected rate of purchases per target in the window, less that of the newest known window. */
  drift: number;
  /** Newest earlier windows that do not overlap, all together: their purchases, and those forecast from the parts before each. */
  earlier: { windows: number; bought: number; expected: number };
}

/** Purchases and targets of a campaign by part of a window. */
type MonthlySales = Pick<PurchaseRates, 'purchases' | 'targets' | 'parts'>;

/** Greatest drift, either way: a factor of e. */
const mostDrift = 1;

/**
 * Forecasts the purchases of campaigns. The sales of all campaigns together are forecast first, then each campaign's sales relative to them
 * (./sales-forecast.ts). A campaign with few purchases therefore follows all campaigns.
 * @param list campaigns with equal parts of windows
 * @param between number of windows between the newest known one and that of the forecast
 */
export function salesOutlooks(list: readonly MonthlySales[], between: number): SalesOutlook[] {
  if (list.length === 0) return [];
  const { parts, purchases } = list[0]!;
  const window = { parts, gap: Math.round(between * parts) };
  const now = logRates(list, 0, window);
  const outlooks = list.map((campaign, i): SalesOutlook => {
    const newest = log((sumOfWindow(campaign.purchases, 0, parts) + 0.5) / sumOfWindow(campaign.targets, 0, parts));
    const drift = Math.min(mostDrift, Math.max(-mostDrift, now[i]! - newest));
    return { drift, earlier: { windows: 0, bought: 0, expected: 0 } };
  });
  for (let newer = 0; newer + parts + window.gap <= mostUnknown(purchases.length, window); newer += parts) {
    const then = logRates(list, newer + parts + window.gap, window);
    for (const [i, { earlier }] of outlooks.entries()) {
      earlier.windows++;
      earlier.bought += sumOfWindow(list[i]!.purchases, newer, parts);
      earlier.expected += sumOfWindow(list[i]!.targets, newer, parts) * exp(then[i]!);
    }
  }
  return outlooks;
}

/** Forecast log rates of purchases per target, by campaign. @param unknown number of newest parts that the forecast does not know */
function logRates(all: readonly MonthlySales[], unknown: number, window: ForecastWindow): number[] {
  const list = all.map(({ purchases, targets }) => ({ purchases: purchases.slice(unknown), targets: targets.slice(unknown) }));
  const rates = list.map(({ purchases, targets }) => (sum(purchases) + 0.5) / sum(targets));
  const usual = list.map(({ targets }, i) => targets.map((count) => count * rates[i]!));
  const ofAll = list[0]!.purchases.map((_, k) => ({
    bought: list.reduce((total, { purchases }) => total + purchases[k]!, 0),
    usual: usual.reduce((total, of) => total + of[k]!, 0),
  }));
  const bank = { purchases: ofAll.map(({ bought }) => bought), exposure: ofAll.map((part) => part.usual) };
  const relative = usual.map((of) => of.map((count, k) => (count * (ofAll[k]!.bought + 0.5)) / ofAll[k]!.usual));
  const [ofBank] = forecastSales([bank], bankModels, window);
  const own = list.map(({ purchases }, i) => ({ purchases, exposure: relative[i]! }));
  const ofCampaigns = forecastSales(own, campaignModels, window);
  return rates.map((rate, i) => log(rate) + ofBank! + ofCampaigns[i]!);
}
