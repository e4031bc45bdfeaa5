import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell } from '@basketwise/core/parts';

/** Text of the product column of holdings that matches no product, and the number of holdings with it. */
export interface UnknownProduct {
  product: string;
  holdings: number;
}

/** File of a snapshot that lists the unknown products. */
export const unknownProductsFile = 'unknown-products.csv';

/**
 * Writes unknown products to a separate file of the snapshot, readable only by its owner: CSV, `product,holdings`, each text in
 * quotes.
 * If the config names the wrong column, the texts are values of customers. So no manifest, report or message may contain them.
 */
export async function writeUnknownProducts(folder: string, listed: readonly UnknownProduct[]): Promise<void> {
  const lines = listed.map(({ product, holdings }) => `"${escapedCell(product).replaceAll('"', '""')}",${holdings}\n`);
  await writeFile(join(folder, unknownProductsFile), `product,holdings\n${lines.join('')}`, { mode: 0o600 });
}
