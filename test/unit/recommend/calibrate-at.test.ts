import { createInlinePool, daysSinceEpoch, noDate, type Product, stillOpen } from '@basketwise/core';
import {
  type BankSettings,
  bankOfRecords,
  type CampaignCalibration,
  type CampaignPlan,
  calibrateAt,
  recordsOfRows,
} from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { salesWarning } from '../../../packages/pipeline/src/stages/calibrate.ts';

const date = '2022-08-31';
const months = (count: number) => ({ months: count, days: 0 });
const settings: BankSettings = {
  tables: { holdings: { date: 'opened' } },
  recency: { bands: [{ weight: 1 }] },
  evaluate: { window: months(1), gap: null, bootstrap: 0, seed: 0 },
  top_n: 2,
  rules: [],
};
const products = [...'AOPLM'].map((code, product): Product => {
  const of = 'OP'.includes(code) ? 'old' : 'LM'.includes(code) ? 'launched' : 'held';
  return { ...{ product, code, name: code, class: of, groupKey: code }, onSale: true, representative: product };
});

/** 2,000 customers hold A. Each month 20 others of them open O or P, and in the last 4 months 20 open L or M. `known`: months with dates. */
function rows(known: number) {
  const today = daysSinceEpoch(date);
  const held = Array.from({ length: 2000 }, (_, customer) => {
    const month = Math.floor(customer / 20);
    const day = today - 30 * month - 5;
    const all = [{ customer, product: 0, day: known < 12 ? noDate : today - 4000 }];
    if (month < known) all.push({ customer, product: 1 + (customer % 2), day });
    if (month < 4) all.push({ customer, product: 3 + (customer % 2), day });
    return all;
  }).flat();
  const column = (of: (row: (typeof held)[number]) => number) => Int32Array.from(held, of);
  const closed = new Int32Array(held.length).fill(stillOpen);
  return {
    customer: column((row) => row.customer),
    product: column((row) => row.product),
    days: column((row) => row.day),
    closed,
  };
}

const planOf = (name: string): CampaignPlan => ({
  ...{ name, kind: 'cross', class: name, columns: ['held', name], scheme: null, pooling: 'none', train: 'all', rules: [] },
  model: { kind: 'popularity' },
  spec: { kind: 'popularity', of: 'holders' },
});

async function calibrated(names: string[], known = 12): Promise<CampaignCalibration[]> {
  const pool = createInlinePool();
  const plans = names.map(planOf);
  const records = recordsOfRows(rows(known), { customers: 2000, products });
  const source = bankOfRecords({ pool, records, settings, plans, date });
  return calibrateAt(source, plans, [], date, { pool, settings }, false);
}

test('products that were launched within the year count among the sales of their campaign, also beside other campaigns', async () => {
  const [alone] = await calibrated(['launched']);
  const [, beside] = await calibrated(['old', 'launched']);
  expect(beside!.bought).toBe(20);
  expect(alone!.intercept - alone!.drift).toBeCloseTo(beside!.intercept - beside!.drift, 1);
});

test('dates of less than six full months give no drift, but a warning', async () => {
  const warningsOf = async (known: number) => salesWarning(await calibrated(['old'], known), date);
  const [young] = await calibrated(['old'], 5);
  expect(young).toMatchObject({ drift: 0, earlier: null, bought: 20 });
  expect(await warningsOf(5)).toEqual([expect.stringContaining('less than six full months before 2022-08-31')]);
  expect(await warningsOf(12)).toEqual([]);
});
