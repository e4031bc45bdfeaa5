import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell } from '@basketwise/core/parts';

/** A text of holdings' product column that matches no product, and the number of holdings with it. */
export interface UnknownProduct {
  product: string;
  holdings: number;
}

/** The file of a snapshot that lists them. */
export const unknownProductsFile = 'unknown-products.csv';

/**
 * Lists unknown products in a separate file of the snapshot, readable by its owner only: if the config names the wrong column, they are
 * values of customers, so no manifest, report or message may contain them. CSV, `product,holdings`; each text in quotes.
 */
export async function writeUnknownProducts(folder: string, listed: readonly UnknownProduct[]): Promise<void> {
  const lines = listed.map(({ product, holdings }) => `"${escapedCell(product).replaceAll('"', '""')}",${holdings}\n`);
  await writeFile(join(folder, unknownProductsFile), `product,holdings\n${lines.join('')}`, { mode: 0o600 });
}
