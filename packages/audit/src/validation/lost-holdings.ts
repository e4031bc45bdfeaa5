import { type Csr, required } from '@basketwise/core/parts';
import { publishedCount, publishedShare, publishedValue } from '@basketwise/data/published';
import type { ScoredWindow } from '@basketwise/insight/parts';
import { campaignTable, hash, minimumCustomers, ndcg, pick, ranksInList, scoreCampaign } from '@basketwise/recommend';
import { comparedLength } from './compared-length.ts';
import type { ValidationFile } from './validation-file.ts';

type Robustness = ValidationFile['robustness'][number];

/** One in this number of customers loses a product. */
const oneIn = 20;
const [drawCustomer, drawHolding] = [1, 2];

/** Holdings after some customers have lost one product each, in kernel memory. */
interface PerturbedHoldings {
  csr: Csr;
  /** Equivalence group of the lost product, by customer who lost one, ascending by customer number. */
  lost: ReadonlyMap<number, string>;
}

/**
 * Removes one random product from 5 % of the customers with holdings, with all holdings of its equivalence group.
 * The random draws depend only on the customer's number.
 * @param groupOf equivalence group of each product; baskets do not distinguish the products of a group
 */
export function loseHoldings(csr: Csr, groupOf: readonly string[]): PerturbedHoldings {
  const { memory, customers: count, entries } = csr;
  const before = memory.u32(csr.start, count + 1);
  const drawn = new Set<number>();
  for (let customer = 0; customer < count; customer++) {
    const held = before[customer + 1]! - before[customer]!;
    if (held > 0 && pick(hash(customer, drawCustomer), oneIn) === 0) drawn.add(customer);
  }
  const [start, entry] = [memory.allocate((count + 1) * 4), memory.allocate(entries * 4)];
  // Views are created after the allocations, because an allocation may move the memory.
  const [oldStart, oldEntry] = [memory.u32(csr.start, count + 1), memory.u32(csr.entry, entries)];
  const [newStart, newEntry] = [memory.u32(start, count + 1), memory.u32(entry, entries)];
  const lost = new Map<number, string>();
  let at = 0;
  for (let customer = 0; customer < count; customer++) {
    newStart[customer] = at;
    const [from, to] = [oldStart[customer]!, oldStart[customer + 1]!];
    const entryOf = from + pick(hash(customer, drawHolding), to - from);
    const gone = drawn.has(customer) ? groupOf[oldEntry[entryOf]! >>> 8]! : undefined;
    if (gone !== undefined) lost.set(customer, gone);
    for (let i = from; i < to; i++) if (gone === undefined || groupOf[oldEntry[i]! >>> 8] !== gone) newEntry[at++] = oldEntry[i]!;
  }
  newStart[count] = at;
  return { csr: { ...csr, start, entry, entries: at }, lost };
}

type Lists = NonNullable<ScoredWindow['results']>;

/** Products of a customer's list, in order. */
function listOf({ unit, units: { start, product } }: Lists, customer: number): Int32Array {
  const row = unit[customer]!;
  return row < 0 ? new Int32Array(0) : product.subarray(start[row]!, start[row + 1]!);
}

/** Whether a list begins with all entries of another list, in the same order. */
const begins = (list: Int32Array, start: Int32Array) => start.every((product, i) => product === list[i]);

/**
 * Robustness test: share of the lists that change, and loss of NDCG, if customers lose a product.
 * Null if fewer than 20 of the customers who lose a product have a list.
 */
export async function testRobustness(scored: ScoredWindow): Promise<Robustness | null> {
  const { plan, bank, evaluationSet, models, scoring } = scored;
  const { memory } = scoring.pool;
  const mark = memory.mark();
  try {
    const tools = { ...scoring, reasons: false };
    const before = scored.results ?? (await scoreCampaign(tools, bank, evaluationSet.table, models)).results;
    const groupOf = bank.products.map(({ groupKey }) => groupKey);
    const { csr, lost } = loseHoldings(bank.csr, groupOf);
    const table = await campaignTable(scoring.pool, { ...bank, csr }, plan);
    const { results: after } = await scoreCampaign(tools, bank, table, models);
    const served = [...lost.keys()].filter((customer) => before.unit[customer]! >= 0);
    if (served.length < minimumCustomers) return null;
    const customers = publishedCount(served.length);
    const share = (isCounted: (before: Int32Array, after: Int32Array, customer: number) => boolean) => {
      const count = served.filter((customer) => isCounted(listOf(before, customer), listOf(after, customer), customer)).length;
      return publishedShare(publishedCount(count), customers);
    };
    return {
      ...{ campaign: plan.name, customers },
      changed: share((one, other) => one.length !== other.length || !begins(one, other)),
      changedOthers: share(
        (one, other, customer) =>
          !begins(
            one,
            other.filter((product) => groupOf[product] !== lost.get(customer)),
          ),
      ),
      ...lossOf(scored, new Set(served), before, after),
    };
  } finally {
    memory.release(mark);
  }
}

/** Mean NDCG of the test customers who lose a product, before the loss, and its decrease. Nulls for fewer than 20 customers. */
function lossOf(
  { evaluationSet: { cases, table }, scoring }: ScoredWindow,
  served: ReadonlySet<number>,
  before: Lists,
  after: Lists,
): Pick<Robustness, 'ndcg' | 'lost'> {
  const length = comparedLength(scoring.topN);
  const values = cases.cases.flatMap(({ customer, targets }) => {
    if (!served.has(customer)) return [];
    const wanted = targets.map((column) => required(table.columns.recommended, table.table.columns[column]!));
    const ndcgOf = (lists: Lists) => ndcg(ranksInList([...listOf(lists, customer)], wanted), length);
    return [{ before: ndcgOf(before), after: ndcgOf(after) }];
  });
  if (values.length < minimumCustomers) return { ndcg: null, lost: null };
  const mean = (of: 'before' | 'after') => values.reduce((sum, value) => sum + value[of], 0) / values.length;
  return { ndcg: publishedValue(mean('before')), lost: publishedValue(mean('before') - mean('after')) };
}
