import { AppError } from '../error.ts';
import type { CampaignTable } from './baskets.ts';

/** Sources of a campaign's lists, as the output names them: the kind of its model first, then what fills them up. */
export function sourcesOf(kind: string): string[] {
  return [kind, 'popularity'];
}

/** Lists of the rows of a table: row r's entries are `start[r]` .. `start[r + 1] - 1`. */
export interface Lists {
  start: Uint32Array;
  /** Position of the product among the bank's. */
  product: Int32Array;
  score: Float32Array;
  /** Position in `sourcesOf`. */
  source: Uint8Array;
  /** Position among the reasons of what adds most to the score. */
  reason: Int32Array;
}

/** Why a target customer got no list: a rule's reason, or that nothing that may be recommended is left. */
export const noProductLeft = 'NO_PRODUCT_LEFT';

/** How a campaign went, in numbers that add up: targets = served + all of `unserved`. */
export interface CampaignCounts {
  targets: number;
  served: number;
  /** Customers by reason. */
  unserved: Readonly<Record<string, number>>;
  /** Target customers who fail each rule, served by other products or not. */
  suppressed: Readonly<Record<string, number>>;
  /** Distinct baskets in the campaign. */
  baskets: number;
  /** Customers in those baskets. */
  customers: number;
  /** Recommendations: list entries of all served customers. */
  rows: number;
  /** List entries by source. */
  sources: Readonly<Record<string, number>>;
  /** Products that may be recommended, and of those how many appear in a list. */
  recommendable: number;
  appearing: number;
}

/** Counts a campaign from the groups, the lists and the config's rules, and marks the customers who get no list. */
export function countCampaign(
  rules: readonly { reason: string }[],
  { table, groups, columns, basketOf, weight }: CampaignTable,
  { kind, ...lists }: Lists & { kind: string },
  unit: Int32Array,
  recommended: readonly number[],
): CampaignCounts {
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const unserved: Record<string, number> = {};
  const suppressed: Record<string, number> = {};
  const add = (record: Record<string, number>, reason: string, customers: number) => {
    record[reason] = (record[reason] ?? 0) + customers;
  };
  const names = sourcesOf(kind);
  const bySource = new Float64Array(names.length);
  const count = { targets: 0, served: 0, rows: 0, customers: 0 };
  for (const { target, failed, range } of groups) {
    const reasons = [...new Set(failed.map((rule) => rules[rule]!.reason))];
    let [all, served, without, rows] = [0, 0, 0, 0];
    for (let row = range.from; row < range.to; row++) {
      const customers = multiplicity[row]!;
      all += customers;
      if (!target) continue;
      const from = lists.start[row]!;
      const to = lists.start[row + 1]!;
      if (from === to) without += customers;
      else served += customers;
      rows += (to - from) * customers;
      for (let at = from; at < to; at++) bySource[lists.source[at]!]! += customers;
    }
    count.customers += all;
    if (!target) continue;
    count.targets += all;
    count.served += served;
    count.rows += rows;
    for (const reason of reasons) add(suppressed, reason, all);
    if (without > 0) add(unserved, reasons[0] ?? noProductLeft, without);
  }
  const sources: Record<string, number> = {};
  for (const [i, name] of names.entries()) add(sources, name, bySource[i]!); // a model of popularity has the name of what fills up
  let listed = 0;
  for (let customer = 0; customer < unit.length; customer++) {
    const row = unit[customer]!;
    if (row < 0) continue;
    if (lists.start[row] === lists.start[row + 1]) unit[customer] = -1;
    else listed += weight ? weight[customer]! : 1;
  }
  const { appearing, foreign } = productsListed(lists.product, recommended);
  const counts: CampaignCounts = {
    ...count,
    unserved,
    suppressed,
    baskets: table.rows,
    sources,
    recommendable: columns.recommended.size,
    appearing,
  };
  const all = weight ? weight.reduce((sum, n) => sum + n, 0) : basketOf.length;
  checkCounts(counts, all, listed, foreign);
  return counts;
}

/** How many of the products that may be recommended lists name, and whether they name any other. */
function productsListed(product: Int32Array, recommended: readonly number[]): { appearing: number; foreign: boolean } {
  const state = new Uint8Array(recommended.reduce((most, index) => Math.max(most, index), -1) + 1);
  for (const index of recommended) if (index >= 0) state[index] = 1;
  let [appearing, foreign] = [0, false];
  for (let at = 0; at < product.length; at++) {
    const found = state[product[at]!];
    if (found === 2) continue;
    if (found === 1) {
      state[product[at]!] = 2;
      appearing++;
    } else foreign = true;
  }
  return { appearing, foreign };
}

/** Refuses numbers that do not add up: a bug, never data. */
function checkCounts(counts: CampaignCounts, customers: number, listed: number, foreign: boolean): void {
  const unserved = Object.values(counts.unserved).reduce((sum, n) => sum + n, 0);
  const faults = [
    counts.targets !== counts.served + unserved &&
      `${counts.targets} targets are not ${counts.served} served and ${unserved} unserved`,
    listed !== counts.served && `${listed} customers have a list, ${counts.served} are counted as served`,
    counts.customers > customers && `${counts.customers} customers in baskets, ${customers} in all`,
    foreign && 'a product is listed that may not be recommended',
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw new AppError('bug', `counts do not add up: ${faults.join('; ')}`, 'Report this with the log.');
}

/** A campaign's numbers under its name. */
export interface PublishedCampaign extends CampaignCounts {
  campaign: string;
}
