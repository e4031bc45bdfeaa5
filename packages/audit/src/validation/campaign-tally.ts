import { ProbabilityJudge, type ScoredWindow } from '@basketwise/insight/parts';
import { ndcg, purchasesByCustomer, recall } from '@basketwise/recommend';
import type { EntryGroup } from './brier-parts.ts';
import { comparedLength } from './compared-length.ts';
import type { Dimension } from './customer-groups.ts';
import { addValue, type Moments } from './moments.ts';

/** Customers with a list, and its entries, of a group. */
export interface TalliedGroup extends EntryGroup {
  customers: number;
}

/** Test customers of a group: NDCG, the sum of their recalls, and the number of customers with a hit. */
export interface TestedGroup extends Moments {
  recall: number;
  hits: number;
}

const noneTested = (): TestedGroup => ({ n: 0, sum: 0, squares: 0, recall: 0, hits: 0 });

/** Groups of customers by one dimension or two. */
interface CodedGroups {
  by: string;
  labels: readonly string[];
  /** Position of the label of a customer; -1 for none. */
  codeOf(customer: number): number;
}

/** Fields of a cell of a window's table of sums. */
const fields = 4;

/** Results of a campaign over all windows, by groups of customers. */
export class CampaignTally {
  /** Probabilities and purchases of all list entries. */
  readonly judge: ProbabilityJudge;
  /** By dimension and label. */
  readonly groups = new Map<string, Map<string, TalliedGroup>>();
  /** By two dimensions, joined as `a, b`, and two labels, joined likewise. */
  readonly pairs = new Map<string, Map<string, TalliedGroup>>();
  /** All test customers, and those of each group by one and by two dimensions. */
  readonly tested = noneTested();
  readonly testedBy = new Map<string, Map<string, TestedGroup>>();

  /** @param judge of the campaign's own lists, which its evaluation fills */
  constructor(judge = new ProbabilityJudge()) {
    this.judge = judge;
  }

  /** Adds a window. @param dimensions of its customers; pairs are made of all but protected ones */
  add(scored: ScoredWindow, dimensions: readonly Dimension[]): void {
    const products = groupsOf(this.groups, 'product');
    const lists = sumLists(scored, products);
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
    for (const pair of pairsOf(dimensions)) add(this.pairs, pair);
  }

  /** Adds a test customer to all, or to a group. */
  addCase({ ndcg: value, recall: share }: { ndcg: number; recall: number }, by?: string, label = ''): void {
    let own = this.tested;
    if (by !== undefined) {
      const groups = groupsOf(this.testedBy, by);
      own = groups.get(label) ?? noneTested();
      groups.set(label, own);
    }
    addValue(own, value);
    own.recall += share;
    own.hits += Number(share > 0);
  }
}

/** Groups of a dimension, made if there are none yet. */
function groupsOf<T>(of: Map<string, Map<string, T>>, by: string): Map<string, T> {
  const known = of.get(by) ?? new Map<string, T>();
  of.set(by, known);
  return known;
}

/** NDCG and recall of a window's test customers. */
function testedOf({ evaluationSet, outcomes, scoring }: ScoredWindow): { customer: number; ndcg: number; recall: number }[] {
  const length = comparedLength(scoring.topN);
  return evaluationSet.cases.cases.map(({ customer }, i) => {
    return { customer, ndcg: ndcg(outcomes[i]!, length), recall: recall(outcomes[i]!, length) };
  });
}

/** The lists of a window's customers as sums. */
interface ListSums {
  /** Basket row of each customer; -1 without a list. */
  row: Int32Array;
  /** By basket row: number of entries of its list, and the sum of their probabilities. */
  entries: Float64Array;
  expected: Float64Array;
  /** By customer: number of entries that they bought. */
  bought: ReadonlyMap<number, number>;
}

/** Sums the lists of a window, and adds their entries to their products. Null without probabilities. */
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

/** Adds a product's entry of a basket row to its group. */
function addEntry(to: Map<string, TalliedGroup>, code: string, customers: number, bought: number, probability: number): void {
  const known = to.get(code) ?? { customers: 0, pairs: 0, bought: 0, expected: 0 };
  known.customers += customers;
  known.pairs += customers;
  known.bought += bought;
  known.expected += customers * probability;
  to.set(code, known);
}

/** Number of entries of their lists that customers bought in the window. */
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

/** Sums of a dimension's labels: customers, entries, purchases, expectation. */
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
    const known = to.get(label) ?? { customers: 0, pairs: 0, bought: 0, expected: 0 };
    to.set(label, {
      customers: known.customers + cells[at]!,
      pairs: known.pairs + cells[at + 1]!,
      bought: known.bought + cells[at + 2]!,
      expected: known.expected + cells[at + 3]!,
    });
  }
}

/** Name of two joined dimensions or labels. */
function pairName(one: string, other: string): string {
  return `${one}, ${other}`;
}

/** Most labels of a pair of dimensions. */
const mostCells = 400;

/** Pairs of dimensions that are neither protected nor too fine. */
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
