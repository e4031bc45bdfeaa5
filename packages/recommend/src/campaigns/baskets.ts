import {
  BasketBuilder,
  type BasketTable,
  constantName,
  firstAtLeast,
  joinParts,
  type KernelPool,
  noBasket,
  noCluster,
  type Product,
  partsOfCsr,
  type RowContexts,
  type RowRange,
  required,
} from '@basketwise/core';
import type { Bank } from './bank.ts';
import { type CampaignColumns, type CampaignPlan, campaignColumns } from './campaign-plan.ts';
import { type CustomerContexts, clusterFeature, clusterLevel } from './customer-contexts.ts';
import { type CampaignGroup, type CampaignGroups, campaignGroups } from './groups.ts';

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
  const clusterOfRow = new Int32Array(table.rows).fill(noCluster);
  for (const { cluster, range } of groups) clusterOfRow.fill(cluster, range.from, range.to);
  return clusterOfRow;
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
  customerContexts: CustomerContexts | undefined,
  grouping: CampaignGroups,
  numbers: Uint32Array,
): { contexts?: RowContexts } {
  const { context } = grouping;
  if (scheme !== null && pooling === 'partial') return { contexts: shiftedContexts(scheme, customerContexts, grouping, numbers) };
  if (customerContexts === undefined || context === undefined) return {};
  return {
    contexts: {
      features: customerContexts.features,
      codes: customerContexts.codes,
      ofRow: numbers.map((number) => context[number]!),
    },
  };
}

/** Features of the rows with the cluster as the last feature. Each group number has one combination of feature levels. */
function shiftedContexts(
  scheme: string,
  customerContexts: CustomerContexts | undefined,
  { groups, firstOf, context }: CampaignGroups,
  numbers: Uint32Array,
): RowContexts {
  const clusters = 1 + groups.reduce((most, { cluster }) => Math.max(most, cluster), -1);
  const { name, levels } = clusterFeature(scheme, clusters);
  const features = customerContexts?.features ?? [];
  const width = features.length + 1;
  const codes = new Int16Array(firstOf.at(-1)! * width);
  for (const [at, { cluster }] of groups.entries()) {
    for (let number = firstOf[at]!; number < firstOf[at + 1]!; number++) {
      const from = context ? context[number]! * features.length : 0;
      for (let f = 0; f < features.length; f++) codes[number * width + f] = customerContexts!.codes[from + f]!;
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

/**
 * Products that each rule withholds from customers who fail it: group keys by the position of the rule. The set is empty if the campaign can
 * recommend none of the rule's products.
 * @param recommended product to recommend, by group key
 */
export function withheldProducts(
  { rules, withheld = [] }: CampaignPlan,
  products: readonly Product[],
  recommended: ReadonlyMap<string, number>,
): ReadonlyMap<number, ReadonlySet<string>> {
  if (withheld.length === 0) return new Map();
  const keyOf = new Map(products.map(({ code, groupKey }) => [code, groupKey]));
  const applied = withheld.filter(({ rule }) => rules.includes(rule));
  return new Map(
    applied.map(({ rule, products: codes }) => {
      const keys = codes.map((code) => required(keyOf, code)).filter((key) => recommended.has(key));
      return [rule, new Set(keys)];
    }),
  );
}

/**
 * Basket table of a subset of a campaign's customers. Its rows are the rows of these customers in the campaign's table, in the same order. The lists
 * of a row do not depend on other rows. The subset's lists are therefore those of the campaign.
 * @param customers customer numbers, each with a row in the table. A customer who is given several times counts several times
 */
export function tableOfSome(campaign: CampaignTable, customers: readonly number[]): CampaignTable {
  const rows = [...new Set(customers.map((customer) => campaign.basketOf[customer]!))].sort((a, b) => a - b);
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const basketOf = new Uint32Array(campaign.basketOf.length).fill(noBasket);
  const multiplicity = new Uint32Array(rows.length);
  const weight = campaign.weight && new Uint32Array(campaign.weight.length);
  for (const customer of customers) {
    const place = required(placeOf, campaign.basketOf[customer]!);
    basketOf[customer] = place;
    multiplicity[place]!++;
    if (weight) weight[customer]!++;
  }
  const before = (row: number) => firstAtLeast(rows, row);
  const rangeOf = ({ from, to }: { from: number; to: number }) => ({ from: before(from), to: before(to) });
  const { contexts } = campaign;
  return {
    ...campaign,
    table: someRows(campaign.table, rows, multiplicity),
    basketOf,
    weight,
    groups: campaign.groups
      .map((group) => ({ ...group, range: rangeOf(group.range) }))
      .filter(({ range }) => range.to > range.from),
    clusterRanges: new Map([...campaign.clusterRanges].map(([cluster, range]) => [cluster, rangeOf(range)])),
    ...(contexts && { contexts: { ...contexts, ofRow: Uint32Array.from(rows, (row) => contexts.ofRow[row]!) } }),
  };
}

function someRows(table: BasketTable, rows: readonly number[], multiplicity: Uint32Array): BasketTable {
  const { memory } = table;
  const start = memory.u32(table.start, table.rows + 1);
  const entry = memory.u32(table.entry, table.entries);
  const group = memory.u32(table.group, table.rows);
  const starts = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) starts[i + 1] = starts[i]! + start[row + 1]! - start[row]!;
  const entries = new Uint32Array(starts[rows.length]!);
  for (const [i, row] of rows.entries()) entries.set(entry.subarray(start[row]!, start[row + 1]!), starts[i]!);
  const groups = Uint32Array.from(rows, (row) => group[row]!);
  return {
    ...{ memory, columns: table.columns, pseudoColumns: table.pseudoColumns, rows: rows.length, entries: entries.length },
    start: memory.store(starts),
    entry: memory.store(entries),
    multiplicity: memory.store(multiplicity),
    group: memory.store(groups),
  };
}
