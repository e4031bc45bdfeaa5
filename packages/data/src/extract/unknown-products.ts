import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell } from '@basketwise/core/parts';

/** A text of holdings' column of products that means no product, and how many holdings say it. */
export interface UnknownProduct {
  product: string;
  holdings: number;
}

/** The file of a snapshot that lists them. */
export const unknownProductsFile = 'unknown-products.csv';

/**
 * Lists unknown products in a file of the snapshot's own, for its owner alone: where the wrong column is taken for that of products, they are
 * values of customers, so no manifest, report or message may have them. CSV, `product,holdings`; each text in quotes.
 */
export async function writeUnknownProducts(folder: string, listed: readonly UnknownProduct[]): Promise<void> {
  const lines = listed.map(({ product, holdings }) => `"${escapedCell(product).replaceAll('"', '""')}",${holdings}\n`);
  await writeFile(join(folder, unknownProductsFile), `product,holdings\n${lines.join('')}`, { mode: 0o600 });
}
