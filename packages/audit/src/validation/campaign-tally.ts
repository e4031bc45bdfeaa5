import { ProbabilityJudge, type ScoredWindow } from '@basketwise/insight';
import { ndcg, purchasesByCustomer, recall } from '@basketwise/recommend';
import type { EntryGroup } from './brier-parts.ts';
import type { Dimension } from './customer-groups.ts';
import { addValue, type Moments } from './moments.ts';
import { comparedLength } from './realised-quality.ts';

/** Sums over a group of customers: number of customers with a list, and sums over the entries of their lists. */
export interface TalliedGroup extends EntryGroup {
  customers: number;
  /** Largest number of customers in one window. Absent: `customers`, of a single window. The same customer counts in each window. */
  most?: number;
}

/** Sums over the test customers of a group: moments of NDCG, sums of recalls and of their squares, number of customers with a hit. */
export interface TestedGroup extends Moments {
  recall: number;
  recallSquares: number;
  hits: number;
}

const noneTested = (): TestedGroup => ({ n: 0, sum: 0, squares: 0, recall: 0, recallSquares: 0, hits: 0 });

/** Partition of customers into labelled groups, by one dimension or by a pair of dimensions. */
interface CodedGroups {
  by: string;
  labels: readonly string[];
  /** Position of a customer's label; -1 if the customer has no label. */
  codeOf(customer: number): number;
}

/** Name under which results are divided by test window. */
export const windowName = 'window';

/** Number of sums per label: customers, entries, purchases, expected purchases. */
const fields = 4;

/** Sums of a campaign's results over all test windows, by groups of customers. */
export class CampaignTally {
  /** Judge of the probabilities of all list entries against the purchases. */
  readonly judge: ProbabilityJudge;
  /** Sums of each group, by dimension and label. */
  readonly groups = new Map<string, Map<string, TalliedGroup>>();
  /** Sums of each group by two dimensions. Keys: the two names joined as `a, b`, then the two labels joined in the same way. */
  readonly pairs = new Map<string, Map<string, TalliedGroup>>();
  /** Sums over all test customers, and over those of each group by one dimension and by two. */
  readonly tested = noneTested();
  readonly testedBy = new Map<string, Map<string, TestedGroup>>();

  /** @param judge judge of the campaign's own lists, which the evaluation of the campaign fills */
  constructor(judge = new ProbabilityJudge()) {
    this.judge = judge;
  }

  /**
   * Adds a test window.
   * @param dimensions dimensions of the window's customers
   * @param withPairs whether pairs are made of all dimensions that are not protected
   */
  add(scored: ScoredWindow, dimensions: readonly Dimension[], withPairs: boolean): void {
    const products = new Map<string, TalliedGroup>();
    const lists = sumLists(scored, products);
    const known = groupsOf(this.groups, 'product');
    for (const [code, group] of products) mergeGroup(known, code, group);
    if (lists === null) this.groups.delete('product');
    const tested = testedOf(scored);
    for (const one of tested) this.addCase(one);
    const add = (to: Map<string, Map<string, TalliedGroup>>, of: CodedGroups) => {
      for (const one of tested) {
        const label = of.labels[of.codeOf(one.customer)];
        if (label !== undefined) this.addCase(one, of.by, label);
      }
      if (lists !== null) addCells(groupsOf(to, of.by), of, sumCells(lists, of));
    };
    for (const { by, labels, codes } of dimensions) add(this.groups, { by, labels, codeOf: (customer) => codes[customer]! });
    if (withPairs) for (const pair of pairsOf(dimensions)) add(this.pairs, pair);
    const { from, to } = scored.window;
    add(this.groups, { by: windowName, labels: [`${from} to ${to}`], codeOf: () => 0 });
  }

  /** Adds a test customer to the sums over all customers or, with `by` and `label`, to those of a group. */
  addCase({ ndcg: value, recall: share }: { ndcg: number; recall: number }, by?: string, label = ''): void {
    let own = this.tested;
    if (by !== undefined) {
      const groups = groupsOf(this.testedBy, by);
      own = groups.get(label) ?? noneTested();
      groups.set(label, own);
    }
    addValue(own, value);
    own.recall += share;
    own.recallSquares += share * share;
    own.hits += Number(share > 0);
  }
}

/** Groups of a dimension; an empty map is added for a new dimension. */
function groupsOf<T>(of: Map<string, Map<string, T>>, by: string): Map<string, T> {
  const known = of.get(by) ?? new Map<string, T>();
  of.set(by, known);
  return known;
}

/** NDCG and recall of each test customer of a window. */
function testedOf({ evaluationSet, outcomes, scoring }: ScoredWindow): { customer: number; ndcg: number; recall: number }[] {
  const length = comparedLength(scoring.topN);
  return evaluationSet.cases.cases.map(({ customer }, i) => {
    return { customer, ndcg: ndcg(outcomes[i]!, length), recall: recall(outcomes[i]!, length) };
  });
}

/** Sums over the lists of a window's customers. */
interface ListSums {
  /** Basket row of each customer; -1 without a list. */
  row: Int32Array;
  /** Number of entries of each basket row's list, and sum of their probabilities, f64[basket rows] each. */
  entries: Float64Array;
  expected: Float64Array;
  /** Number of list entries that each customer purchased, by customer number. */
  bought: ReadonlyMap<number, number>;
}

/** Computes the sums over a window's lists, and adds each entry to its product's group. Null if the lists have no probabilities. */
function sumLists(
  { results, purchases, bank, evaluationSet }: ScoredWindow,
  products: Map<string, TalliedGroup>,
): ListSums | null {
  const probability = results?.units.probability;
  if (!results || !probability || !purchases) return null;
  const { unit, units } = results;
  const { start, product } = units;
  const rows = start.length - 1;
  const { table } = evaluationSet.table;
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const [entries, expected] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      const { code } = bank.products[product[at]!]!;
      addEntry(products, code, multiplicity[row]!, purchases(row, product[at]!), probability[at]!);
      entries[row]! += 1;
      expected[row]! += probability[at]!;
    }
  }
  return { row: unit, entries, expected, bought: boughtEntries(bank, evaluationSet, results) };
}

/** Adds the entry of a product, for the customers of a basket row, to the product's group. */
function addEntry(to: Map<string, TalliedGroup>, code: string, customers: number, bought: number, probability: number): void {
  const known = to.get(code) ?? { customers: 0, pairs: 0, bought: 0, expected: 0 };
  known.customers += customers;
  known.pairs += customers;
  known.bought += bought;
  known.expected += customers * probability;
  to.set(code, known);
}

/** Number of list entries that each customer purchased in the window, by customer number. */
function boughtEntries(
  bank: ScoredWindow['bank'],
  { table }: ScoredWindow['evaluationSet'],
  { unit, units: { start, product } }: NonNullable<ScoredWindow['results']>,
): Map<number, number> {
  const bought = new Map<number, number>();
  for (const { customer, products } of purchasesByCustomer(bank, table)) {
    const row = unit[customer]!;
    if (row < 0) continue;
    const list = product.subarray(start[row]!, start[row + 1]!);
    const found = products.filter((one) => list.includes(one)).length;
    if (found > 0) bought.set(customer, found);
  }
  return bought;
}

/** Sums of each label, f64[labels x 4]: customers, entries, purchases, expected purchases. */
function sumCells({ row: rows, entries, expected, bought }: ListSums, { codeOf, labels }: CodedGroups): Float64Array {
  const cells = new Float64Array(labels.length * fields);
  for (let customer = 0; customer < rows.length; customer++) {
    const row = rows[customer]!;
    if (row < 0 || entries[row] === 0) continue;
    const code = codeOf(customer);
    if (code < 0) continue;
    const at = code * fields;
    cells[at]! += 1;
    cells[at + 1]! += entries[row]!;
    cells[at + 3]! += expected[row]!;
  }
  for (const [customer, count] of bought) {
    const code = codeOf(customer);
    if (code >= 0) cells[code * fields + 2]! += count;
  }
  return cells;
}

function addCells(to: Map<string, TalliedGroup>, { labels }: CodedGroups, cells: Float64Array): void {
  for (const [code, label] of labels.entries()) {
    const at = code * fields;
    if (cells[at] === 0) continue;
    const [customers, pairs, bought, expected] = [cells[at]!, cells[at + 1]!, cells[at + 2]!, cells[at + 3]!];
    mergeGroup(to, label, { customers, pairs, bought, expected });
  }
}

/** Largest number of customers of a group in one window. */
export function customersAtOnce({ customers, most = customers }: TalliedGroup): number {
  return most;
}

/** Adds the sums of a group in a further window. */
function mergeGroup(to: Map<string, TalliedGroup>, label: string, group: TalliedGroup): void {
  const known = to.get(label);
  const sum = (of: keyof EntryGroup | 'customers') => (known?.[of] ?? 0) + group[of];
  to.set(
    label,
    known === undefined
      ? group
      : {
          ...{ customers: sum('customers'), pairs: sum('pairs'), bought: sum('bought'), expected: sum('expected') },
          most: Math.max(customersAtOnce(known), customersAtOnce(group)),
        },
  );
}

/** Joined name of two dimensions or of two labels. */
function pairName(one: string, other: string): string {
  return `${one}, ${other}`;
}

/** Greatest number of label pairs of two dimensions. Pairs of dimensions with more label pairs are left out. */
const mostCells = 400;

/** All pairs of dimensions with at most `mostCells` label pairs, without the protected dimensions and the history. */
function* pairsOf(dimensions: readonly Dimension[]): Generator<CodedGroups> {
  const used = dimensions.filter(({ kind }) => kind !== 'protected' && kind !== 'history');
  for (const [i, one] of used.entries())
    for (const other of used.slice(i + 1)) if (one.labels.length * other.labels.length <= mostCells) yield crossed(one, other);
}

function crossed(one: Dimension, other: Dimension): CodedGroups {
  const width = other.labels.length;
  const [first, second] = [one.codes, other.codes];
  return {
    by: pairName(one.by, other.by),
    labels: one.labels.flatMap((a) => other.labels.map((b) => pairName(a, b))),
    codeOf: (customer) => {
      const [code, inner] = [first[customer]!, second[customer]!];
      return code < 0 || inner < 0 ? -1 : code * width + inner;
    },
  };
}
