import { type BasketEntry, type BasketTable, type KernelMemory, packEntry, tableFromRows } from '@basketwise/core';
import { hash } from '@basketwise/recommend';

/** Items of each customer, ascending: plain sets, without dates. */
export type ItemSets = readonly (readonly number[])[];

/** How a table's columns lie: by falling popularity, ties by code. */
export interface ColumnOrder {
  names: string[];
  columnOf: Int32Array;
}

/**
 * The columns of a table that trains on `sets`.
 * @param items product codes, in code order
 */
export function columnOrder(sets: ItemSets, items: readonly string[]): ColumnOrder {
  const count = new Float64Array(items.length);
  for (const set of sets) for (const item of set) count[item]!++;
  const order = items.map((_, item) => item).sort((a, b) => count[b]! - count[a]! || a - b);
  const columnOf = new Int32Array(items.length);
  for (const [column, item] of order.entries()) columnOf[item] = column;
  return { names: order.map((item) => items[item]!), columnOf };
}

/** One customer's basket in a table's columns. */
export function basketOf({ columnOf }: ColumnOrder, items: readonly number[]): BasketEntry[] {
  return items.map((item) => ({ column: columnOf[item]!, band: 0 })).sort((a, b) => a.column - b.column);
}

function compareBaskets(a: readonly BasketEntry[], b: readonly BasketEntry[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const step = a[i]!.column - b[i]!.column;
    if (step !== 0) return step;
  }
  return a.length - b.length;
}

/** Distinct baskets of sets with their multiplicities, packed into kernel memory in table order. Customers who hold nothing are left out. */
export function tableOfSets(memory: KernelMemory, order: ColumnOrder, sets: Iterable<readonly number[]>): BasketTable {
  const distinct = new Map<string, { entries: readonly BasketEntry[]; multiplicity: number }>();
  for (const items of sets) {
    if (items.length === 0) continue;
    const entries = basketOf(order, items);
    const key = entries.map(packEntry).join(' ');
    const row = distinct.get(key);
    if (row === undefined) distinct.set(key, { entries, multiplicity: 1 });
    else row.multiplicity++;
  }
  const rows = [...distinct.values()].sort((a, b) => compareBaskets(a.entries, b.entries));
  return tableFromRows(memory, order.names, rows, 0);
}

/** A customer to be tested: what is left of their set, and the item that was hidden. */
export interface HiddenItem {
  customer: number;
  left: readonly number[];
  hidden: number;
}

/** Leave-one-out, as `evaluate` hides where there are no dates: customers of the first of five folds with two items or more lose one. */
export function hideOne(sets: ItemSets): { train: ItemSets; tested: readonly HiddenItem[] } {
  const tested: HiddenItem[] = [];
  const train = sets.map((items, customer) => {
    if (items.length < 2 || hash(customer, 101) % 5 !== 0) return items;
    const place = Math.floor((hash(customer, 202) * items.length) / 2 ** 32);
    const left = items.filter((_, i) => i !== place);
    tested.push({ customer, left, hidden: items[place]! });
    return left;
  });
  return { train, tested };
}
