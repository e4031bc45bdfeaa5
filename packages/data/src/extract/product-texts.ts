import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapedCell, type Product } from '@basketwise/core';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { comparable, compareUtf8, productKey, productKeys } from './product-groups.ts';

/** Largest number of unknown products that are listed. Products with most rows come first. */
const listedUnknown = 1000;

/** Text in the product column of holdings, and the product that it names. */
export interface KnownProduct {
  key: string;
  product: number;
}

/**
 * Number of holdings read, and number of dropped holdings by reason. A holding counts under the first reason that applies, in the
 * order of the fields. Unknown customers are counted elsewhere.
 */
export interface RowCounts {
  rows: number;
  fault: number;
  nullCustomer: number;
  nullProduct: number;
  unknownProduct: number;
}

/** Products by the text in the product column of holdings. */
export interface ColumnTexts {
  known: readonly KnownProduct[];
  unknown: { distinct: number; listed: readonly UnknownProduct[] };
  counts: RowCounts;
}

/** Finds the product of each distinct text in the product column of holdings, and counts the rows without a product. */
export async function mapProducts(
  engine: Engine,
  raw: string,
  products: readonly Product[],
  by: 'name' | 'code',
  options: StatementOptions,
): Promise<ColumnTexts> {
  const keys = productKeys(products, by);
  const known: KnownProduct[] = [];
  const unknown = new Map<string, number>();
  const counts: RowCounts = { rows: 0, fault: 0, nullCustomer: 0, nullProduct: 0, unknownProduct: 0 };
  const counted = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
  const sums = `count(*) AS holdings, ${counted('fault')} AS faults, ${counted('NOT fault AND customer IS NULL')} AS nobodys`;
  const texts = `SELECT product, ${sums} FROM ${raw} h GROUP BY product`;
  for await (const { rows, columns, nulls } of engine.query(texts, options)) {
    for (let row = 0; row < rows; row++) {
      const [all, faults, nobodys] = [columns.holdings, columns.faults, columns.nobodys].map((of) => Number(of![row])) as [
        number,
        number,
        number,
      ];
      const left = all - faults - nobodys;
      counts.rows += all;
      counts.fault += faults;
      counts.nullCustomer += nobodys;
      if (nulls.product?.[row]) {
        counts.nullProduct += left;
        continue;
      }
      const key = (columns.product as readonly string[])[row]!;
      const product = keys.get(productKey(key, by));
      if (product !== undefined) known.push({ key, product });
      else if (left > 0) {
        counts.unknownProduct += left;
        unknown.set(comparable(key), (unknown.get(comparable(key)) ?? 0) + left);
      }
    }
  }
  const listed = [...unknown].map(([product, holdings]) => ({ product, holdings }));
  listed.sort((a, b) => b.holdings - a.holdings || compareUtf8(a.product, b.product));
  return { known, unknown: { distinct: unknown.size, listed: listed.slice(0, listedUnknown) }, counts };
}

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
