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

/** Data of a bank's customers besides their holdings. */
export interface BankFacts {
  /** Clusters of the customers. Absent: no schemes. */
  clusters?: SchemeClusters;
  /** Results of the config's rules, as in `Bank`. Absent: no rules. */
  eligible?: readonly Uint8Array[];
  /** Features of the customers as of the date. Absent: no features. */
  contexts?: CustomerContexts | undefined;
}

/** Options of reading holdings. */
export interface LoadOptions extends BankFacts {
  /**
   * Receives all holdings up to the date, including closed ones, in the pass that collects purchases. Absent: purchases are not
   * collected.
   */
  history?: ((batch: HistoryBatch) => void) | undefined;
  /** Removes held-out holdings. */
  keep?: (batch: HoldingBatch) => HoldingBatch;
}

/**
 * Loads the data that campaigns share as of a date: the customers' data, and holdings as a sparse matrix.
 * The matrix stays in kernel memory until the caller releases it.
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

/** Open holdings of batches, moved to the beginning of each. @param hear gets each whole batch first */
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
