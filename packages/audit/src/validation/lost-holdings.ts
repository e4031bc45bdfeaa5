import { type Csr, fitSpec, type NextPurchaseModel, required } from '@basketwise/core';
import { publishedCount } from '@basketwise/data/base';
import type { ScoredWindow } from '@basketwise/insight';
import {
  type CampaignModels,
  type CampaignTable,
  campaignTable,
  hash,
  minimumCustomers,
  ndcg,
  oneModel,
  pick,
  ranksByFeatures,
  ranksInList,
  scoreCampaign,
  tableOfSome,
} from '@basketwise/recommend';
import type { Perturbation } from './perturbations.ts';
import { comparedLength } from './realised-quality.ts';
import { shareOfMiddles } from './suppressed.ts';
import type { ValidationFile } from './validation-file.ts';

type Robustness = ValidationFile['robustness'][number];

/** One in this number of customers loses a product, besides all test customers. */
const oneIn = 20;
const [drawCustomer, drawHolding, drawOther] = [1, 2, 3];

/** Holdings after some customers have lost one product each, in kernel memory. */
interface PerturbedHoldings {
  csr: Csr;
  /** Equivalence group of the lost product, by customer who lost one, ascending by customer number. */
  lost: ReadonlyMap<number, string>;
}

/** Whether a customer is one of the 5 % who lose a product. */
const isDrawn = (customer: number) => pick(hash(customer, drawCustomer), oneIn) === 0;

/**
 * Removes one random product from 5 % of the customers with holdings, and from all other customers of a set, with all holdings of its equivalence
 * group. The random draws depend only on the customer's number.
 * @param groupOf equivalence group of each product; baskets do not distinguish the products of a group
 */
export function loseHoldings(csr: Csr, groupOf: readonly string[], others: ReadonlySet<number> = new Set()): PerturbedHoldings {
  const { memory, customers: count, entries } = csr;
  const before = memory.u32(csr.start, count + 1);
  const drawn = new Set<number>();
  for (let customer = 0; customer < count; customer++) {
    const held = before[customer + 1]! - before[customer]!;
    if (held > 0 && (others.has(customer) || isDrawn(customer))) drawn.add(customer);
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

/** NDCG of test customers before and after a change, with the numbers of their lists that differ and of those with another first product. */
export interface PerturbedCases {
  before: number[];
  after: number[];
  changed: number;
  otherFirst: number;
}

/** Results of a window's robustness tests. */
export interface WindowRobustness {
  /** Lists of the 5 % of customers who lose a product; null if fewer than 20 of them have a list. */
  lists: Robustness | null;
  cases: ReadonlyMap<Perturbation, PerturbedCases>;
}

/** Robustness tests of a campaign in a window: lists after the loss of a product, and after wrong features. The models stay the same. */
export async function testRobustness(scored: ScoredWindow): Promise<WindowRobustness> {
  const { evaluationSet, scoring } = scored;
  const { memory } = scoring.pool;
  const mark = memory.mark();
  try {
    const tested = evaluationSet.cases.cases.filter(({ hasHistory }) => hasHistory).map(({ customer }) => customer);
    const before = await listsOf(scored, evaluationSet.table, tested);
    const cases = new Map<Perturbation, PerturbedCases>();
    const lists = await afterLoss(scored, tested, before, cases);
    for (const [kind, table] of wrongFeatures(scored, tested))
      cases.set(kind, compareCases(scored, before, await listsOf(scored, table, tested)));
    const older = await olderModels(scored);
    if (older !== null)
      cases.set(
        'one learning window less',
        compareCases(scored, before, await listsOf({ ...scored, models: older }, evaluationSet.table, tested)),
      );
    return { lists, cases };
  } finally {
    memory.release(mark);
  }
}

/** Lists of some customers of a table. */
async function listsOf(
  { scoring, bank, models }: ScoredWindow,
  table: CampaignTable,
  customers: readonly number[],
): Promise<Lists> {
  const some = [...new Set(customers)].filter((customer) => table.basketOf[customer]! < table.table.rows);
  return (await scoreCampaign({ ...scoring, reasons: false }, bank, tableOfSome(table, some), models)).results;
}

/** Lists after the loss of a product: of 5 % of all customers, and of the test customers, whose figures are added to `cases`. */
async function afterLoss(
  scored: ScoredWindow,
  tested: readonly number[],
  ofTested: Lists,
  cases: Map<Perturbation, PerturbedCases>,
): Promise<Robustness | null> {
  const { plan, bank, evaluationSet, scoring } = scored;
  const groupOf = bank.products.map(({ groupKey }) => groupKey);
  const { csr, lost } = loseHoldings(bank.csr, groupOf, new Set(tested));
  const drawn = [...lost.keys()].filter(isDrawn);
  const before = scored.results ?? (await listsOf(scored, evaluationSet.table, drawn));
  const table = await campaignTable(scoring.pool, { ...bank, csr }, plan);
  const after = await listsOf(scored, table, [...lost.keys()]);
  cases.set('a lost product', compareCases(scored, ofTested, after));
  const served = drawn.filter((customer) => before.unit[customer]! >= 0);
  if (served.length < minimumCustomers) return null;
  const customers = publishedCount(served.length);
  const share = (isCounted: (before: Int32Array, after: Int32Array, customer: number) => boolean) => {
    const count = served.filter((customer) => isCounted(listOf(before, customer), listOf(after, customer), customer)).length;
    return shareOfMiddles(publishedCount(count), customers);
  };
  return {
    ...{ campaign: plan.name, customers },
    changed: share(isOther),
    changedOthers: share(
      (one, other, customer) =>
        !begins(
          one,
          other.filter((product) => groupOf[product] !== lost.get(customer)),
        ),
    ),
  };
}

const isOther = (one: Int32Array, other: Int32Array) => one.length !== other.length || !begins(one, other);

/**
 * The window's models with weights learned without the newest learning window. Components that are already fitted are used again.
 * Null if the models are not learned, or if each cluster has its own.
 */
async function olderModels({
  learned,
  models: { all, byCluster },
  evaluationSet: { data },
}: ScoredWindow): Promise<CampaignModels | null> {
  if (learned?.spec.kind !== 'next-purchase' || all?.kind !== 'next-purchase' || byCluster.size > 0) return null;
  const { members } = (all as NextPurchaseModel).parts;
  const fitted = learned.spec.members.map(({ model }, i) => [model, members[i]!.model] as const);
  return oneModel(await fitSpec(data, learned.older, {}, new Map(fitted)));
}

/** Tables with wrong features of the test customers. Empty if the models do not rank by features. Features of clusters stay true. */
function* wrongFeatures(
  { evaluationSet: { table }, bank, models }: ScoredWindow,
  tested: readonly number[],
): Generator<[Perturbation, CampaignTable]> {
  const { contexts } = table;
  if (!contexts || bank.contexts === undefined || !ranksByFeatures(models) || tested.length === 0) return;
  const width = contexts.features.length;
  const own = bank.contexts.features.length;
  yield [
    'no features',
    { ...table, contexts: { ...contexts, codes: contexts.codes.map((code, i) => (i % width < own ? -1 : code)) } },
  ];
  // A random test customer gives the features; the row's own cluster stays.
  const codes = new Int16Array(contexts.ofRow.length * width);
  for (const [row, combination] of contexts.ofRow.entries()) {
    const giver = contexts.ofRow[table.basketOf[tested[pick(hash(row, drawOther), tested.length)]!]!]!;
    for (let f = 0; f < width; f++) codes[row * width + f] = contexts.codes[(f < own ? giver : combination) * width + f]!;
  }
  yield [
    'features of another customer',
    { ...table, contexts: { ...contexts, codes, ofRow: contexts.ofRow.map((_, row) => row) } },
  ];
}

/** NDCG of the test customers by two sets of lists. */
function compareCases({ evaluationSet: { cases, table }, scoring }: ScoredWindow, one: Lists, other: Lists): PerturbedCases {
  const length = comparedLength(scoring.topN);
  const found: PerturbedCases = { before: [], after: [], changed: 0, otherFirst: 0 };
  for (const { customer, targets, hasHistory } of cases.cases) {
    if (!hasHistory) continue;
    const wanted = targets.map((column) => required(table.columns.recommended, table.table.columns[column]!));
    const [own, then] = [listOf(one, customer), listOf(other, customer)];
    found.before.push(ndcg(ranksInList([...own], wanted), length));
    found.after.push(ndcg(ranksInList([...then], wanted), length));
    found.changed += Number(isOther(own, then));
    found.otherFirst += Number(own[0] !== then[0]);
  }
  return found;
}
