import { type BasketTable, firstAtLeast, noBasket, required } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';

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
