import { AppError, daysSinceEpoch, type Product, required } from '@basketwise/core';
import type { Scalar } from '../engine/query-rows.ts';

/** Distance of the full-width form of a character from the character. */
export const fullWidth = 0xfee0;

/** Row of the products table, after reading. */
export interface ProductRow {
  /** Number of the row in the table, counted from 1. */
  row: number;
  code: string;
  name: string;
  class: string;
  onSale: boolean;
  /** Whether the sale begins after the reference date. */
  upcoming: boolean;
  /** Value in the column of the group. Null if the table has no such column. */
  group: string | null;
}

/**
 * Converts a row that `selectProducts` returned. A product is on sale from its first day of sale to its last one, both included.
 * @param place number of the row, counted from 1
 */
export function productRow(row: Readonly<Record<string, Scalar>>, place: number, referenceDate: string): ProductRow {
  const today = daysSinceEpoch(referenceDate);
  const upcoming = row.sale_start !== null && Number(row.sale_start) > today;
  return {
    ...{ row: place, code: String(row.code), name: String(row.name), class: comparable(String(row.class)) },
    ...{ upcoming, onSale: !upcoming && (row.sale_end === null || Number(row.sale_end) >= today) },
    group: row.group_name === null ? null : String(row.group_name),
  };
}

/** Form in which texts are compared: trimmed, in Unicode NFC. Stored texts are not changed. */
export function comparable(text: string): string {
  return text.normalize('NFC').trim();
}

/** Form in which codes or names of products are compared. Codes in full-width letters, digits and signs equal those in ASCII. */
export function productKey(text: string, by: 'name' | 'code'): string {
  const key = comparable(text);
  return by === 'name' ? key : key.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - fullWidth));
}

/** Compares texts by their UTF-8 bytes. This is the order of code points. Comparing JavaScript strings gives that of UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Numbers products by the UTF-8 bytes of their code, and joins them into equivalence groups. Two products are in one group if
 * they have the same value in the group column. If holdings refer to products by name, two products with the same name
 * are also in one group. Both relations are combined, and extended transitively. The key of a group is its lowest code, and its
 * representative is its lowest code on sale.
 */
export function groupProducts(rows: readonly ProductRow[], by: 'name' | 'code'): Product[] {
  const sorted = rows.toSorted((a, b) => compareUtf8(a.code, b.code));
  const parent = sorted.map((_, i) => i);
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!));
  const firstOf = new Map<string, number>();
  for (const [i, { name, group }] of sorted.entries()) {
    const keys = [
      ...(by === 'name' ? [`name ${comparable(name)}`] : []),
      ...(group === null ? [] : [`group ${comparable(group)}`]),
    ];
    for (const key of keys) {
      const other = firstOf.get(key) ?? i;
      firstOf.set(key, other);
      const [low, high] = [Math.min(root(i), root(other)), Math.max(root(i), root(other))];
      parent[high] = low;
    }
  }
  const representative = new Map<number, number>();
  for (const [i, { onSale }] of sorted.entries()) if (onSale && !representative.has(root(i))) representative.set(root(i), i);
  return sorted.map((row, i) => {
    const first = sorted[root(i)]!;
    if (first.class !== row.class) throw mixedClasses(first, row);
    return {
      product: i,
      code: row.code,
      name: row.name,
      class: row.class,
      groupKey: first.code,
      onSale: row.onSale,
      ...(row.upcoming && { upcoming: true }),
      representative: representative.get(root(i)) ?? null,
    };
  });
}

function mixedClasses(a: ProductRow, b: ProductRow): AppError {
  return new AppError(
    'bad-data',
    `tables.products: rows ${Math.min(a.row, b.row)} and ${Math.max(a.row, b.row)} are equivalent products, by name or group, but of different classes`,
    'Give them one class, or different names and groups.',
  );
}

/** Codes of products that share a name with a product of another group. They remain different products. */
export function namesakes(products: readonly Product[]): string[] {
  const groups = new Map<string, Set<string>>();
  for (const { name, groupKey } of products)
    groups.set(comparable(name), (groups.get(comparable(name)) ?? new Set()).add(groupKey));
  return products.filter(({ name }) => required(groups, comparable(name)).size > 1).map(({ code }) => code);
}

/**
 * Keys by which a holding can refer to a product: all codes, or all names. A name of several products refers to the representative
 * of their group. If the group has no representative, the name refers to the product with the lowest code.
 */
export function productKeys(products: readonly Product[], by: 'name' | 'code'): ReadonlyMap<string, number> {
  const keys = new Map<string, number>();
  for (const { product, code, name, representative } of products) {
    const key = productKey(by === 'code' ? code : name, by);
    if (by === 'name' && representative !== null && comparable(products[representative]!.name) === key)
      keys.set(key, representative);
    else if (!keys.has(key)) keys.set(key, product);
  }
  return keys;
}
