import { type Csr, required } from '@basketwise/core/parts';
import { publishedCount, publishedShare, publishedValue } from '@basketwise/data/published';
import { campaignTable, hash, minimumCustomers, ndcg, pick, ranksInList, scoreCampaign } from '@basketwise/recommend';
import type { ScoredWindow } from '../evaluation/scored-window.ts';
import { comparedLength } from './compared-length.ts';
import type { ValidationFile } from './validation-file.ts';

/** One customer in so many loses a product. */
const oneIn = 20;
const [drawCustomer, drawHolding] = [1, 2];

/** The holdings without one product of some customers, in kernel memory. */
interface PerturbedHoldings {
  csr: Csr;
  /** Customers who lost a product, ascending. */
  customers: readonly number[];
}

/**
 * Removes a random holding of 5 % of the customers with holdings, and all others of its product; the draws depend only on the customer's
 * number.
 * @param groupOf group of each product: products of one group are one in baskets
 */
export function loseHoldings(csr: Csr, groupOf: readonly string[]): PerturbedHoldings {
  const { memory, customers: count, entries } = csr;
  const before = memory.u32(csr.start, count + 1);
  const customers: number[] = [];
  for (let customer = 0; customer < count; customer++) {
    const held = before[customer + 1]! - before[customer]!;
    if (held > 0 && pick(hash(customer, drawCustomer), oneIn) === 0) customers.push(customer);
  }
  const [start, entry] = [memory.allocate((count + 1) * 4), memory.allocate(entries * 4)];
  // after the allocations: they may move the memory
  const [oldStart, oldEntry] = [memory.u32(csr.start, count + 1), memory.u32(csr.entry, entries)];
  const [newStart, newEntry] = [memory.u32(start, count + 1), memory.u32(entry, entries)];
  let [at, next] = [0, 0];
  for (let customer = 0; customer < count; customer++) {
    newStart[customer] = at;
    const [from, to] = [oldStart[customer]!, oldStart[customer + 1]!];
    const isLoser = customers[next] === customer;
    const drawn = isLoser ? oldEntry[from + pick(hash(customer, drawHolding), to - from)] : undefined;
    const lost = drawn === undefined ? undefined : groupOf[drawn >>> 8];
    if (isLoser) next++;
    for (let i = from; i < to; i++) if (lost === undefined || groupOf[oldEntry[i]! >>> 8] !== lost) newEntry[at++] = oldEntry[i]!;
  }
  newStart[count] = at;
  return { csr: { ...csr, start, entry, entries: at }, customers };
}

type Lists = NonNullable<ScoredWindow['results']>;

/** The products of a customer's list. */
function listOf({ unit, units: { start, product } }: Lists, customer: number): Int32Array {
  const row = unit[customer]!;
  return row < 0 ? new Int32Array(0) : product.subarray(start[row]!, start[row + 1]!);
}

const isSame = (one: Int32Array, other: Int32Array) =>
  one.length === other.length && one.every((product, i) => product === other[i]);

/** Share of lists that change, and the loss in NDCG, if customers lose a product; null if fewer than 20 of them have a list. */
export async function testRobustness(scored: ScoredWindow): Promise<ValidationFile['robustness'][number] | null> {
  const { plan, bank, evaluationSet, models, scoring } = scored;
  const length = comparedLength(scoring.topN);
  const { memory } = scoring.pool;
  const mark = memory.mark();
  try {
    const tools = { ...scoring, reasons: false };
    const before = scored.results ?? (await scoreCampaign(tools, bank, evaluationSet.table, models)).results;
    const { csr, customers } = loseHoldings(
      bank.csr,
      bank.products.map(({ groupKey }) => groupKey),
    );
    const table = await campaignTable(scoring.pool, { ...bank, csr }, plan);
    const { results: after } = await scoreCampaign(tools, bank, table, models);
    const served = customers.filter((customer) => before.unit[customer]! >= 0);
    if (served.length < minimumCustomers) return null;
    const changed = served.filter((customer) => !isSame(listOf(before, customer), listOf(after, customer))).length;
    const lost = new Set(served);
    const { columns } = evaluationSet.table.table;
    const { recommended } = evaluationSet.table.columns;
    const values = evaluationSet.cases.cases.flatMap(({ customer, targets }) => {
      if (!lost.has(customer)) return [];
      const wanted = targets.map((column) => required(recommended, columns[column]!));
      const ndcgOf = (lists: Lists) => ndcg(ranksInList([...listOf(lists, customer)], wanted), length);
      return [{ before: ndcgOf(before), after: ndcgOf(after) }];
    });
    const mean = (of: 'before' | 'after') => values.reduce((sum, value) => sum + value[of], 0) / values.length;
    const isEnough = values.length >= minimumCustomers;
    return {
      ...{ campaign: plan.name, customers: publishedCount(served.length) },
      changed: publishedShare(publishedCount(changed), publishedCount(served.length)),
      ndcg: isEnough ? publishedValue(mean('before')) : null,
      lost: isEnough ? publishedValue(mean('before') - mean('after')) : null,
    };
  } finally {
    memory.release(mark);
  }
}
