import { exp, log, type Product, sum } from '@basketwise/core';
import { type CampaignPlan, campaignColumns } from './campaign-plan.ts';
import { type ClassPurchases, windowParts, year } from './class-purchases.ts';
import {
  bankModels,
  campaignModels,
  combined,
  type ForecastWindow,
  forecastSales,
  mostUnknown,
  sumOfWindow,
} from './sales-forecast.ts';

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

/** Sales rates of the recommendable products of a campaign, by group key. */
export type ProductRates = Readonly<Record<string, ProductRate>>;

/** Purchases by a campaign's target customers in the year before a date, or since the first sales. */
export interface PurchaseRates {
  /** Number of purchases in each part, newest part first. Products that were not sold in the older half of the parts are left out. */
  purchases: number[];
  /** Number of target customers at the beginning of each part, in the same order. */
  targets: number[];
  /** Number of parts in a window. A part has about a month. */
  parts: number;
  /** Number of purchases of all recommendable products in the year. */
  ofYear: number;
  /** Number of purchases of all recommendable products in the newest window. */
  ofNewest: number;
  products: ProductRates;
}

/** Prior of a product's purchases in the newest window: this number is added to the count and to its expectation. */
const priorPurchases = 5;

/**
 * Computes the purchase rates of a campaign's target customers before a date. A cross-sell counts first products of the class, an up-sell further
 * products.
 * @param bought purchases of the campaign's class
 * @param days length of a window, in days
 * @param span days with known sales before the date, at most a year
 */
export function purchaseRates(
  bought: ClassPurchases,
  plan: CampaignPlan,
  products: readonly Product[],
  days: number,
  span = year,
): PurchaseRates {
  const sold = targetPurchases(bought.counts, plan, products, days, span);
  const isUpsell = plan.kind === 'upsell';
  const targets = bought.holders
    .slice(0, sold.purchases.length)
    .map((holders, part) => Math.max(1, isUpsell ? holders : bought.customers[part]! - holders));
  return {
    ...{ purchases: sold.purchases, targets, parts: windowParts(days).parts },
    ...{ ofYear: sum(sold.ofYear), ofNewest: sum(sold.ofNewest), products: ratesOf(sold, days / span) },
  };
}

/**
 * Computes the sales rates of a campaign's products from their purchases in the year before a date.
 * @param counts purchases of the campaign's class
 * @param days length of a window, in days
 * @param span days with known sales before the date, at most a year
 */
export function productRates(
  counts: ClassPurchases['counts'],
  plan: CampaignPlan,
  products: readonly Product[],
  days: number,
  span = year,
): ProductRates {
  return ratesOf(targetPurchases(counts, plan, products, days, span), days / span);
}

function ratesOf({ columns, ofYear, ofNewest }: ReturnType<typeof targetPurchases>, part: number): ProductRates {
  const share = ofYear.map((bought) => log(bought + 0.5));
  const trend = ofYear.map((bought, i) => log((ofNewest[i]! + priorPurchases) / (bought * part + priorPurchases)));
  const all = sum(ofYear);
  const mean = all === 0 ? 0 : sum(share.map((value, i) => value * ofYear[i]!)) / all;
  const general = log((sum(ofNewest) + priorPurchases) / (all * part + priorPurchases));
  const rates: Record<string, ProductRate> = {};
  for (const [i, key] of columns.keys.entries()) {
    if (columns.recommended.has(key)) rates[key] = { share: share[i]! - mean, trend: trend[i]! - general };
  }
  return rates;
}

/** Purchases of recommendable products by a campaign's target customers: by part (see `PurchaseRates`), and by column in the year and the newest window. */
function targetPurchases(
  counts: ClassPurchases['counts'],
  plan: CampaignPlan,
  products: readonly Product[],
  days: number,
  span: number,
) {
  const columns = campaignColumns(plan, products);
  const { projection, keys, recommended } = columns;
  const { parts, known: knownParts } = windowParts(days, span);
  const purchases = new Array<number>(knownParts).fill(0);
  const [ofYear, ofNewest] = [new Float64Array(keys.length), new Float64Array(keys.length)];
  // Products launched in the newer half of these parts are left out. Lists of earlier dates do not contain them. Their sales must not change the sales
  // level of those lists.
  const wasSold = new Uint8Array(keys.length);
  for (const { product, part } of counts) if (part >= knownParts / 2) wasSold[projection[product]!] = 1;
  const held = plan.kind === 'upsell' ? 'others' : 'nothing';
  for (const count of counts) {
    const [{ part }, column] = [count, projection[count.product]!];
    if (count.held !== held || !recommended.has(keys[column]!)) continue;
    ofYear[column]! += count.purchases;
    if (part < parts) ofNewest[column]! += count.purchases;
    if (part < knownParts && wasSold[column] === 1) purchases[part]! += count.purchases;
  }
  return { columns, purchases, ofYear, ofNewest };
}

/**
 * Number of purchases in the newest window that lists of the campaign's best sellers would name: its share of the sales of the year. At least a half of
 * a purchase counts as sold.
 * @param length number of products in a list
 */
export function coveredPurchases({ ofNewest, products }: Pick<PurchaseRates, 'ofNewest' | 'products'>, length: number): number {
  const sales = Object.values(products).map(({ share }) => exp(share));
  const best = sales.sort((a, b) => b - a).slice(0, length);
  return ((ofNewest + 0.5) * sum(best)) / (sum(sales) || 1);
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
  const ofBank = combined(bank, forecastSales([bank], bankModels, window)[0]!, window);
  const series = list.map(({ purchases }, i) => ({ purchases, exposure: relative[i]! }));
  const ofCampaigns = forecastSales(series, campaignModels, window);
  return rates.map((rate, i) => log(rate) + ofBank + ofCampaigns[i]![0]! + ofWindow);
}
