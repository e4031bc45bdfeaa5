import { type CampaignResults, CsrBuilder, type KernelPool } from '@basketwise/core';
import type { DemoBank } from './bank.ts';
import type { CampaignAdvice } from './campaign-advice.ts';
import { scoreCustomers } from './score-customers.ts';

/** Holdings as columns, one element per holding. `product` is the position in the bank's products; `days` is the day of opening. */
export interface HoldingColumns {
  customer: Int32Array;
  product: Int32Array;
  days: Int32Array;
}

/** Customers to score for one campaign, with their holdings. */
export interface ScoreJob {
  bank: DemoBank;
  advice: CampaignAdvice;
  n: number;
  /** Cluster of all these customers. Null: unknown. */
  cluster: number | null;
  customers: number;
  holdings: AsyncIterable<HoldingColumns> | Iterable<HoldingColumns>;
  /** Returns the level of each customer, i16[customers] by feature name, for all features except crossings. Called after all holdings are read. */
  codes: () => ReadonlyMap<string, Int16Array>;
  /** Receives the current stage and the completed share of this stage, 0 to 1. */
  onProgress?: (stage: ScoreStage, share: number) => void;
}

/** Stage of scoring. */
export type ScoreStage = 'read' | 'baskets' | 'score';

/** Lists of all target customers. Each distinct basket has one list; each customer refers to the list of their basket. */
export interface ScoredCustomers {
  customers: number;
  /** Number of target customers of the campaign. */
  targets: number;
  holdings: number;
  baskets: number;
  cluster: number | null;
  /** Lists in the batch job's form. Product numbers are positions in the bank's products. */
  results: CampaignResults;
  /** Duration of making baskets and lists (`score`), and total duration, in milliseconds. */
  milliseconds: { score: number; total: number };
}

/** Collapses holdings into distinct baskets, and makes one list for each basket. */
export async function scoreHoldings(pool: KernelPool, job: ScoreJob): Promise<ScoredCustomers> {
  const mark = pool.memory.mark();
  try {
    return await scoreAbove(pool, job);
  } finally {
    pool.memory.release(mark);
  }
}

async function scoreAbove(pool: KernelPool, job: ScoreJob): Promise<ScoredCustomers> {
  const { bank, advice, n, cluster, customers, onProgress } = job;
  const began = performance.now();
  const holders = new Uint8Array(customers);
  const ofClass = bank.products.map((product) => product.class === advice.campaign.class);
  const builder = new CsrBuilder({
    pool,
    customers,
    products: bank.products.length,
    referenceDay: bank.referenceDay,
    cutoffs: bank.bands.flatMap(({ since }) => (since === null ? [] : [since])),
  });
  let holdings = 0;
  for await (const part of job.holdings) {
    builder.add(part);
    holdings += part.customer.length;
    for (let i = 0; i < part.customer.length; i++) if (ofClass[part.product[i]!]) holders[part.customer[i]!] = 1;
    onProgress?.('read', part.customer.length === 0 ? 1 : (part.customer.at(-1)! + 1) / customers);
  }
  const csr = await builder.finish();
  onProgress?.('baskets', 0);
  const codes = job.codes();
  onProgress?.('score', 0);
  const scoring = performance.now();
  const asked = { csr, holders, codes, cluster, n, onlyOnSale: true };
  const scored = await scoreCustomers(pool, bank, advice, asked, ({ results, counts }, { table }) => {
    return { results, targets: counts.targets, baskets: table.rows };
  });
  onProgress?.('score', 1);
  const now = performance.now();
  return { ...scored, customers, holdings, cluster, milliseconds: { score: now - scoring, total: now - began } };
}

/** Number of customers whose list starts with each product, most frequent first. */
export function countFirst({ results: { unit, units } }: ScoredCustomers): { product: number; customers: number }[] {
  const counts = new Map<number, number>();
  for (const list of unit) {
    if (list < 0) continue;
    const first = units.product[units.start[list]!]!;
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return [...counts]
    .map(([product, customers]) => ({ product, customers }))
    .sort((a, b) => b.customers - a.customers || a.product - b.product);
}
