import { bug, type RowRange } from '@basketwise/core';
import type { CampaignTable } from './baskets.ts';
import { countFirstEntries, type FirstEntries, type Lists } from './lists.ts';

/** Names of the sources of list entries in the output: the kind of the campaign's model, then `popularity` for backfill. */
export function sourcesOf(kind: string): string[] {
  return [kind, 'popularity'];
}

/** Reason why a target customer has no list although no rule excludes them. */
export const noProductLeft = 'NO_PRODUCT_LEFT';

/** Counts of a campaign. `targets` equals `served` plus the sum of `unserved`. */
export interface CampaignCounts {
  targets: number;
  served: number;
  /** Number of target customers without a list, by reason. */
  unserved: Readonly<Record<string, number>>;
  /** Number of target customers who fail each rule, including customers who still get other products. */
  suppressed: Readonly<Record<string, number>>;
  /** Number of distinct baskets in the campaign. */
  baskets: number;
  /** Number of customers who have one of these baskets. */
  customers: number;
  /** Number of recommendations: entries of the lists of all served customers. */
  rows: number;
  /** Number of list entries by source. */
  sources: Readonly<Record<string, number>>;
  /** Number of products that can be recommended. */
  recommendable: number;
  /** Number of products in at least one list. */
  appearing: number;
  first: FirstEntries;
}

/** Counts the customers and recommendations of a campaign. Also sets the basket row of customers without a list to -1 in `unit`. */
export function countCampaign(
  rules: readonly { reason: string }[],
  { table, groups, columns, basketOf, weight }: CampaignTable,
  { kind, ...lists }: Lists & { kind: string },
  unit: Int32Array,
  recommended: readonly number[],
): CampaignCounts {
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const names = sourcesOf(kind);
  const { bySource, ...count } = countGroups(rules, groups, lists, multiplicity, names.length);
  const sources: Record<string, number> = {};
  for (const [i, name] of names.entries()) addCount(sources, name, bySource[i]!); // The model can have the same name as the backfill.
  const listed = markUnlisted(unit, lists.start, weight);
  const products = 1 + recommended.reduce((most, product) => Math.max(most, product), -1);
  const { appearing, foreign } = productsListed(lists.product, recommended, products);
  const counts: CampaignCounts = {
    ...count,
    baskets: table.rows,
    sources,
    recommendable: columns.recommended.size,
    appearing,
    first: countFirstEntries({ multiplicity, ...lists }, names, products),
  };
  const all = weight ? weight.reduce((sum, n) => sum + n, 0) : basketOf.length;
  checkCounts(counts, all, listed, foreign);
  return counts;
}

/** Counts the target customers of the groups. `bySource` is the number of recommendations by source. */
function countGroups(
  rules: readonly { reason: string }[],
  groups: CampaignTable['groups'],
  { start, source }: Pick<Lists, 'start' | 'source'>,
  multiplicity: Uint32Array,
  sources: number,
) {
  const unserved: Record<string, number> = {};
  const suppressed: Record<string, number> = {};
  const bySource = new Float64Array(sources);
  const count = { targets: 0, served: 0, rows: 0, customers: 0 };
  for (const { target, failed, range } of groups) {
    const reasons = [...new Set(failed.map((rule) => rules[rule]!.reason))];
    const all = customersInRange(multiplicity, range);
    count.customers += all;
    if (!target) continue;
    const { served, without } = countServed(multiplicity, start, range);
    addSources(bySource, multiplicity, start, source, range);
    count.targets += all;
    count.served += served;
    count.rows += recommendations(multiplicity, start, range);
    for (const reason of reasons) addCount(suppressed, reason, all);
    if (without > 0) addCount(unserved, reasons[0] ?? noProductLeft, without);
  }
  return { ...count, unserved, suppressed, bySource };
}

function addCount(record: Record<string, number>, name: string, customers: number): void {
  record[name] = (record[name] ?? 0) + customers;
}

// The loops below take only flat arrays. Tables and lists differ in object shape between campaigns, and V8 would compile the loops again for each
// shape.

function customersInRange(multiplicity: Uint32Array, { from, to }: RowRange): number {
  let sum = 0;
  for (let row = from; row < to; row++) sum += multiplicity[row]!;
  return sum;
}

/** Number of customers in rows with a list (`served`), and in rows without one (`without`). */
function countServed(
  multiplicity: Uint32Array,
  start: Uint32Array,
  { from, to }: RowRange,
): Record<'served' | 'without', number> {
  let [served, without] = [0, 0];
  for (let row = from; row < to; row++) {
    if (start[row + 1]! > start[row]!) served += multiplicity[row]!;
    else without += multiplicity[row]!;
  }
  return { served, without };
}

/** Number of recommendations in a range of rows: each row's list length times its number of customers. */
export function recommendations(multiplicity: Uint32Array, start: Uint32Array, { from, to }: RowRange): number {
  let sum = 0;
  for (let row = from; row < to; row++) sum += multiplicity[row]! * (start[row + 1]! - start[row]!);
  return sum;
}

/** Adds the recommendations of a range of rows to the counts by source. */
function addSources(
  bySource: Float64Array,
  multiplicity: Uint32Array,
  start: Uint32Array,
  source: Uint8Array,
  { from, to }: RowRange,
): void {
  for (let row = from; row < to; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) bySource[source[at]!]! += multiplicity[row]!;
  }
}

/** Sets the basket row of customers with an empty list to -1. Returns the number of customers with a list. */
function markUnlisted(unit: Int32Array, start: Uint32Array, weight: Uint32Array | undefined): number {
  // Flag of each row, one byte. More flags than starts fit the processor's cache.
  const isListed = new Uint8Array(start.length - 1);
  for (let row = 0; row < isListed.length; row++) isListed[row] = start[row + 1]! > start[row]! ? 1 : 0;
  let listed = 0;
  for (let customer = 0; customer < unit.length; customer++) {
    const row = unit[customer]!;
    if (row < 0) continue;
    if (isListed[row] === 0) unit[customer] = -1;
    else listed += weight ? weight[customer]! : 1;
  }
  return listed;
}

/**
 * Number of recommendable products that occur in the lists, and whether the lists contain any other product.
 * @param recommended product number of each table column, -1 if it cannot be recommended
 * @param products number larger than all product numbers in `recommended`
 */
function productsListed(
  product: Int32Array,
  recommended: readonly number[],
  products: number,
): { appearing: number; foreign: boolean } {
  const state = new Uint8Array(products);
  for (const index of recommended) if (index >= 0) state[index] = 1;
  let [appearing, foreign] = [0, false];
  for (let at = 0; at < product.length; at++) {
    const productState = state[product[at]!];
    if (productState === 2) continue;
    if (productState === 1) {
      state[product[at]!] = 2;
      appearing++;
    } else foreign = true;
  }
  return { appearing, foreign };
}

/**
 * Checks that counts are consistent. Inconsistent counts are a bug; data cannot cause them.
 * @throws AppError bug if counts do not add up
 */
function checkCounts(counts: CampaignCounts, customers: number, listed: number, foreign: boolean): void {
  const unserved = Object.values(counts.unserved).reduce((sum, n) => sum + n, 0);
  const faults = [
    counts.targets !== counts.served + unserved &&
      `${counts.targets} targets are not ${counts.served} served and ${unserved} unserved`,
    listed !== counts.served && `${listed} customers have a list, ${counts.served} are counted as served`,
    counts.customers > customers && `${counts.customers} customers in baskets, ${customers} in all`,
    foreign && 'a product is listed that may not be recommended',
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw bug(`counts do not add up: ${faults.join('; ')}`);
}

/** Exact counts of a campaign with its name, as the run saves them. Reports round them. */
export interface PublishedCampaign extends CampaignCounts {
  campaign: string;
}
