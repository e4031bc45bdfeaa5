import {
  type BankRecords,
  CsrBuilder,
  daysSinceEpoch,
  type HistoryBatch,
  type HoldingBatch,
  type KernelPool,
  type PlainDate,
  stillOpen,
} from '@basketwise/core/parts';
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
} from './bank.ts';
import type { BankSettings } from './bank-settings.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { CustomerContexts } from './customer-contexts.ts';
import { absentOn } from './joined.ts';
import { RecentPopularity } from './popularity.ts';

/** Data of a bank's customers other than their holdings. */
export interface BankFacts {
  /** Clusters of the customers. Absent: the config has no cluster schemes. */
  clusters?: SchemeClusters;
  /** Results of the config's rules, u8[customers] per rule. Absent: the config has no rules. */
  eligible?: readonly Uint8Array[];
  /** Features of the customers as of the reference date. Absent: no features. */
  contexts?: CustomerContexts | undefined;
}

/** Options of `loadBank`. */
export interface LoadOptions extends BankFacts {
  /** Receives all holdings up to the reference date, including closed holdings, while purchases are collected. Absent: no purchases are collected. */
  history?: ((batch: HistoryBatch) => void) | undefined;
  /** Returns a batch without the held-out holdings. Absent: no holdings are held out. */
  keep?: (batch: HoldingBatch) => HoldingBatch;
}

/**
 * Loads the data that all campaigns share, as of a date: the customers' data, and the holdings as a sparse matrix. The matrix stays in kernel memory
 * until the caller releases it.
 */
export async function loadBank(
  pool: KernelPool,
  records: BankRecords,
  settings: BankSettings,
  plans: readonly CampaignPlan[],
  date: PlainDate,
  { clusters = new Map(), eligible = [], contexts, history, keep = (batch) => batch }: LoadOptions = {},
): Promise<Bank> {
  const products = await records.products();
  const customers = records.customerCount;
  const cutoffs = bandCutoffs(settings, date);
  const builder = new CsrBuilder({ pool, customers, products: products.length, referenceDay: daysSinceEpoch(date), cutoffs });
  const absent = absentOn(await records.joined(), date);
  const present = presentCustomers(customers, absent);
  const popularity = new RecentPopularity(products, recentSince(date), present, withSizes(clusters, absent));
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
  const holdsOf = holdersByProduct(products, holds);
  const collector = history ? acquisitionCollector(settings, date) : null;
  const hear = (batch: HistoryBatch) => {
    history!(batch);
    collector!.add(batch);
  };
  for await (const whole of collector ? openHoldings(records.history(date), hear) : records.holdings(date)) {
    const batch = keep(whole);
    builder.add(batch);
    popularity.add(batch);
    markHolders(batch, holdsOf);
  }
  const csr = await builder.finish();
  const acquisitions = collector?.finish() ?? null;
  return { customers, absent, products, csr, holds, clusters, eligible, contexts, popularity, acquisitions };
}

/** Yields the open holdings of each batch, moved to the beginning of its arrays. @param hear called first with each whole batch */
async function* openHoldings(
  batches: AsyncIterable<HistoryBatch>,
  hear: (batch: HistoryBatch) => void,
): AsyncGenerator<HoldingBatch> {
  for await (const batch of batches) {
    hear(batch);
    const { customer, product, days, closed } = batch;
    let open = 0;
    for (let i = 0; i < closed.length; i++) {
      if (closed[i] !== stillOpen) continue;
      customer[open] = customer[i]!;
      product[open] = product[i]!;
      days[open++] = days[i]!;
    }
    yield { customer: customer.subarray(0, open), product: product.subarray(0, open), days: days.subarray(0, open) };
  }
}
