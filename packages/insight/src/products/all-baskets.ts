import { BasketBuilder, CsrBuilder, daysSinceEpoch, type Product, required, type TrainingSet } from '@basketwise/core/parts';
import type { Settings } from '@basketwise/pipeline';
import type { FinishedRun } from '../explain/finished-run.ts';

/** Opens the source: a run's snapshot, or one before any run. */
export type OpenBank = (settings: Settings, run: string | undefined) => Promise<FinishedRun>;

/** Product in tables about products: the recommended one of its equivalence group, else the first. */
export interface ProductLabel {
  code: string;
  name: string;
  class: string;
}

/** Baskets of all of a run's customers over all products, without recency: one column per equivalence group. */
export interface AllBaskets {
  training: TrainingSet;
  products: readonly Product[];
  /** Product of each group key. */
  label: ReadonlyMap<string, ProductLabel>;
}

/** Names of products by group key. */
export function productLabels(products: readonly Product[]): Map<string, ProductLabel> {
  const labels = new Map<string, ProductLabel>();
  for (const { groupKey, representative, ...first } of products) {
    if (labels.has(groupKey)) continue;
    const { code, name, class: of } = representative === null ? first : products[representative]!;
    labels.set(groupKey, { code, name, class: of });
  }
  return labels;
}

/** Collapses the holdings of a run's snapshot, as of its reference date. */
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
