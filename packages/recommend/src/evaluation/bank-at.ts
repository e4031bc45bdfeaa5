import {
  type BankRecords,
  bug,
  daysSinceEpoch,
  type EvaluationWindow,
  type HistoryBatch,
  type HoldingBatch,
  type KernelPool,
  noBasket,
} from '@basketwise/core';
import type { Acquisitions } from '../campaigns/acquisitions.ts';
import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignTable } from '../campaigns/baskets.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { type BankFacts, loadBank } from '../campaigns/load-bank.ts';
import { type HiddenFolds, hideHoldings } from './hidden-holdings.ts';
import { FirstOpenings } from './kept-records.ts';

/** Bank as known on a date, without later data. Clusters and rules are exceptions: they can depend on today's customer columns. */
export interface BankAt extends Bank {
  window: EvaluationWindow;
  /** Purchases in the year before the date. */
  acquisitions: Acquisitions;
  /**
   * Flag of each product, u8[products]: 1 if a customer opened a product of its equivalence group on or before the date. Purchases of other products
   * count as unknown.
   */
  known: Uint8Array;
  /** Products that each customer purchased in the window (after `window.from`, up to `window.to`). Without dates: the held-out product. */
  added: ReadonlyMap<number, readonly number[]>;
  /** Products that each customer purchased in the gap before the window. */
  skipped: ReadonlyMap<number, readonly number[]>;
  /** Customers of an outer test, whose held-out product must occur in no data. Absent if holdings have dates. */
  elsewhere?: ReadonlySet<number>;
}

/** `BankAt` without popularity, for callers that make no backfill. */
export type BankOfWindow = Omit<BankAt, 'popularity'>;

/**
 * Checks that no holding is later than the date of the training data.
 * @throws AppError bug if a holding is later
 */
export function refuseLater({ days }: Pick<HoldingBatch, 'days'>, day: number): void {
  const late = days.findIndex((d) => d > day);
  if (late >= 0) {
    throw bug(`a holding opened ${days[late]! - day} days after the training date reached the training data`);
  }
}

/**
 * Loads the bank as of the start of a window, the purchases in the year before it, and the purchases in the window.
 * @param hide for holdings without dates: the customers with a held-out product, which stands for a purchase
 */
export async function loadBankAt(
  pool: KernelPool,
  records: BankRecords,
  settings: BankSettings,
  plans: readonly CampaignPlan[],
  window: EvaluationWindow,
  { hide, ...facts }: BankFacts & { hide?: HiddenFolds | undefined } = {},
): Promise<BankAt> {
  const products = await records.products();
  const day = daysSinceEpoch(window.at);
  const joined = await records.joined();
  const openings = new FirstOpenings(products.length);
  const history = (batch: HistoryBatch) => {
    refuseLater(batch, day);
    if (!records.known) openings.add(batch, joined);
  };
  const hidden = hide && (await hideHoldings(records, window.at, hide));
  const bank = await loadBank(pool, records, settings, plans, window.at, {
    ...facts,
    history,
    ...(hidden && { keep: hidden.keep }),
  });
  const at = { ...bank, window, acquisitions: bank.acquisitions! };
  // Held-out products have no opening date, so all products count as known.
  if (hidden) {
    const { added, elsewhere } = hidden;
    return { ...at, known: new Uint8Array(products.length).fill(1), added, elsewhere, skipped: new Map() };
  }
  const opened = (await records.known?.(window.at)) ?? openings.known(day);
  const known = new Set(products.flatMap(({ groupKey }, product) => (opened[product] === 1 ? [groupKey] : [])));
  const ofGroups = Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0));
  return { ...at, known: ofGroups, ...(await loadPurchases(records, window)) };
}

/** Loads the purchases in a window (`added`) and in the gap before it (`skipped`). */
async function loadPurchases(records: BankRecords, window: EvaluationWindow): Promise<Pick<BankAt, 'added' | 'skipped'>> {
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const batch of records.history(window.to, { after: window.at })) {
    const { customer, product, days, closed } = batch;
    for (let i = 0; i < customer.length; i++) {
      // A purchase counts even if the holding closed by the end of the window. A row that closed before it opened is no purchase.
      if (closed[i]! < days[i]!) continue;
      const target = days[i]! > from ? added : skipped;
      const list = target.get(customer[i]!);
      if (list === undefined) target.set(customer[i]!, [product[i]!]);
      else list.push(product[i]!);
    }
  }
  return { added, skipped };
}

/** Customer with their basket row and their purchases in the window. `products` are product numbers as in lists. */
export interface CustomerPurchases {
  customer: number;
  row: number;
  products: readonly number[];
}

/** Yields the purchases in the window of each customer of a campaign. Products that the customer already purchased in the gap are left out. */
export function* purchasesByCustomer(
  { products, added, skipped }: Pick<BankAt, 'products' | 'added' | 'skipped'>,
  { basketOf, columns }: Pick<CampaignTable, 'basketOf' | 'columns'>,
): Generator<CustomerPurchases> {
  const listed = products.map(({ groupKey }) => columns.recommended.get(groupKey) ?? -1);
  for (const [customer, taken] of added) {
    const row = basketOf[customer]!;
    if (row === noBasket) continue;
    const before = (skipped.get(customer) ?? []).map((product) => listed[product]!);
    const found = new Set(taken.map((one) => listed[one]!));
    yield { customer, row, products: [...found].filter((product) => product >= 0 && !before.includes(product)) };
  }
}

/**
 * Returns a function of a basket row and a product number (as in lists). Its value is the number of the row's customers who purchased the product in
 * the window.
 */
export function purchasesOf(bank: BankAt, table: CampaignTable): (row: number, product: number) => number {
  const { products, weight } = bank;
  const bought = new Map<number, number>();
  for (const { customer, row, products: taken } of purchasesByCustomer(bank, table)) {
    for (const product of taken) {
      const key = row * products.length + product;
      bought.set(key, (bought.get(key) ?? 0) + (weight?.[customer] ?? 1));
    }
  }
  return (row, product) => bought.get(row * products.length + product) ?? 0;
}
