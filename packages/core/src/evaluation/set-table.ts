import { type BasketEntry, type BasketRow, type BasketTable, packEntry, tableFromRows } from '../baskets/basket-table.ts';
import { constantName } from '../fitting/constant.ts';
import type { KernelMemory } from '../wasm/memory.ts';
import type { ItemSets } from './split.ts';

/** Products and contexts of sets: product codes in code order, and pseudo-products per customer. */
export interface SetColumns {
  items: readonly string[];
  /** Names of the pseudo-products of each customer; absent: none. */
  contexts?: readonly (readonly string[])[];
  /** Whether everybody holds the constant. */
  constant: boolean;
  /** Recency bands of holdings; the constant has the band after them, contexts the one after that. Default 1: no dates. */
  bands?: number;
}

/** How a table's columns lie: by falling popularity, ties by code; then the contexts; the constant last. */
export interface ColumnOrder {
  names: string[];
  pseudoColumns: number;
  bands: number;
  /** Column of each item. */
  columnOf: Int32Array;
}

/** The columns of a table that trains on `sets`. */
export function columnOrder(sets: ItemSets, { items, contexts = [], constant, bands = 1 }: SetColumns): ColumnOrder {
  const count = new Float64Array(items.length);
  for (const set of sets) for (const item of set) count[item]!++;
  const order = items.map((_, item) => item).sort((a, b) => count[b]! - count[a]! || a - b);
  const columnOf = new Int32Array(items.length);
  for (const [column, item] of order.entries()) columnOf[item] = column;
  const pseudo = [...new Set(contexts.flat())].sort();
  if (constant) pseudo.push(constantName);
  return { names: [...order.map((item) => items[item]!), ...pseudo], pseudoColumns: pseudo.length, bands, columnOf };
}

/** One customer, beside what they hold. */
export interface SetCustomer {
  /** Names of their pseudo-products. */
  contexts?: readonly string[] | undefined;
  /** Recency band of an item that they hold. Default: 0 for all. */
  bandOf?: ((item: number) => number) | undefined;
}

/** One customer's basket in a table's columns: what they hold, their contexts, the constant. */
export function basketOf(
  order: ColumnOrder,
  items: readonly number[],
  { contexts = [], bandOf }: SetCustomer = {},
): BasketEntry[] {
  const products = items.map((item) => ({ column: order.columnOf[item]!, band: bandOf?.(item) ?? 0 }));
  const first = order.names.length - order.pseudoColumns;
  const pseudo = contexts.flatMap((name) => {
    const column = order.names.indexOf(name, first);
    return column < 0 ? [] : [{ column, band: order.bands + 1 }];
  });
  if (order.names.at(-1) === constantName) pseudo.push({ column: order.names.length - 1, band: order.bands });
  return [...products, ...pseudo].sort((a, b) => a.column - b.column);
}

function compareBaskets(a: readonly BasketEntry[], b: readonly BasketEntry[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const step = a[i]!.column - b[i]!.column || a[i]!.band - b[i]!.band;
    if (step !== 0) return step;
  }
  return a.length - b.length;
}

/** Distinct baskets of plain sets, in the order's columns. */
export function tableOfBaskets(memory: KernelMemory, order: ColumnOrder, baskets: Iterable<readonly BasketEntry[]>): BasketTable {
  return packBaskets(memory, order.names, order.pseudoColumns, baskets);
}

/** Distinct baskets with their multiplicities, packed into kernel memory in table order. Customers who hold no product are left out. */
function packBaskets(
  memory: KernelMemory,
  columns: readonly string[],
  pseudoColumns: number,
  baskets: Iterable<readonly BasketEntry[]>,
): BasketTable {
  const first = columns.length - pseudoColumns;
  const distinct = new Map<string, { entries: readonly BasketEntry[]; multiplicity: number }>();
  for (const entries of baskets) {
    if (entries.length === 0 || entries[0]!.column >= first) continue;
    const key = entries.map(packEntry).join(' ');
    const row = distinct.get(key);
    if (row === undefined) distinct.set(key, { entries, multiplicity: 1 });
    else row.multiplicity++;
  }
  const rows: BasketRow[] = [...distinct.values()].sort((a, b) => compareBaskets(a.entries, b.entries));
  return tableFromRows(memory, columns, rows, pseudoColumns);
}
