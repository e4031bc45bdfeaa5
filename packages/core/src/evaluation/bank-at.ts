import { CsrBuilder } from '../baskets/csr.ts';
import type { Acquisitions } from '../campaigns/acquisitions.ts';
import {
  acquisitionCollector,
  type Bank,
  bandCutoffs,
  holdersByProduct,
  markHolders,
  presentCustomers,
  recentSince,
  type SchemeClusters,
  withSizes,
} from '../campaigns/bank.ts';
import type { BankRecords, HoldingBatch } from '../campaigns/bank-records.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';
import { FirstOpenings } from '../campaigns/first-openings.ts';
import { absentOn } from '../campaigns/joined.ts';
import { RecentPopularity } from '../campaigns/popularity.ts';
import { daysSinceEpoch } from '../dates/plain-date.ts';
import type { EvaluationWindow } from '../dates/windows.ts';
import { AppError } from '../error.ts';
import type { KernelPool } from '../wasm/pool.ts';

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

/** Facts about the customers of a bank as of a date, beside their holdings. */
export interface BankAtOptions {
  /** Clusters of the customers; absent: of no scheme. */
  clusters?: SchemeClusters;
  /** Outcomes of the config's rules, as `Bank` has them; absent: of no rule. */
  eligible?: readonly Uint8Array[];
  /** Takes what nobody is to know out of the holdings. */
  keep?: (batch: HoldingBatch) => HoldingBatch;
  /** Features of the customers as of the date; absent where there are none. */
  contexts?: CustomerContexts | undefined;
}

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
 * Loads holdings as of a window's date, the year's acquisitions before it, and what was acquired in the window.
 */
export async function loadBankAt(
  pool: KernelPool,
  records: BankRecords,
  config: BankSettings,
  plans: readonly CampaignPlan[],
  window: EvaluationWindow,
  { clusters = new Map(), eligible = [], contexts, keep = (batch) => batch }: BankAtOptions = {},
): Promise<BankAt> {
  const products = await records.products();
  const customers = records.customerCount;
  const day = daysSinceEpoch(window.at);
  const cutoffs = bandCutoffs(config, window.at);
  const builder = new CsrBuilder({ pool, customers, products: products.length, referenceDay: day, cutoffs });
  const joined = await records.joined();
  const absent = absentOn(joined, window.at);
  const present = presentCustomers(customers, absent);
  const popularity = new RecentPopularity(products, recentSince(window.at), present, withSizes(clusters, absent));
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
  const holdsOf = holdersByProduct(products, holds);
  for await (const whole of records.holdings(window.at, { place: 'evaluation' })) {
    refuseLater(whole, day);
    const batch = keep(whole);
    builder.add(batch);
    popularity.add(batch);
    markHolders(batch, holdsOf);
  }
  const csr = await builder.finish();
  const collect = acquisitionCollector(config, window.at);
  const openings = new FirstOpenings(products.length);
  for await (const batch of records.history(window.at, { place: 'evaluation' })) {
    refuseLater(batch, day);
    if (!records.known) openings.add(batch, joined);
    collect.add(batch);
  }
  const opened = (await records.known?.(window.at)) ?? openings.known(day);
  const known = new Set(products.flatMap(({ groupKey }, product) => (opened[product] === 1 ? [groupKey] : [])));
  return {
    ...{ window, customers, absent, products, csr, holds, clusters, eligible, contexts, plans, popularity },
    acquisitions: collect.finish(),
    known: Uint8Array.from(products, ({ groupKey }) => (known.has(groupKey) ? 1 : 0)),
    ...(await loadPurchases(records, window)),
  };
}

/** Acquisitions in a window, and in the gap before it. */
async function loadPurchases(records: BankRecords, window: EvaluationWindow): Promise<Pick<BankAt, 'added' | 'skipped'>> {
  const [added, skipped] = [new Map<number, number[]>(), new Map<number, number[]>()];
  const from = daysSinceEpoch(window.from);
  for await (const batch of records.history(window.to, { after: window.at, place: 'evaluation' })) {
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
