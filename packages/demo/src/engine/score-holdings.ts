import { type CampaignResults, CsrBuilder, type KernelPool } from '@basketwise/core/parts';
import type { DemoBank } from './bank.ts';
import type { CampaignAdvice } from './campaign-advice.ts';
import { scoreCustomers } from './score-customers.ts';

/** Holdings in typed arrays. Products are positions in the bank's list. */
export interface HoldingColumns {
  customer: Int32Array;
  product: Int32Array;
  days: Int32Array;
}

/** Many customers to score for one campaign. */
export interface ScoreJob {
  bank: DemoBank;
  advice: CampaignAdvice;
  n: number;
  /** Cluster of all of them; null: unknown. */
  cluster: number | null;
  customers: number;
  holdings: AsyncIterable<HoldingColumns> | Iterable<HoldingColumns>;
  /** Each customer's code of the level, for each feature that is not a crossing. Requested after all holdings are read. */
  codes: () => ReadonlyMap<string, Int16Array>;
  /** Reports the share of the whole work that is done, 0 to 1. */
  onProgress?: (stage: ScoreStage, share: number) => void;
}

/** Running step. */
export type ScoreStage = 'read' | 'baskets' | 'score';

/** Lists of all targets: one per distinct basket, and the list of each customer. */
export interface ScoredCustomers {
  customers: number;
  /** Number of target customers of the campaign. */
  targets: number;
  holdings: number;
  baskets: number;
  cluster: number | null;
  /** Results. Products are positions in the bank's list. */
  results: CampaignResults;
  /** Duration of baskets and lists, and in total, in milliseconds. */
  milliseconds: { score: number; total: number };
}

/** Makes distinct baskets of holdings and scores each of them once. */
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

/** Number of customers with each product in first position, most frequent first. */
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
