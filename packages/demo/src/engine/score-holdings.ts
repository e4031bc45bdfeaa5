import {
  BasketBuilder,
  type CampaignBaskets,
  type Csr,
  CsrBuilder,
  type KernelPool,
  type Model,
  noBasket,
  notInCampaign,
} from '@basketwise/core';
import type { Bank, BankCampaign } from './bank.ts';

/** Holdings in typed arrays; products are positions in the bank's list. */
export interface HoldingColumns {
  customer: Int32Array;
  product: Int32Array;
  days: Int32Array;
}

/** Many customers to score for one campaign. */
export interface ScoreJob {
  bank: Bank;
  campaign: BankCampaign;
  model: Model;
  n: number;
  /** Products that may be recommended. */
  allowed: ReadonlySet<string>;
  customers: number;
  holdings: AsyncIterable<HoldingColumns> | Iterable<HoldingColumns>;
  /** Share of the whole that is done, 0 .. 1. */
  onProgress?: (stage: ScoreStage, share: number) => void;
}

/** The step that is being done. */
export type ScoreStage = 'read' | 'baskets' | 'score';

/** Lists of all targets: one per distinct basket, and which customer has which. */
export interface ScoredCustomers {
  customers: number;
  /** Customers whom the campaign is for. */
  targets: number;
  holdings: number;
  baskets: number;
  /** u32[customers]: list of each customer, or `noBasket`. */
  listOf: Uint32Array;
  n: number;
  count: Uint32Array;
  /** Positions in the bank's list of products, baskets x n. */
  product: Int32Array;
  score: Float32Array;
  /** Time that scoring the baskets took, and everything, in milliseconds. */
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
  const { bank, campaign, model, n, customers, onProgress } = job;
  const began = performance.now();
  const holders = new Uint8Array(customers);
  const ofClass = bank.products.map((product) => product.class === campaign.class);
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
  const target = campaign.kind === 'upsell' ? 1 : 0;
  const group = Uint32Array.from(holders, (holds) => (holds === target ? 0 : notInCampaign));
  const { table, basketOf } = await makeBaskets(pool, job, csr, group);
  onProgress?.('score', 0);
  const scoring = performance.now();
  const allowed = Uint8Array.from(table.columns, (key) => (job.allowed.has(key) ? 1 : 0));
  const lists = await model.topN({ pool, table, range: { from: 0, to: table.rows }, n, allowed });
  const scored = performance.now() - scoring;
  onProgress?.('score', 1);
  const { memory } = pool;
  const position = new Map(bank.products.map(({ key }, i) => [key, i]));
  const productOf = Int32Array.from(table.columns, (key) => position.get(key) ?? -1);
  return {
    ...{ customers, holdings, n, baskets: table.rows },
    targets: group.reduce((count, number) => count + (number === 0 ? 1 : 0), 0),
    listOf: basketOf[0]!,
    count: memory.u32(lists.count, table.rows).slice(),
    product: Int32Array.from(memory.u32(lists.column, table.rows * n), (column) => productOf[column] ?? -1),
    score: memory.f32(lists.score, table.rows * n).slice(),
    milliseconds: { score: scored, total: performance.now() - began },
  };
}

async function makeBaskets(pool: KernelPool, { bank, model }: ScoreJob, csr: Csr, group: Uint32Array): Promise<CampaignBaskets> {
  const held = model.columns.length - model.pseudoColumns;
  const columns = model.columns.slice(0, held);
  const columnOf = new Map(columns.map((key, column) => [key, column]));
  const pseudoColumns = model.columns.slice(held);
  const builder = new BasketBuilder({
    pool,
    columns,
    projection: Int32Array.from(bank.products, ({ key }) => columnOf.get(key) ?? -1),
    pseudoColumns,
    constants: pseudoColumns.map((_, column) => ({ column, band: bank.bands.length + column })),
  });
  await builder.add(csr, { group });
  return builder.finish();
}

/** How many customers have each product at the top of their list, most first. */
export function countFirst({ listOf, count, product, n }: ScoredCustomers): { product: number; customers: number }[] {
  const counts = new Map<number, number>();
  for (const list of listOf) {
    if (list === noBasket || count[list] === 0) continue;
    const first = product[list * n]!;
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return [...counts]
    .map(([product, customers]) => ({ product, customers }))
    .sort((a, b) => b.customers - a.customers || a.product - b.product);
}
