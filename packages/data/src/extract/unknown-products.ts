import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell } from '@basketwise/core/parts';

/** Text in the product column of holdings that names no product, with the number of its holdings. */
export interface UnknownProduct {
  product: string;
  holdings: number;
}

/** Name of the snapshot's file that lists the unknown products. */
export const unknownProductsFile = 'unknown-products.csv';

/**
 * Writes unknown products to a separate file of the snapshot, readable only by its owner: CSV, `product,holdings`, each text in
 * quotes.
 * If the config names a wrong column, these texts can be data of customers. Therefore no manifest, report or message may have
 * them.
 */
export async function writeUnknownProducts(folder: string, listed: readonly UnknownProduct[]): Promise<void> {
  const lines = listed.map(({ product, holdings }) => `"${escapedCell(product).replaceAll('"', '""')}",${holdings}\n`);
  await writeFile(join(folder, unknownProductsFile), `product,holdings\n${lines.join('')}`, { mode: 0o600 });
}
