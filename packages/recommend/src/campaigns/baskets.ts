import {
  BasketBuilder,
  type BasketTable,
  constantName,
  firstAtLeast,
  joinParts,
  type KernelPool,
  noCluster,
  partsOfCsr,
  type RowContexts,
  type RowRange,
  required,
} from '@basketwise/core/parts';
import type { Bank } from './bank.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import { type CampaignColumns, campaignColumns } from './columns.ts';
import type { CustomerContexts } from './customer-contexts.ts';
import { clusterFeature, clusterLevel } from './dated-clusters.ts';
import { type CampaignGroup, type CampaignGroups, campaignGroups } from './groups.ts';
import { withheldProducts } from './withheld-products.ts';

/** Distinct baskets of a campaign. The table is in kernel memory until the caller releases it. */
export interface CampaignTable {
  plan: CampaignPlan;
  columns: CampaignColumns;
  table: BasketTable;
  /** Basket row of each customer, u32[customers], or `noBasket`. */
  basketOf: Uint32Array;
  /** Number of bank customers that each element of `basketOf` stands for, u32[customers]. Absent: 1 each. Set if equal customers are grouped. */
  weight?: Uint32Array | undefined;
  /** Groups that have rows, ascending, each with its range of rows. */
  groups: readonly (CampaignGroup & { range: RowRange })[];
  /** Features of the customers of each row. Absent: models rank by baskets only. */
  contexts?: RowContexts | undefined;
  /** Range of rows of each cluster of the scheme. Key -1: customers without a cluster. */
  clusterRanges: ReadonlyMap<number, RowRange>;
  /** Number of entries of a basket without products: 1 if the table has the constant pseudo-product, otherwise 0. */
  entriesOfNone: number;
}

/** Cluster of the customers of each basket row, i32[rows]; -1 for no cluster. */
export function clusterOfRows({ table, groups }: Pick<CampaignTable, 'table' | 'groups'>): Int32Array {
  const found = new Int32Array(table.rows).fill(noCluster);
  for (const { cluster, range } of groups) found.fill(cluster, range.from, range.to);
  return found;
}

/** Parts of the bank from which baskets are made. */
export type BasketBank = Omit<Bank, 'popularity' | 'acquisitions'>;

/** Calls `use` with the baskets of a campaign. Kernel memory is restored afterwards. */
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

/** Collapses the customers of a campaign into rows of distinct baskets. */
export async function campaignTable(pool: KernelPool, bank: BasketBank, plan: CampaignPlan): Promise<CampaignTable> {
  const columns = campaignColumns(plan, bank.products);
  const grouping = campaignGroups(plan, bank, withheldProducts(plan, bank.products, columns.recommended));
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
    await builder.add(part, { group: grouping.number.subarray(from, to), ...(weight && { weight }) });
  }
  const { table, basketOf } = await builder.finish();
  const numbers = table.memory.u32(table.group, table.rows);
  const groups = groupsOfRows(grouping, numbers);
  const clusterRanges = new Map<number, RowRange>();
  for (const { cluster, range } of groups) {
    const before = clusterRanges.get(cluster);
    clusterRanges.set(cluster, { from: before?.from ?? range.from, to: range.to });
  }
  return {
    ...{ plan, columns, table, basketOf: joinParts(basketOf), weight: bank.weight, groups, clusterRanges },
    ...rowContexts(plan, bank.contexts, grouping, numbers),
    entriesOfNone: hasConstant ? 1 : 0,
  };
}

/** Groups that have rows. @param numbers group number of each row, u32[rows], ascending */
function groupsOfRows({ groups, firstOf }: CampaignGroups, numbers: Uint32Array): CampaignTable['groups'] {
  let from = 0;
  return groups.flatMap((group, at) => {
    const range = { from, to: firstAtLeast(numbers, firstOf[at + 1]!, from) };
    from = range.to;
    return range.to > range.from ? [{ ...group, range }] : [];
  });
}

/** Features of the rows: those of their customers. If clusters shift a common model, the cluster is one more feature. */
function rowContexts(
  { scheme, pooling }: CampaignPlan,
  known: CustomerContexts | undefined,
  grouping: CampaignGroups,
  numbers: Uint32Array,
): { contexts?: RowContexts } {
  const { context } = grouping;
  if (scheme !== null && pooling === 'partial') return { contexts: shiftedContexts(scheme, known, grouping, numbers) };
  if (known === undefined || context === undefined) return {};
  return { contexts: { features: known.features, codes: known.codes, ofRow: numbers.map((number) => context[number]!) } };
}

/** Features of the rows with the cluster as the last feature. Each group number has one combination of feature levels. */
function shiftedContexts(
  scheme: string,
  known: CustomerContexts | undefined,
  { groups, firstOf, context }: CampaignGroups,
  numbers: Uint32Array,
): RowContexts {
  const clusters = 1 + groups.reduce((most, { cluster }) => Math.max(most, cluster), -1);
  const { name, levels } = clusterFeature(scheme, clusters);
  const features = known?.features ?? [];
  const width = features.length + 1;
  const codes = new Int16Array(firstOf.at(-1)! * width);
  for (const [at, { cluster }] of groups.entries()) {
    for (let number = firstOf[at]!; number < firstOf[at + 1]!; number++) {
      const from = context ? context[number]! * features.length : 0;
      for (let f = 0; f < features.length; f++) codes[number * width + f] = known!.codes[from + f]!;
      codes[number * width + features.length] = cluster === noCluster ? clusters : cluster;
    }
  }
  return { features: [...features, { name, levels: [...levels, clusterLevel(noCluster)] }], codes, ofRow: numbers.slice() };
}

/** Table column of each product, -1 for products of other classes. */
export function columnsOfProducts({ table, columns }: CampaignTable, products: number): Int32Array {
  const place = new Map(table.columns.map((code, column) => [code, column]));
  return Int32Array.from({ length: products }, (_, product) => {
    const key = columns.projection[product]!;
    return key < 0 ? -1 : required(place, columns.keys[key]!);
  });
}

/** Flag of each table column, u8[columns]: 1 if its product can be recommended. */
export function recommendable({ table, columns }: CampaignTable): Uint8Array {
  return Uint8Array.from(table.columns, (code) => (columns.recommended.has(code) ? 1 : 0));
}
