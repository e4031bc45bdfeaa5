import { contextAt, unpackEntry } from '@basketwise/core';
import type { CampaignModels, EvaluationSet } from '@basketwise/recommend';

/** How well the campaign's own model separates the purchasers of one product from other customers. */
export interface ProductResponse extends Response {
  product: string;
}

/** Smallest number of purchasers of a published product. */
const leastBuyers = 10;

/** AUC and top-decile lift of each product, over the target customers who do not hold the product and pass the rules that withhold it. */
export function responses(models: CampaignModels, { table, cases }: EvaluationSet): ProductResponse[] {
  const { memory, start, entry, multiplicity, rows, entries, columns } = table.table;
  const { contexts } = table;
  const starts = memory.u32(start, rows + 1);
  const packed = memory.u32(entry, entries);
  const customers = memory.u32(multiplicity, rows);
  const buyers = columns.map(() => new Map<number, number>());
  for (const { customer, targets } of cases.cases) {
    const row = table.basketOf[customer]!;
    for (const column of targets) buyers[column]!.set(row, (buyers[column]!.get(row) ?? 0) + 1);
  }
  const wanted = [...columns.keys()].filter((column) => [...buyers[column]!.values()].reduce((a, b) => a + b, 0) >= leastBuyers);
  const perProduct = wanted.map(() => ({ score: [] as number[], customers: [] as number[], buyers: [] as number[] }));
  for (const { cluster, target, failed, withheld, range } of table.groups) {
    const model = models.byCluster.get(cluster) ?? models.all;
    if (!target || failed.length > 0 || model === null) continue;
    for (let row = range.from; row < range.to; row++) {
      const basket = Array.from(packed.subarray(starts[row]!, starts[row + 1]!), unpackEntry);
      const held = new Set(basket.map(({ column }) => column));
      const scores = model.foldIn(basket, contexts && contextAt(contexts, contexts.ofRow[row]!));
      for (const [i, column] of wanted.entries()) {
        if (held.has(column) || withheld?.has(columns[column]!)) continue;
        perProduct[i]!.score.push(scores[column]!);
        perProduct[i]!.customers.push(customers[row]!);
        perProduct[i]!.buyers.push(buyers[column]!.get(row) ?? 0);
      }
    }
  }
  return wanted.flatMap((column, i) => {
    const { score, customers: all, buyers: some } = perProduct[i]!;
    if (score.length === 0) return [];
    return [
      { product: columns[column]!, ...response(Float64Array.from(score), Float64Array.from(all), Float64Array.from(some)) },
    ];
  });
}

/** How well scores for a product separate its purchasers from other customers. */
export interface Response {
  /**
   * Area under the ROC curve: the probability that a purchaser has a higher score than a customer who is no purchaser. Equal scores
   * count half. NaN if there are no purchasers, or only purchasers.
   */
  auc: number;
  /**
   * Rate of purchase among the tenth of the customers with the highest scores, divided by the rate among all customers. NaN without
   * purchases.
   */
  topDecileLift: number;
  buyers: number;
  customers: number;
}

/**
 * AUC and top-decile lift of one product. At the border of the tenth, rows of equal score are divided in proportion, so that the
 * order of customers does not matter.
 * @param score score of each basket row, f64[rows]
 * @param customers number of customers of each row
 * @param buyers number of purchasers of each row
 */
export function response(score: Float64Array, customers: Float64Array, buyers: Float64Array): Response {
  const order = Uint32Array.from(score.keys()).sort((a, b) => score[b]! - score[a]!);
  const allCustomers = customers.reduce((sum, n) => sum + n, 0);
  const allBuyers = buyers.reduce((sum, n) => sum + n, 0);
  const decile = allCustomers / 10;
  let [above, won, inDecile, others] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; ) {
    let [tieCustomers, tieBuyers] = [0, 0];
    const tied = score[order[i]!];
    for (; i < order.length && score[order[i]!] === tied; i++) {
      tieCustomers += customers[order[i]!]!;
      tieBuyers += buyers[order[i]!]!;
    }
    const tieOthers = tieCustomers - tieBuyers;
    won += tieBuyers * (allCustomers - allBuyers - others - tieOthers / 2);
    inDecile += tieCustomers === 0 ? 0 : tieBuyers * Math.min(1, Math.max(0, decile - above) / tieCustomers);
    above += tieCustomers;
    others += tieOthers;
  }
  return {
    auc: won / (allBuyers * (allCustomers - allBuyers)),
    topDecileLift: inDecile / decile / (allBuyers / allCustomers),
    buyers: allBuyers,
    customers: allCustomers,
  };
}
