import {
  type BankRecords,
  CsrBuilder,
  daysSinceEpoch,
  type HistoryBatch,
  type HoldingBatch,
  type KernelPool,
  type PlainDate,
  stillOpen,
} from '@basketwise/core';
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

/** Flags of customers who joined after a date, u8[customers]. Undefined if no customer did. @param joined day of joining, see `BankRecords.joined` */
function absentOn(joined: Int32Array | undefined, date: PlainDate): Uint8Array | undefined {
  if (joined === undefined) return undefined;
  const absent = new Uint8Array(joined.length);
  const day = daysSinceEpoch(date);
  let count = 0;
  for (let customer = 0; customer < joined.length; customer++) {
    if (joined[customer]! <= day) continue;
    absent[customer] = 1;
    count++;
  }
  return count > 0 ? absent : undefined;
}

/** Holdings of the customers who had joined by `day` (days since 1970-01-01). The rows are moved to the beginning of the batch's arrays. */
export function rowsOfJoined<Batch extends HoldingBatch | HistoryBatch>(
  batch: Batch,
  joined: Int32Array | undefined,
  day: number,
): Batch {
  if (joined === undefined) return batch;
  const columns = Object.entries(batch) as [string, Int32Array][];
  const { customer } = batch;
  let kept = 0;
  for (let row = 0; row < customer.length; row++) {
    if (joined[customer[row]!]! > day) continue;
    if (kept < row) for (const [, column] of columns) column[kept] = column[row]!;
    kept++;
  }
  return Object.fromEntries(columns.map(([name, column]) => [name, column.subarray(0, kept)])) as unknown as Batch;
}
