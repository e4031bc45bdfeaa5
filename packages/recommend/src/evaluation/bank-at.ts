import { AppError } from '@basketwise/core/error';
import {
  type BankRecords,
  daysSinceEpoch,
  type EvaluationWindow,
  type HistoryBatch,
  type HoldingBatch,
  type KernelPool,
  noBasket,
} from '@basketwise/core/parts';
import type { Acquisitions } from '../campaigns/acquisitions.ts';
import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignTable } from '../campaigns/baskets.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { FirstOpenings } from '../campaigns/first-openings.ts';
import { type BankFacts, loadBank } from '../campaigns/load-bank.ts';
import { type HiddenFolds, hideHoldings } from './hidden-holdings.ts';

/** Bank as known on a date, without later data. Exceptions are clusters and rules, which depend on today's customer columns. */
export interface BankAt extends Bank {
  window: EvaluationWindow;
  /** Purchases of the year before the date. */
  acquisitions: Acquisitions;
  /**
   * One byte per product: 1 if a customer opened a product of its group on or before the date. Other products count as unknown.
   */
  known: Uint8Array;
  /** Products purchased after `from` up to `to`, by customer. */
  added: ReadonlyMap<number, readonly number[]>;
  /** Products purchased in the gap before, by customer. */
  skipped: ReadonlyMap<number, readonly number[]>;
  /** Customers with a held-out product that is in no data. Absent with dates. */
  elsewhere?: ReadonlySet<number>;
}

/** `BankAt` without popularity, for callers that only test lists of models. */
export type BankOfWindow = Omit<BankAt, 'popularity'>;

/** @throws AppError bug if a holding is later than the date: future data must not train */
export function refuseLater({ days }: Pick<HoldingBatch, 'days'>, day: number): void {
  const late = days.findIndex((d) => d > day);
  if (late >= 0) {
    throw new AppError(
      'bug',
      `a holding opened ${days[late]! - day} days after the training date reached the training data`,
      'Report this.',
    );
  }
}

/**
 * Loads the bank on a window's date, the purchases of the year before it, and the purchases of the window. @param hide without
 * dates: customers with held-out holdings, which stand for purchases
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
  // Held-out products are held without a date of opening.
  if (hidden) {
    const { added, elsewhere } = hidden;
    return { ...at, known: new Uint8Array(products.length).fill(1), added, elsewhere, skipped: new Map() };
  }
  const opened = (await records.known?.(window.at)) ?? openings.known(day);
  const known = new Set(products.flatMap(({ groupKey }, product) => (opened[product] === 1 ? [groupKey] : [])));
  const ofGroups = Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0));
  return { ...at, known: ofGroups, ...(await loadPurchases(records, window)) };
}

/** Purchases in a window, and in the gap before it. */
async function loadPurchases(records: BankRecords, window: EvaluationWindow): Promise<Pick<BankAt, 'added' | 'skipped'>> {
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const batch of records.history(window.to, { after: window.at })) {
    const { customer, product, days, closed } = batch;
    for (let i = 0; i < customer.length; i++) {
      // A purchase counts even if closed by the end of the window. A holding closed before its opening never existed.
      if (closed[i]! < days[i]!) continue;
      const target = days[i]! > from ? added : skipped;
      const list = target.get(customer[i]!);
      if (list === undefined) target.set(customer[i]!, [product[i]!]);
      else list.push(product[i]!);
    }
  }
  return { added, skipped };
}

/** Customer with a basket row, and the products (by their numbers in lists) that they purchased in the window. */
export interface CustomerPurchases {
  customer: number;
  row: number;
  products: readonly number[];
}

/** Purchases of the customers of a campaign in the window. Purchases in the gap before it do not count. */
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

/** Number of a row's customers who purchased a product (by its number in lists) in the window. */
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
