import { type BasketEntry, type Csr, CsrBuilder, daysSinceEpoch, noDate, type PlainDate } from '@basketwise/core/parts';
import type { RunContext } from '@basketwise/pipeline/engine';
import { bandCutoffs } from '@basketwise/recommend';

/** Entry of a basket in a text from the server. `column` is the number of the product. */
interface TextEntry extends BasketEntry {
  /** Whether the server marked the product as recently purchased. */
  isNew: boolean;
}

/**
 * Parses a basket in the server's format: `product:band` for each entry, or `product:band:1` for a recent purchase, separated by
 * commas. An empty text is an empty basket.
 */
export function entriesOfText(basket: string): TextEntry[] {
  if (basket === '') return [];
  return basket.split(',').map((entry) => {
    const [column, band, mark] = entry.split(':').map(Number) as [number, number, number | undefined];
    return { column, band, isNew: mark === 1 };
  });
}

/**
 * Converts baskets as of a date to a sparse matrix, one row per basket. The matrix is in kernel memory until the caller releases
 * it.
 */
export async function csrOf(context: RunContext, date: PlainDate, baskets: readonly (readonly BasketEntry[])[]): Promise<Csr> {
  const products = await (await context.snapshot()).products();
  const cutoffs = bandCutoffs(context.settings.config, date);
  const dayOf = [...cutoffs, noDate];
  const builder = new CsrBuilder({
    ...{ pool: await context.pool(), customers: baskets.length, products: products.length },
    ...{ referenceDay: daysSinceEpoch(date), cutoffs },
  });
  for (const [i, entries] of baskets.entries()) {
    builder.add({
      customer: new Int32Array(entries.length).fill(i),
      product: Int32Array.from(entries, ({ column }) => column),
      days: Int32Array.from(entries, ({ band }) => dayOf[band]!),
    });
  }
  return await builder.finish();
}
