import {
  contextAt,
  holdersByColumn,
  type KernelPool,
  type LearningData,
  noBasket,
  required,
  unpackEntry,
} from '@basketwise/core';
import { type CampaignTable, campaignTable, columnsOfProducts, recommendable } from '../campaigns/baskets.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CustomerContexts } from '../campaigns/customer-contexts.ts';
import { campaignAcquisitions, learningData, remembered, trainingWeights } from '../campaigns/train.ts';
import type { BankOfWindow } from './bank-at.ts';
import type { CaseSet, ModelCase } from './case-outcomes.ts';

/** Training data and test cases of a campaign on one date. */
export interface EvaluationSet {
  plan: CampaignPlan;
  data: LearningData;
  cases: CaseSet;
  /** Number of target customers who purchased any product in the window. Without dates: number of target customers with a held-out product. */
  purchasing: number;
  table: CampaignTable;
  /** Number of target customers of the campaign, without customers who fail a rule. */
  targets: number;
  /** Ranges of the target customers' rows in the table. */
  ranges: readonly { from: number; to: number }[];
  /** Number of purchases of products that no customer had opened by the date. Test cases leave them out. */
  unknown: number;
}

/** Plan of a campaign without clusters and rules. Both come from today's customer columns, which can depend on later purchases. */
export function withoutColumns<Plan extends CampaignPlan>(plan: Plan): Plan {
  return withConstant({ ...plan, scheme: null, rules: [] });
}

/** Evaluation set with only the test cases for which `isIn` is true. */
export function withCases(evaluationSet: EvaluationSet, isIn: (one: ModelCase) => boolean): EvaluationSet {
  const { cases } = evaluationSet;
  return { ...evaluationSet, cases: { ...cases, cases: cases.cases.filter(isIn) } };
}

/**
 * Evaluation set with only the test customers whose lists the model makes. With fallback `popularity`, customers without products in the basket get
 * popular products instead.
 */
export function servedSide(evaluationSet: EvaluationSet, fallback: 'popularity' | 'model'): EvaluationSet {
  if (fallback === 'model') return evaluationSet;
  const { columns, pseudoColumns } = evaluationSet.table.table;
  const products = columns.length - pseudoColumns;
  return withCases(evaluationSet, ({ basket }) => basket.some(({ column }) => column < products));
}

/** Plan of a campaign whose baskets include the constant pseudo-product. Other models than the plan's may need the constant. */
export function withConstant<Plan extends CampaignPlan>(plan: Plan): Plan {
  return { ...plan, model: { ...plan.model, constant: 1 } };
}

/**
 * Makes the evaluation set of a campaign from the bank as of a date, with the clusters and rules of the plan.
 * @param contexts features of the customers, for cases whose baskets are not grouped by features
 */
export async function makeEvaluationSet(
  pool: KernelPool,
  bank: BankOfWindow,
  plan: CampaignPlan,
  bandWeights: readonly number[],
  contexts: CustomerContexts | null = bank.contexts ?? null,
): Promise<EvaluationSet> {
  const { products } = bank;
  const table = await campaignTable(pool, bank, plan);
  // Without the scheme, purchases are grouped only by basket, not by cluster.
  const acquisitions = campaignAcquisitions(bank, { ...table, plan: { ...plan, scheme: null } });
  const acquired = remembered((months) => acquisitions.acquired!(months));
  const training = { ...acquisitions, campaign: table, weight: trainingWeights(table), acquired };
  const whole = { cluster: null, range: { from: 0, to: table.table.rows } };
  const data = learningData({ pool, bandWeights }, training, whole, acquired(12).rows > 0);
  const columnOf = columnsOfProducts(table, products.length);
  const served = table.groups.filter(({ target, failed }) => target && failed.length === 0);
  const ranges = served.map(({ range }) => range);
  const multiplicity = table.table.memory.u32(table.table.multiplicity, table.table.rows);
  let targets = 0;
  for (const { from, to } of ranges) for (let row = from; row < to; row++) targets += multiplicity[row]!;
  const allowed = recommendable(table);
  const { cases, ...counts } = testCases(bank, table, columnOf, allowed, served, contexts);
  const caseSet = { cases, allowed, popularity: holdersByColumn(data.holdings) };
  return { plan, data, cases: caseSet, table, targets, ranges, ...counts };
}

/**
 * Test cases: target customers who purchased a known and recommendable product in the window. Also counts purchases of unknown products.
 * A product that a rule withholds from a customer cannot be in the customer's list. Its purchase is therefore no target.
 * @param served groups of the customers who get lists
 */
function testCases(
  bank: BankOfWindow,
  { table, basketOf, contexts: ofRows }: CampaignTable,
  columnOf: Int32Array,
  allowed: Uint8Array,
  served: CampaignTable['groups'],
  contexts: CustomerContexts | null,
): Pick<EvaluationSet, 'purchasing' | 'unknown'> & { cases: ModelCase[] } {
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const held = bank.csr.memory.u32(bank.csr.start, bank.csr.customers + 1);
  const isKnown = new Uint8Array(table.columns.length);
  for (const [product, known] of bank.known.entries()) if (known && columnOf[product]! >= 0) isKnown[columnOf[product]!] = 1;
  const cases: ModelCase[] = [];
  let [purchasing, unknown] = [0, 0];
  const customers = [...bank.added.keys()].sort((a, b) => a - b);
  for (const customer of customers) {
    const row = basketOf[customer]!;
    const group = served.find(({ range }) => row >= range.from && row < range.to);
    if (row === noBasket || group === undefined) continue;
    const basket = Array.from(entry.subarray(start[row]!, start[row + 1]!), unpackEntry);
    const own = new Set(basket.map(({ column }) => column));
    for (const product of bank.skipped.get(customer) ?? []) own.add(columnOf[product]!);
    const found = new Set(required(bank.added, customer).map((product) => columnOf[product]!));
    const isWithheld = (column: number) => group.withheld?.has(table.columns[column]!) === true;
    const taken = [...found].filter((column) => column >= 0 && allowed[column] === 1 && !own.has(column) && !isWithheld(column));
    const targets = taken.filter((column) => isKnown[column] === 1).sort((a, b) => a - b);
    const times = bank.weight?.[customer] ?? 1;
    unknown += (taken.length - targets.length) * times;
    purchasing += times;
    if (targets.length === 0) continue;
    const context = ofRows
      ? contextAt(ofRows, ofRows.ofRow[row]!)
      : contexts && contextAt(contexts, contexts.ofCustomer[customer]!);
    const hasHistory = held[customer + 1]! > held[customer]!;
    const one: ModelCase = { customer, basket, targets, hasHistory, ...(context && { context }) };
    for (let i = 0; i < times; i++) cases.push(one);
  }
  return { cases, purchasing, unknown };
}
