import { daysSinceEpoch, exp, log, type Product, required, sum, unpackEntry } from '@basketwise/core/parts';
import type { Acquisitions } from './acquisitions.ts';
import type { Bank } from './bank.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { campaignColumns } from './columns.ts';
import { bankModels, campaignModels, type ForecastWindow, forecastSales, mostUnknown, sumOfWindow } from './sales-forecast.ts';

/** Recent sales of a product relative to the other products of the campaign. */
export interface ProductRate {
  /** Log of the product's purchases by target customers in the year, minus the mean of this log over all products, weighted by purchases. */
  share: number;
  /**
   * Log of the product's purchases in the newest window, divided by the number expected from its purchases in the year. The same log for all products
   * together is subtracted.
   */
  trend: number;
}

/** Purchases by a campaign's target customers in the year before a date. */
export interface PurchaseRates {
  /** Number of purchases in each part of the year, newest part first. Products that were not sold in the older half of the year are left out. */
  purchases: number[];
  /** Number of target customers at the beginning of each part, in the same order. */
  targets: number[];
  /** Number of parts in a window. A part has about a month. */
  parts: number;
  /** Number of purchases of all recommendable products in the year. */
  ofYear: number;
  /** Number of purchases of all recommendable products in the newest window. */
  ofNewest: number;
  /** Sales rates of all recommendable products, by group key. */
  products: Readonly<Record<string, ProductRate>>;
}

/** Period of known purchases before a date (`year`), and maximum length of a part of a window (`longestPart`), in days. */
const [year, longestPart] = [365, 31];
/** Prior of a product's purchases in the newest window: this number is added to the count and to its expectation. */
const priorPurchases = 5;

/**
 * Earlier holdings at the time of a purchase: nothing of the product's class, other products of the class, or the purchased product itself. In the
 * third case the acquisition is no purchase.
 */
export const heldBefore = ['nothing', 'others', 'it'] as const;

/** Number of purchases of a product in one part of a window before a date, by the customers' earlier holdings (see `heldBefore`). */
interface PurchaseCount {
  product: number;
  /** Part, counted back from the date; the newest is 0. */
  part: number;
  held: (typeof heldBefore)[number];
  purchases: number;
  /** Number of purchases by customers who held nothing of the class. A customer counts once per part. */
  first: number;
}

/** Purchases of a class's products in the year before a date, with the numbers of customers. */
export interface ClassPurchases {
  counts: readonly PurchaseCount[];
  /** Number of customers on the reference date. */
  customers: number;
  /** Number of customers who hold a product of the class. */
  holders: number;
}

/** Number of parts (`parts`) of a window of `days` days, and number of parts (`known`) in the year before a date. */
function windowParts(days: number): { parts: number; known: number } {
  const parts = Math.ceil(days / longestPart);
  return { parts, known: Math.max(parts, Math.floor((year * parts) / days)) };
}

/** Number of parts of a window of `days` days. A purchase `age` days before the date is in part floor(age * parts / days). */
export function partsOfWindow(days: number): number {
  return windowParts(days).parts;
}

/** Number of customers of a bank, and number of holders of a class. Each element of the bank counts with its weight. */
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
 * Counts the purchases of a class's products in the year before a date.
 * @param name name of the class
 * @param days length of a window, in days
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
 * Computes the purchase rates of a campaign's target customers before a date. A cross-sell counts first products of the class, an up-sell further
 * products.
 * @param bought purchases of the campaign's class
 * @param days length of a window, in days
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
  // Products launched in the newer half of the year are left out. Lists of earlier dates do not contain them. Their sales must not change the sales
  // level of those lists.
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

/** Forecast of a campaign's purchases in the window after a date, with a test of the same method on earlier windows. */
export interface SalesOutlook {
  /** Log of the expected purchase rate per target customer in the forecast window, minus the log of the rate in the newest known window. */
  drift: number;
  /**
   * Test on earlier windows, the newest first and without overlap: number of windows, sum of their purchases (`bought`), and sum of their forecasts
   * (`expected`). Each forecast uses only the parts before its window and gap.
   */
  earlier: { windows: number; bought: number; expected: number };
}

/** Purchases and target customers of a campaign, by part of a window. */
type MonthlySales = Pick<PurchaseRates, 'purchases' | 'targets' | 'parts'>;

/** Maximum absolute drift of a log rate: a factor of e in the rate. */
const mostDrift = 1;

/**
 * Forecasts the purchases of campaigns (./sales-forecast.ts). First the sales of all campaigns together are forecast, then each campaign's sales
 * relative to that total. A campaign with few purchases therefore follows the total.
 * @param list campaigns whose windows have equal numbers of parts
 * @param between number of windows between the newest known window and the forecast window
 * @param season factor of the sales of a part, by its number (./seasons.ts). The parts after the date have the numbers -1, -2, ...
 */
export function salesOutlooks(list: readonly MonthlySales[], between: number, season = (_part: number) => 1): SalesOutlook[] {
  if (list.length === 0) return [];
  const { parts, purchases } = list[0]!;
  const window = { parts, gap: Math.round(between * parts) };
  const now = logRates(list, 0, window, season);
  const outlooks = list.map((campaign, i): SalesOutlook => {
    const newest = log((sumOfWindow(campaign.purchases, 0, parts) + 0.5) / sumOfWindow(campaign.targets, 0, parts));
    const drift = Math.min(mostDrift, Math.max(-mostDrift, now[i]! - newest));
    return { drift, earlier: { windows: 0, bought: 0, expected: 0 } };
  });
  for (let newer = 0; newer + parts + window.gap <= mostUnknown(purchases.length, window); newer += parts) {
    const then = logRates(list, newer + parts + window.gap, window, season);
    for (const [i, { earlier }] of outlooks.entries()) {
      earlier.windows++;
      earlier.bought += sumOfWindow(list[i]!.purchases, newer, parts);
      earlier.expected += sumOfWindow(list[i]!.targets, newer, parts) * exp(then[i]!);
    }
  }
  return outlooks;
}

/**
 * Forecast log purchase rate per target customer, by campaign. The models forecast sales without seasons; the season of the window is added.
 * @param unknown number of newest parts that the forecast must not use
 */
function logRates(
  all: readonly MonthlySales[],
  unknown: number,
  { parts, gap }: ForecastWindow,
  season: (part: number) => number,
): number[] {
  const window = { parts, gap };
  const list = all.map(({ purchases, targets }) => ({
    purchases: purchases.slice(unknown),
    targets: targets.slice(unknown).map((count, k) => count * season(unknown + k)),
  }));
  const ofWindow = log(sum(Array.from({ length: parts }, (_, k) => season(unknown - gap - 1 - k))) / parts);
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
  return rates.map((rate, i) => log(rate) + ofBank! + ofCampaigns[i]! + ofWindow);
}
