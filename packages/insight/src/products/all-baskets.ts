import { BasketBuilder, CsrBuilder, daysSinceEpoch, type Product, required, type TrainingSet } from '@basketwise/core';
import type { Settings } from '@basketwise/pipeline';
import type { FinishedRun } from '../explain/finished-run.ts';

/** Function that opens the snapshot of a run, or a snapshot without a run. */
export type OpenBank = (settings: Settings, run: string | undefined) => Promise<FinishedRun>;

/** Product that stands for its equivalence group in tables: the recommended product. If there is none, the first product. */
export interface ProductLabel {
  code: string;
  name: string;
  class: string;
}

/** Baskets of all customers of a run, with all products and without recency. Each equivalence group has one column. */
export interface AllBaskets {
  training: TrainingSet;
  products: readonly Product[];
  /** Product that stands for each group, by group key. */
  label: ReadonlyMap<string, ProductLabel>;
}

/** Product that stands for each group, by group key. */
export function productLabels(products: readonly Product[]): Map<string, ProductLabel> {
  const labels = new Map<string, ProductLabel>();
  for (const { groupKey, representative, ...first } of products) {
    if (labels.has(groupKey)) continue;
    const { code, name, class: of } = representative === null ? first : products[representative]!;
    labels.set(groupKey, { code, name, class: of });
  }
  return labels;
}

/** Makes the baskets from the holdings of a run's snapshot, as of the reference date. */
export async function loadAllBaskets({ pool, snapshot, referenceDate }: FinishedRun): Promise<AllBaskets> {
  const products = await snapshot.products();
  const label = productLabels(products);
  const keys = [...label.keys()];
  const columnOf = new Map(keys.map((key, column) => [key, column]));
  const counts = { customers: snapshot.customerCount, products: products.length };
  const holdings = new CsrBuilder({ pool, ...counts, referenceDay: daysSinceEpoch(referenceDate), cutoffs: [] });
  for await (const batch of snapshot.holdings(referenceDate, { place: 'holdings' })) holdings.add(batch);
  const projection = Int32Array.from(products, ({ groupKey }) => required(columnOf, groupKey));
  const builder = new BasketBuilder({ pool, columns: keys, projection });
  await builder.add(await holdings.finish());
  const { table } = await builder.finish();
  return { training: { pool, table, range: { from: 0, to: table.rows } }, products, label };
}
