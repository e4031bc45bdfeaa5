import { holders, type KernelPool, noBasket, type TrainingSet, unpackEntry } from '@basketwise/core';
import { acquisitionTable } from '../campaigns/acquisitions.ts';
import { type CampaignTable, makeBaskets, productColumns, recommendable } from '../campaigns/baskets.ts';
import { trainingWeights } from '../campaigns/train.ts';
import type { CampaignPlan } from '../config/campaign-plan.ts';
import type { LearningData } from '../models/learning-data.ts';
import type { BankAt } from './bank-at.ts';
import type { CaseSet, ModelCase } from './case-outcomes.ts';

/** A campaign on one date: what trains, and whom to test. */
export interface CampaignSide {
  data: LearningData;
  cases: CaseSet;
  table: CampaignTable;
  /** Customers whom the campaign would have advised. */
  targets: number;
  /** Rows of the targets, as ranges of the table. */
  units: readonly { from: number; to: number }[];
}

/**
 * Makes a campaign's side from the bank as of a date. Clusters and rules are left out: they come from customer columns as they are today,
 * which may know what was bought since; one model of all is trained and everybody is eligible.
 */
export async function campaignSide(
  pool: KernelPool,
  bank: BankAt,
  plan: CampaignPlan,
  bandWeights: readonly number[],
): Promise<CampaignSide> {
  const { csr, customers, holds, products } = bank;
  const whole = { ...plan, scheme: null, rules: [], model: { ...plan.model, constant: 1 } };
  const facts = { customers, holds, products, csr, clusters: new Map(), eligible: [] };
  const table = await makeBaskets(pool, facts, whole);
  const weight = trainingWeights(table);
  const holdings: TrainingSet = {
    ...{ pool, table: table.table, range: { from: 0, to: table.table.rows } },
    ...(weight === undefined ? {} : { weight }),
  };
  const data: LearningData = { holdings, bandWeights };
  const columnOf = productColumns(table, products.length);
  const acquired = (months: number): TrainingSet => {
    const rows = acquisitionTable(bank.acquisitions, {
      ...{ memory: pool.memory, table: table.table, columnOf, bands: bandWeights.length },
      months,
    });
    return { pool, table: rows, range: { from: 0, to: rows.rows } };
  };
  const ofYear = acquired(12);
  if (ofYear.table.rows > 0) Object.assign(data, { acquisitions: ofYear, recent: acquired });
  const units = table.groups.filter(({ target }) => target).map(({ range }) => range);
  const multiplicity = table.table.memory.u32(table.table.multiplicity, table.table.rows);
  let targets = 0;
  for (const { from, to } of units) for (let row = from; row < to; row++) targets += multiplicity[row]!;
  const allowed = recommendable(table);
  data.candidates = allowed;
  const cases = testCases(bank, table, columnOf, allowed, units);
  return { data, cases: { cases, allowed, popularity: holders(holdings) }, table, targets, units };
}

/** Target customers who took something new in the window that could have been recommended. */
function testCases(
  bank: BankAt,
  { table, basketOf }: CampaignTable,
  columnOf: Int32Array,
  allowed: Uint8Array,
  units: readonly { from: number; to: number }[],
): ModelCase[] {
  const start = table.memory.u32(table.start, table.rows + 1);
  const entry = table.memory.u32(table.entry, table.entries);
  const cases: ModelCase[] = [];
  const customers = [...bank.added.keys()].sort((a, b) => a - b);
  for (const customer of customers) {
    const row = basketOf[customer]!;
    if (row === noBasket || !units.some(({ from, to }) => row >= from && row < to)) continue;
    const basket = Array.from(entry.subarray(start[row]!, start[row + 1]!), unpackEntry);
    const known = new Set(basket.map(({ column }) => column));
    for (const product of bank.skipped.get(customer) ?? []) known.add(columnOf[product]!);
    const found = new Set(bank.added.get(customer)!.map((product) => columnOf[product]!));
    const targets = [...found].filter((column) => column >= 0 && allowed[column] === 1 && !known.has(column));
    if (targets.length > 0) cases.push({ customer, basket, targets: targets.sort((a, b) => a - b) });
  }
  return cases;
}
