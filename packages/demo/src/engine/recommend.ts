import { CsrBuilder, contextAt, type KernelPool, type Model, noDate, required, unpackEntry } from '@basketwise/core';
import { type CampaignTable, isColumn, noProductsText, sameProductsText } from '@basketwise/recommend';
import type { DemoBank, Holding } from './bank.ts';
import type { CampaignAdvice } from './campaign-advice.ts';
import { scoreCustomers } from './score-customers.ts';

/**
 * Reason of a product in a list: popularity, a held product, or purchases by similar customers. Similar customers have the same products, no
 * products, or the same level of a feature.
 */
export type Reason =
  | { of: 'popular' }
  | { of: 'same products' }
  | { of: 'no products' }
  | { of: 'holding'; code: string }
  | { of: 'feature'; feature: string; level: string };

const holdsPrefix = 'holds ';

/** Parses the text of a reason, in which products have their codes. @param features names of the model's features */
function parseReason(text: string, features: readonly string[]): Reason {
  if (text === sameProductsText) return { of: 'same products' };
  if (text === noProductsText) return { of: 'no products' };
  if (text.startsWith(holdsPrefix)) return { of: 'holding', code: text.slice(holdsPrefix.length) };
  const feature = features.filter((name) => text.startsWith(`${name} `)).sort((a, b) => b.length - a.length)[0];
  return feature === undefined ? { of: 'popular' } : { of: 'feature', feature, level: text.slice(feature.length + 1) };
}

/** Recommended product with the explanation of its score. */
export interface CustomerRecommendation {
  key: string;
  score: number;
  /** Probability of a purchase within the bank's window. Null if the batch job would publish no probability. */
  probability: number | null;
  /** Main reason: the largest contribution to the score. */
  reason: Reason;
  /** Part of the score that is equal for all customers. */
  baseline: number;
  /** Contributions of held products to the score, largest first. All terms sum to the score, with a relative error of at most 1e-5. */
  contributions: readonly { key: string; value: number }[];
  /** Contribution of purchases by customers with exactly the same products. 0 if the model has no such term. */
  exact: number;
  /** Contributions of features to the score, in the order of the model's features. */
  features: readonly { feature: string; level: string; value: number }[];
}

/** Customer to recommend to, and options of the list. */
export interface RecommendRequest {
  holdings: readonly Holding[];
  /** Level of each feature, by name, without crossings. Absent: unknown. */
  levels: Readonly<Record<string, string>>;
  /** Cluster in the campaign's scheme. Null: unknown. */
  cluster: number | null;
  /** Length of the list. */
  n: number;
  onlyOnSale: boolean;
}

/**
 * Recommends the best products to one customer, as the batch job would, and explains each score exactly. The function runs in the page and in Node.
 */
export async function recommendToCustomer(
  pool: KernelPool,
  bank: DemoBank,
  advice: CampaignAdvice,
  request: RecommendRequest,
): Promise<CustomerRecommendation[]> {
  const mark = pool.memory.mark();
  try {
    return await recommendAbove(pool, bank, advice, request);
  } finally {
    pool.memory.release(mark);
  }
}

async function recommendAbove(
  pool: KernelPool,
  bank: DemoBank,
  advice: CampaignAdvice,
  { holdings, levels, cluster, n, onlyOnSale }: RecommendRequest,
): Promise<CustomerRecommendation[]> {
  const { campaign, models } = advice;
  const position = new Map(bank.products.map(({ key }, i) => [key, i]));
  const builder = new CsrBuilder({
    ...{ pool, customers: 1, products: bank.products.length, referenceDay: bank.referenceDay },
    cutoffs: bank.bands.flatMap(({ since }) => (since === null ? [] : [since])),
  });
  builder.add({
    customer: new Int32Array(holdings.length),
    product: Int32Array.from(holdings, ({ key }) => required(position, key)),
    days: Int32Array.from(holdings, ({ band }) => bank.bands[band]!.since ?? noDate),
  });
  const csr = await builder.finish();
  const isHolder = holdings.some(({ key }) => bank.products[required(position, key)]!.class === campaign.class);
  const isTarget = isHolder === (campaign.kind === 'upsell');
  const codes = bank.features.filter(isColumn).map(({ name, levels: all }): [string, Int16Array] => {
    const level = levels[name];
    return [name, Int16Array.of(level === undefined ? all.length - 1 : all.indexOf(level))];
  });
  const customer = {
    ...{ csr, codes: new Map(codes), cluster, n, onlyOnSale },
    // Customers who are no targets of the campaign get the list that they would get as targets.
    holders: Uint8Array.of(campaign.kind === 'upsell' ? 1 : 0),
  };
  const model = models.byCluster.get(cluster ?? -1) ?? models.all!;
  const names = (model.features ?? []).map(({ name }) => name);
  return scoreCustomers(pool, bank, advice, customer, ({ results: { units } }, table) => {
    return Array.from(units.product, (product, at): CustomerRecommendation => {
      const { key, onSale } = bank.products[product]!;
      const hasProbability = isTarget && onSale && at < bank.topN;
      return {
        ...{ key, score: units.score[at]!, probability: hasProbability ? (units.probability?.[at] ?? null) : null },
        reason: parseReason(units.reasons![units.reason![at]!]!, names),
        ...scoreParts(model, table, key),
      };
    });
  });
}

/** Contributions to a product's score, for a table with a single row. */
function scoreParts(
  model: Model,
  { table, contexts }: CampaignTable,
  key: string,
): Pick<CustomerRecommendation, 'baseline' | 'contributions' | 'exact' | 'features'> {
  const context = contexts && contextAt(contexts, contexts.ofRow[0]!);
  const columnOf = new Map(model.columns.map((name, column) => [name, column]));
  const basket = Array.from(table.memory.u32(table.entry, table.entries), unpackEntry).flatMap(({ column, band }) => {
    const place = columnOf.get(table.columns[column]!);
    return place === undefined ? [] : [{ column: place, band }];
  });
  const target = columnOf.get(key);
  const why = target === undefined ? null : model.explain(basket, target, context);
  return {
    baseline: why?.baseline ?? 0,
    contributions: (why?.contributions ?? []).map(({ column, value }) => ({ key: model.columns[column]!, value })),
    exact: why?.exact ?? 0,
    features: (why?.features ?? []).map(({ feature, value }) => {
      return { feature: model.features![feature]!.name, level: context?.[feature] ?? '', value };
    }),
  };
}
