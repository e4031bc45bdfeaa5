import { contextAt, unpackEntry } from '@basketwise/core/parts';
import type { CampaignModels, EvaluationSet } from '@basketwise/recommend';
import { type Response, response } from './response.ts';

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
