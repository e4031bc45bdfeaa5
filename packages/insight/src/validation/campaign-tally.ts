import { ndcg, purchasesOf, recall } from '@basketwise/recommend';
import { ProbabilityJudge } from '../evaluation/judge-probabilities.ts';
import type { ScoredWindow } from '../evaluation/scored-window.ts';
import type { EntryGroup } from './brier-parts.ts';
import { comparedLength } from './compared-length.ts';
import type { Dimension } from './customer-groups.ts';

/** Customers with a list, and its entries, of a group. */
export interface TalliedGroup extends EntryGroup {
  customers: number;
}

/** A test customer of one window. */
export interface TalliedCase {
  ndcg: number;
  recall: number;
  /** Label by dimension; null: none. */
  labels: ReadonlyMap<string, string | null>;
}

/** Fields of a cell of a window's table of sums. */
const fields = 4;

/** Results of a campaign over all windows, by groups of customers. */
export class CampaignTally {
  /** Probabilities and purchases of all list entries. */
  readonly judge = new ProbabilityJudge();
  /** By dimension and label. */
  readonly groups = new Map<string, Map<string, TalliedGroup>>();
  /** By two dimensions, joined as `a, b`, and two labels, joined likewise. */
  readonly pairs = new Map<string, Map<string, TalliedGroup>>();
  readonly cases: TalliedCase[] = [];

  /** Adds a window. @param dimensions of its customers; pairs are made of all but protected ones */
  add(scored: ScoredWindow, dimensions: readonly Dimension[]): void {
    this.#addCases(scored, dimensions);
    const products = this.groups.get('product') ?? new Map<string, TalliedGroup>();
    const lists = sumLists(scored, this.judge, products);
    if (lists === null) return;
    this.groups.set('product', products);
    const add = (to: Map<string, Map<string, TalliedGroup>>, dimension: Dimension) => {
      const own = to.get(dimension.by) ?? new Map<string, TalliedGroup>();
      to.set(dimension.by, own);
      addCells(own, dimension, sumCells(lists, dimension));
    };
    for (const dimension of dimensions) add(this.groups, dimension);
    for (const pair of pairsOf(dimensions)) add(this.pairs, pair);
  }

  #addCases({ evaluationSet, outcomes, scoring }: ScoredWindow, dimensions: readonly Dimension[]): void {
    const length = comparedLength(scoring.topN);
    for (const [i, { customer }] of evaluationSet.cases.cases.entries()) {
      const labels = new Map(dimensions.map(({ by, labels, codes }) => [by, labels[codes[customer]!] ?? null]));
      this.cases.push({ ndcg: ndcg(outcomes[i]!, length), recall: recall(outcomes[i]!, length), labels });
    }
  }
}

/** The lists of a window's customers as sums. */
interface ListSums {
  /** Basket row of each customer; -1 without a list. */
  unit: Int32Array;
  /** By basket row: number of entries of its list, and the sum of their probabilities. */
  entries: Float64Array;
  expected: Float64Array;
  /** By customer: number of entries that they bought. */
  bought: ReadonlyMap<number, number>;
}

/** Sums the lists of a window, and adds their entries to a judge and to their products. Null without probabilities. */
function sumLists(
  { results, bank, evaluationSet }: ScoredWindow,
  judge: ProbabilityJudge,
  products: Map<string, TalliedGroup>,
): ListSums | null {
  if (results === null || results.units.probability === undefined) return null;
  const { unit, units } = results;
  const { start, product, probability } = units;
  const rows = start.length - 1;
  const { table } = evaluationSet.table;
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const boughtOf = purchasesOf(bank, evaluationSet.table);
  const [entries, expected] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      const bought = boughtOf(row, product[at]!);
      judge.add(probability![at]!, multiplicity[row]!, bought);
      addEntry(products, bank.products[product[at]!]!.code, multiplicity[row]!, bought, probability![at]!);
      entries[row]! += 1;
      expected[row]! += probability![at]!;
    }
  }
  return { unit, entries, expected, bought: boughtEntries(bank, evaluationSet.table, results) };
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

/** Number of entries of their lists that customers bought in the window; purchases in the gap before it do not count. */
function boughtEntries(
  { added, skipped, products }: ScoredWindow['bank'],
  { columns }: ScoredWindow['evaluationSet']['table'],
  { unit, units: { start, product } }: NonNullable<ScoredWindow['results']>,
): Map<number, number> {
  const listed = products.map(({ groupKey }) => columns.recommended.get(groupKey) ?? -1);
  const bought = new Map<number, number>();
  for (const [customer, taken] of added) {
    const row = unit[customer]!;
    if (row < 0) continue;
    const before = new Set((skipped.get(customer) ?? []).map((one) => listed[one]!));
    const list = new Set(product.subarray(start[row]!, start[row + 1]!));
    const found = new Set(taken.map((one) => listed[one]!).filter((one) => list.has(one) && !before.has(one)));
    if (found.size > 0) bought.set(customer, found.size);
  }
  return bought;
}

/** Sums of a dimension's labels: customers, entries, purchases, expectation. */
function sumCells({ unit, entries, expected, bought }: ListSums, { codes, labels }: Dimension): Float64Array {
  const cells = new Float64Array(labels.length * fields);
  for (let customer = 0; customer < unit.length; customer++) {
    const [row, code] = [unit[customer]!, codes[customer]!];
    if (row < 0 || code < 0 || entries[row] === 0) continue;
    const at = code * fields;
    cells[at]! += 1;
    cells[at + 1]! += entries[row]!;
    cells[at + 3]! += expected[row]!;
  }
  for (const [customer, count] of bought) if (codes[customer]! >= 0) cells[codes[customer]! * fields + 2]! += count;
  return cells;
}

function addCells(to: Map<string, TalliedGroup>, { labels }: Dimension, cells: Float64Array): void {
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
export function pairName(one: string, other: string): string {
  return `${one}, ${other}`;
}

/** Most labels of a pair of dimensions. */
const mostCells = 400;

/** Pairs of dimensions that are neither protected nor too fine. */
function pairsOf(dimensions: readonly Dimension[]): Dimension[] {
  const used = dimensions.filter(({ by }) => !by.startsWith('protected ') && by !== 'history');
  return used.flatMap((one, i) =>
    used.slice(i + 1).flatMap((other) => (one.labels.length * other.labels.length <= mostCells ? [crossed(one, other)] : [])),
  );
}

function crossed(one: Dimension, other: Dimension): Dimension {
  const width = other.labels.length;
  return {
    by: pairName(one.by, other.by),
    labels: one.labels.flatMap((a) => other.labels.map((b) => pairName(a, b))),
    codes: one.codes.map((code, customer) =>
      code < 0 || other.codes[customer]! < 0 ? -1 : code * width + other.codes[customer]!,
    ),
  };
}
