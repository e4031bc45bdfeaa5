import { AppError } from '@basketwise/core/error';
import {
  type BankRecords,
  daysSinceEpoch,
  type EvaluationWindow,
  type HistoryBatch,
  type HoldingBatch,
  type KernelPool,
} from '@basketwise/core/parts';
import type { Acquisitions } from '../campaigns/acquisitions.ts';
import type { Bank } from '../campaigns/bank.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { FirstOpenings } from '../campaigns/first-openings.ts';
import { type BankFacts, loadBank } from '../campaigns/load-bank.ts';
import { type HiddenFolds, hideHoldings } from './hidden-holdings.ts';

/** The bank as it was known on a date: nothing in it is later, but for clusters and rules, which go by customer columns as they are. */
export interface BankAt extends Bank {
  window: EvaluationWindow;
  /** Acquisitions of the year before the date. */
  acquisitions: Acquisitions;
  /** One byte per product: 1 where somebody is known to have opened it, or another one of its group, on the date or before. Nobody can know the others. */
  known: Uint8Array;
  /** Acquisitions after `from` up to `to`, by customer: products; what was acquired in the gap is with `skipped`. */
  added: ReadonlyMap<number, readonly number[]>;
  skipped: ReadonlyMap<number, readonly number[]>;
}

/** The same without what popular products are: whoever only tests lists of models needs none. */
export type BankOfWindow = Omit<BankAt, 'popularity'>;

/** @throws AppError bug where a holding is later than the date: nothing of the future may train. */
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
 * Loads the bank as of a window's date, the year's acquisitions before it, and what was acquired in the window.
 * @param hide where there are no dates: whose holdings are hidden, and stand for what was acquired
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
  // what is hidden is held, and has no date that would say since when
  if (hidden) return { ...at, known: new Uint8Array(products.length).fill(1), added: hidden.added, skipped: new Map() };
  const opened = (await records.known?.(window.at)) ?? openings.known(day);
  const known = new Set(products.flatMap(({ groupKey }, product) => (opened[product] === 1 ? [groupKey] : [])));
  const ofGroups = Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0));
  return { ...at, known: ofGroups, ...(await loadPurchases(records, window)) };
}

/** Acquisitions in a window, and in the gap before it. */
async function loadPurchases(records: BankRecords, window: EvaluationWindow): Promise<Pick<BankAt, 'added' | 'skipped'>> {
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const batch of records.history(window.to, { after: window.at })) {
    const { customer, product, days, closed } = batch;
    for (let i = 0; i < customer.length; i++) {
      // closed by the end of the window or not, it was bought; closed before it was opened, it was never held
      if (closed[i]! < days[i]!) continue;
      const target = days[i]! > from ? added : skipped;
      const list = target.get(customer[i]!);
      if (list === undefined) target.set(customer[i]!, [product[i]!]);
      else list.push(product[i]!);
    }
  }
  return { added, skipped };
}
