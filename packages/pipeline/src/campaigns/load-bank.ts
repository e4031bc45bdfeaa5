import { AppError, CsrBuilder, type KernelPool } from '@basketwise/core';
import {
  type AcquisitionCollector,
  acquisitionCollector,
  type Bank,
  bandCutoffs,
  daysSinceEpoch,
  type HistoryBatch,
  type HoldingBatch,
  holdersByProduct,
  isLearned,
  markHolders,
  needsAcquisitions,
  type PlainDate,
  RecentPopularity,
  recentSince,
  type SchemeClusters,
  stillOpen,
  withSizes,
} from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { type CampaignPlan, planCampaigns } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { specOfConfig } from '../config/spec-of-config.ts';

/** A snapshot as of its date, and how to read it. */
export interface BankSource {
  pool: KernelPool;
  snapshot: Snapshot;
  config: Config;
  referenceDate: PlainDate;
  signal?: AbortSignal;
}

/** Loads what all campaigns share: holdings as a sparse matrix, and what is known of customers. */
export async function loadBank(source: BankSource, clusters: SchemeClusters): Promise<Bank> {
  const { pool, snapshot, config, referenceDate } = source;
  const products = await snapshot.products();
  const customers = snapshot.customerCount;
  const plans = planCampaigns(config);
  const popularity = new RecentPopularity(products, recentSince(referenceDate), customers, withSizes(clusters));
  const builder = new CsrBuilder({
    pool,
    customers,
    products: products.length,
    referenceDay: daysSinceEpoch(referenceDate),
    cutoffs: bandCutoffs(config, referenceDate),
  });
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
  const holdsOf = holdersByProduct(products, holds);
  const collector = learnsAcquisitions(config, plans) ? acquisitionCollector(config, referenceDate) : null;
  for await (const batch of readHoldings(source, collector)) {
    builder.add(batch);
    popularity.add(batch);
    markHolders(batch, holdsOf);
  }
  const csr = await builder.finish();
  const eligible = await readEligibility(source);
  const acquisitions = collector?.finish() ?? null;
  return { customers, clusters, eligible, holds, products, csr, popularity, acquisitions, plans };
}

/** Reads the holdings as of the date; with a collector of acquisitions from all that was held, which it hears of in the same pass. */
async function* readHoldings(
  { snapshot, referenceDate, signal }: BankSource,
  collector: AcquisitionCollector | null,
): AsyncGenerator<HoldingBatch> {
  const options = { ...(signal && { signal }), place: 'holdings' };
  if (collector === null) {
    yield* snapshot.holdings(referenceDate, options);
    return;
  }
  for await (const batch of snapshot.history(referenceDate, options)) {
    collector.add(batch);
    yield openHoldings(batch);
  }
}

/** The holdings of a batch that are open, moved to its beginning. */
function openHoldings({ customer, product, days, closed }: HistoryBatch): HoldingBatch {
  let open = 0;
  for (let i = 0; i < closed.length; i++) {
    if (closed[i] !== stillOpen) continue;
    customer[open] = customer[i]!;
    product[open] = product[i]!;
    days[open++] = days[i]!;
  }
  return { customer: customer.subarray(0, open), product: product.subarray(0, open), days: days.subarray(0, open) };
}

/** Reads the outcomes of the config's rules: one array per rule, 1 where it is true. */
export async function readEligibility({
  snapshot,
  config,
  signal,
}: Pick<BankSource, 'snapshot' | 'config' | 'signal'>): Promise<Uint8Array[]> {
  const columns = config.rules.map((_, i) => `rule_${i}`);
  const eligible = columns.map(() => new Uint8Array(snapshot.customerCount));
  if (columns.length === 0) return eligible;
  let at = 0;
  for await (const batch of snapshot.customers(columns, { ...(signal && { signal }), place: 'rules' })) {
    for (const [rule, column] of columns.entries()) {
      const values = batch.columns[column] as Int32Array;
      const nulls = batch.nulls[column];
      for (let i = 0; i < batch.rows; i++) eligible[rule]![at + i] = values[i] === 1 && !nulls?.[i] ? 1 : 0;
    }
    at += batch.rows;
  }
  if (at !== snapshot.customerCount) throw new AppError('bug', `rules of ${at} customers read, not of all`, 'Report this.');
  return eligible;
}

/** Tells whether a campaign's model may learn from dated acquisitions, and there are any. */
function learnsAcquisitions({ tables }: Pick<Config, 'tables'>, plans: readonly CampaignPlan[]): boolean {
  if (tables.holdings.date === null) return false;
  return plans.some(({ model }) => isLearned(model) || needsAcquisitions(specOfConfig(model)));
}
