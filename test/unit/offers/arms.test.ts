import { createInlinePool } from '@basketwise/core';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { type ArmCounts, type BankShape, decidedArms, offerBank } from '../../reference/offer-banks.ts';

const one: BankShape = {
  ...{ seed: 1, customers: 60, perCustomer: 1, lists: 25, levels: 6, branches: 2, capacities: 3, room: 0.3, control: 0.3 },
};
const many: BankShape = { ...one, customers: 5_500, lists: 7_000, levels: 15, room: 0.1 };

/**
 * Arms of a bank that is decided with many salts: with a control of the share c, offers of the control / c less offers of the others / (1 - c) are 0 in the mean.
 * @returns standard errors by which the mean is away from 0: of customers who are offered something, of worth, and of each product that is offered
 */
async function scores(shape: BankShape, salts: number): Promise<{ what: string; score: number }[]> {
  const pool = createInlinePool();
  const bank = offerBank(shape);
  const values = ({ offered, worth, products }: ArmCounts) => [offered, worth, ...products];
  const rows: number[][] = [];
  const sums: number[] = [];
  for (let salt = 0; salt < salts; salt++) {
    const { arms } = await decidedArms(pool, bank, salt);
    const [contacted, control] = arms.map(values) as [number[], number[]];
    for (const [i, value] of contacted.entries()) sums[i] = (sums[i] ?? 0) + value;
    rows.push(control.map((value, i) => value / shape.control - contacted[i]! / (1 - shape.control)));
  }
  return sums.flatMap((sum, i) => {
    if ((sum * shape.control) / (1 - shape.control) < 5) return [];
    const mean = rows.reduce((all, row) => all + row[i]!, 0) / salts;
    const square = rows.reduce((all, row) => all + (row[i]! - mean) ** 2, 0) / (salts - 1);
    return [{ what: ['offered', 'worth'][i] ?? `product ${i - 2}`, score: mean / Math.sqrt(square / salts) }];
  });
}

// about 20 s of a processor together
const banks: [string, BankShape, number][] = [
  ['many classes of one customer', { ...many, seed: 8 }, 6],
  ['many classes, several offers, products that rest', { ...many, customers: 4_500, seed: 9, perCustomer: 2, resting: true }, 4],
  ['few classes, ties', { ...one, seed: 2, lists: 4 }, 60],
  ['classes of a few customers', { ...one, seed: 3 }, 60],
  ['capacities of a few offers', { ...one, seed: 4, room: 0.05, levels: 1_000 }, 60],
  ['minimums, sets of which one is offered', { ...one, seed: 5, perCustomer: 3, least: true, together: true, capacities: 6 }, 20],
  [
    'minimums that many would lose as little by',
    {
      ...{ seed: 155, customers: 21_277, perCustomer: 2, lists: 63, levels: 6, branches: 5, capacities: 11 },
      ...{ room: 0.07316001925063094, least: true, together: true, resting: true, control: 0.05 },
    },
    6,
  ],
  [
    'products of which a few are offered',
    {
      ...{ seed: 29, customers: 21_868, perCustomer: 1, lists: 9_770, levels: 5, branches: 3, capacities: 8 },
      ...{ room: 0.054273444359138126, least: true, control: 0.1 },
    },
    10,
  ],
  ['an experiment', { ...one, seed: 6, customers: 120, experiment: true, control: 0.5 }, 30],
];
test.each(some(banks, 3))('arms differ in nothing but the contact: %s', async (_, shape, salts) => {
  for (const { what, score } of await scores(shape, salts)) expect(Math.abs(score), `${what}: ${score}`).toBeLessThan(4);
});
