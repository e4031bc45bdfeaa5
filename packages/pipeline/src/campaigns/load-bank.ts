import { AppError, CsrBuilder, type KernelPool } from '@basketwise/core';
import {
  type Acquisitions,
  acquisitionCollector,
  type Bank,
  bandCutoffs,
  daysSinceEpoch,
  holdersByProduct,
  isLearned,
  markHolders,
  needsAcquisitions,
  type PlainDate,
  presentCustomers,
  RecentPopularity,
  recentSince,
  type SchemeClusters,
  withSizes,
} from '@basketwise/core/advice';
import type { Snapshot } from '@basketwise/data';
import { type CampaignPlan, planCampaigns } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';
import { specOfConfig } from '../config/spec-of-config.ts';
import { readAbsent } from './joined.ts';

/** A snapshot as of a date, and how to read it. */
export interface BankSource {
  pool: KernelPool;
  snapshot: Snapshot;
  config: Config;
  referenceDate: PlainDate;
  signal?: AbortSignal;
}

/** Loads what all campaigns share: holdings as a sparse matrix, and what is known of customers. */
export async function loadBank(source: BankSource, clusters: SchemeClusters): Promise<Bank> {
  const { pool, snapshot, config, referenceDate, signal } = source;
  const products = await snapshot.products();
  const customers = snapshot.customerCount;
  const plans = planCampaigns(config);
  const absent = await readAbsent(snapshot, config, referenceDate, signal);
  const present = presentCustomers(customers, absent);
  const popularity = new RecentPopularity(products, recentSince(referenceDate), present, withSizes(clusters));
  const builder = new CsrBuilder({
    pool,
    customers,
    products: products.length,
    referenceDay: daysSinceEpoch(referenceDate),
    cutoffs: bandCutoffs(config, referenceDate),
  });
  const holds = new Map(plans.map((plan) => [plan.class, new Uint8Array(customers)]));
  const holdsOf = holdersByProduct(products, holds);
  for await (const batch of snapshot.holdings(referenceDate, { ...(signal && { signal }), place: 'holdings' })) {
    builder.add(batch);
    popularity.add(batch);
    markHolders(batch, holdsOf);
  }
  const csr = await builder.finish();
  const eligible = await readEligibility(source);
  const acquisitions = await readAcquisitions(source, plans);
  return { customers, absent, clusters, eligible, holds, products, csr, popularity, acquisitions, plans };
}

/** Reads the acquisitions of the year before the date; null where no campaign's model learns from them. */
async function readAcquisitions(
  { snapshot, config, referenceDate, signal }: BankSource,
  plans: readonly CampaignPlan[],
): Promise<Acquisitions | null> {
  if (!learnsAcquisitions(config, plans)) return null;
  const collector = acquisitionCollector(config, referenceDate);
  for await (const batch of snapshot.history(referenceDate, { ...(signal && { signal }), place: 'holdings' }))
    collector.add(batch);
  return collector.finish();
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
