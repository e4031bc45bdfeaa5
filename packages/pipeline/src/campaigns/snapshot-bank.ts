import {
  type BankRecords,
  bug,
  daysSinceEpoch,
  type HoldingBatch,
  type KernelPool,
  noDate,
  type PlainDate,
} from '@basketwise/core';
import { type Snapshot, sinceColumn } from '@basketwise/data';
import {
  type BankOfRecords,
  bankOfRecords,
  type DatedClusters,
  type DatedContexts,
  rowsOfJoined,
  type SchemeClusters,
} from '@basketwise/recommend';
import { planCampaigns } from '../config/campaign-plan.ts';
import type { Config } from '../config/schema.ts';

/** Snapshot of a bank's tables, with the clusters and features of its customers as of a date. */
export interface SnapshotOfDate {
  pool: KernelPool;
  snapshot: Snapshot;
  config: Config;
  date: PlainDate;
  /** Computes the clusters of the customers. Absent: the config has no cluster scheme. */
  clusters?: () => Promise<SchemeClusters>;
  contexts?: DatedContexts | null;
  dated?: DatedClusters;
  signal?: AbortSignal;
}

/** Makes the bank that training, evaluation and recommendation read from a snapshot. */
export function snapshotBank({ snapshot, config, clusters, signal, ...known }: SnapshotOfDate): BankOfRecords {
  return bankOfRecords({
    ...{ ...known, plans: planCampaigns(config), records: recordsOf(snapshot, config, signal), settings: config },
    facts: async () => ({
      clusters: (await clusters?.()) ?? new Map(),
      eligible: await readEligibility(snapshot, config, signal),
    }),
  });
}

/** Records of a snapshot for training and evaluation. The days on which customers joined are read once and cached. */
export function recordsOf(snapshot: Snapshot, config: Pick<Config, 'tables'>, signal?: AbortSignal): BankRecords {
  const read = { ...(signal && { signal }), place: 'holdings' };
  let found: Promise<Int32Array> | undefined;
  const joined = async () => {
    if (config.tables.customers.since === undefined) return undefined;
    found ??= readJoined(snapshot, signal);
    return await found;
  };
  async function* ofJoined<Batch extends HoldingBatch>(batches: AsyncIterable<Batch>, asOf: PlainDate): AsyncGenerator<Batch> {
    const [days, day] = [await joined(), daysSinceEpoch(asOf)];
    for await (const batch of batches) yield rowsOfJoined(batch, days, day);
  }
  return {
    customerCount: snapshot.customerCount,
    products: () => snapshot.products(),
    holdings: (asOf) => ofJoined(snapshot.holdings(asOf, read), asOf),
    history: (asOf, options) => ofJoined(snapshot.history(asOf, { ...read, ...options }), asOf),
    joined,
  };
}

/** Reads i32[customers]: day on which each customer joined, counted from 1970-01-01; `noDate` if unknown. */
async function readJoined(snapshot: Snapshot, signal?: AbortSignal): Promise<Int32Array> {
  const joined = new Int32Array(snapshot.customerCount);
  const options = { ...(signal && { signal }), place: 'tables.customers.since' };
  let at = 0;
  for await (const { rows, columns, nulls } of snapshot.customers([sinceColumn], options)) {
    const [since, isNull] = [columns[sinceColumn] as Int32Array, nulls[sinceColumn]];
    for (let i = 0; i < rows; i++) joined[at + i] = isNull?.[i] ? noDate : since[i]!;
    at += rows;
  }
  if (at !== joined.length) throw bug(`days of joining of ${at} customers read, not of all`);
  return joined;
}

/** Reads the results of the config's eligibility rules: for each rule u8[customers], 1 if the customer passes it. */
export async function readEligibility(
  snapshot: Snapshot,
  config: Pick<Config, 'rules'>,
  signal?: AbortSignal,
): Promise<Uint8Array[]> {
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
  if (at !== snapshot.customerCount) throw bug(`rules of ${at} customers read, not of all`);
  return eligible;
}
