import {
  BasketBuilder,
  type BasketTable,
  type Context,
  constantName,
  firstAtLeast,
  joinParts,
  type KernelPool,
  partsOfCsr,
  type RowContexts,
  type RowRange,
  required,
} from '@basketwise/core/parts';
import type { Bank } from './bank.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { type CampaignColumns, campaignColumns } from './columns.ts';
import type { CustomerContexts } from './customer-contexts.ts';
import { clusterLevel } from './dated-clusters.ts';
import { type CampaignGroup, campaignGroups } from './groups.ts';

/** A campaign's distinct baskets, in kernel memory until its mark is released. */
export interface CampaignTable {
  plan: CampaignPlan;
  columns: CampaignColumns;
  table: BasketTable;
  /** u32[customers]: row of each customer, or `noBasket`. */
  basketOf: Uint32Array;
  /** u32[customers]: number of customers that each stands for, if grouped; absent: 1. */
  weight?: Uint32Array | undefined;
  /** Groups that have rows, ascending, with their rows; groups that differ only in features are merged. */
  groups: readonly (CampaignGroup & { range: RowRange })[];
  /** Features of each row's customers; absent if models rank by baskets alone. */
  contexts?: RowContexts | undefined;
  /** Rows by cluster of the scheme; `-1`: customers without a cluster. */
  clusterRanges: ReadonlyMap<number, RowRange>;
  /** Entries of a basket without products: the pseudo-products. */
  entriesOfNone: number;
}

/** The parts of the bank that baskets are made from. */
export type BasketBank = Omit<Bank, 'popularity' | 'acquisitions'>;

/** Calls `use` with a campaign's baskets; kernel memory is restored afterwards. */
export async function withBaskets<T>(
  pool: KernelPool,
  bank: BasketBank,
  plan: CampaignPlan,
  use: (table: CampaignTable) => Promise<T>,
): Promise<T> {
  const { memory } = pool;
  const mark = memory.mark();
  try {
    return await use(await campaignTable(pool, bank, plan));
  } finally {
    memory.release(mark);
  }
}

/** Collapses the customers of a campaign into distinct baskets. */
export async function campaignTable(pool: KernelPool, bank: BasketBank, plan: CampaignPlan): Promise<CampaignTable> {
  const columns = campaignColumns(plan, bank.products);
  const grouping = campaignGroups(plan, bank);
  const hasConstant = (plan.model.constant ?? 1) > 0;
  const builder = new BasketBuilder({
    pool,
    columns: columns.keys,
    projection: columns.projection,
    pseudoColumns: hasConstant ? [constantName] : [],
    constants: hasConstant ? [{ column: 0, band: bank.csr.bands }] : [],
  });
  for (const part of partsOfCsr(bank.csr)) {
    const [from, to] = [part.firstCustomer, part.firstCustomer + part.customers];
    const weight = bank.weight?.subarray(from, to);
    await builder.add(part, { group: grouping.group.subarray(from, to), ...(weight && { weight }) });
  }
  const { table, basketOf } = await builder.finish();
  const ranges = groupRanges(table).map(({ group, range }) => ({ ...grouping.groups[group]!, range }));
  const groups = joined(ranges);
  const clusterRanges = new Map<number, RowRange>();
  for (const { cluster, range } of groups) {
    const before = clusterRanges.get(cluster);
    clusterRanges.set(cluster, { from: before?.from ?? range.from, to: range.to });
  }
  return {
    ...{ plan, columns, table, basketOf: joinParts(basketOf), weight: bank.weight, groups, clusterRanges },
    ...rowContexts(plan, bank.contexts, ranges, table.rows),
    entriesOfNone: hasConstant ? 1 : 0,
  };
}

type GroupRange = CampaignGroup & { range: RowRange };

/** Merges neighbouring groups that differ only in features. */
function joined(ranges: readonly GroupRange[]): GroupRange[] {
  const groups: GroupRange[] = [];
  for (const { context: _, ...one } of ranges) {
    const last = groups.at(-1);
    const isSame = last && last.cluster === one.cluster && last.target === one.target && last.failed === one.failed;
    if (isSame) last.range = { from: last.range.from, to: one.range.to };
    else groups.push(one);
  }
  return groups;
}

/** Features of the rows: those of their customers, and their cluster if clusters shift the common model. */
function rowContexts(
  { scheme, pooling }: CampaignPlan,
  known: CustomerContexts | undefined,
  ranges: readonly GroupRange[],
  rows: number,
): { contexts?: RowContexts } {
  const isShifted = scheme !== null && pooling === 'partial';
  if (known === undefined && !isShifted) return {};
  const ofRow = new Uint32Array(rows);
  const contexts: Context[] = [];
  const placeOf = new Map<string, number>();
  for (const { context = 0, cluster, range } of ranges) {
    const key = isShifted ? `${context} ${cluster}` : String(context);
    let place = placeOf.get(key);
    if (place === undefined) {
      place = contexts.push([...(known?.contexts[context] ?? []), ...(isShifted ? [clusterLevel(cluster)] : [])]) - 1;
      placeOf.set(key, place);
    }
    ofRow.fill(place, range.from, range.to);
  }
  return { contexts: { contexts, ofRow } };
}

/** Row range of each group. */
function groupRanges({ memory, group, rows }: BasketTable): { group: number; range: RowRange }[] {
  const numbers = memory.u32(group, rows);
  const ranges: { group: number; range: RowRange }[] = [];
  for (let from = 0; from < rows; ) {
    const number = numbers[from]!;
    const to = firstAtLeast(numbers, number + 1, from + 1);
    ranges.push({ group: number, range: { from, to } });
    from = to;
  }
  return ranges;
}

/** Column of the table of each product, -1 for those of other classes. */
export function columnsOfProducts({ table, columns }: CampaignTable, products: number): Int32Array {
  const place = new Map(table.columns.map((code, column) => [code, column]));
  return Int32Array.from({ length: products }, (_, product) => {
    const key = columns.projection[product]!;
    return key < 0 ? -1 : required(place, columns.keys[key]!);
  });
}

/** One byte per column of the table: 1 if it may be recommended. */
export function recommendable({ table, columns }: CampaignTable): Uint8Array {
  return Uint8Array.from(table.columns, (code) => (columns.recommended.has(code) ? 1 : 0));
}
