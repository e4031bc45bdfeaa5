import { createInlinePool, createNodePool } from '@basketwise/core';
import { decideOffers, type OfferProblem } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { OfferDemand } from '../../../packages/offers/src/allocation/demand.ts';
import { allocateShares } from '../../../packages/offers/src/allocation/round.ts';
import { findSmoothPrices } from '../../../packages/offers/src/allocation/smooth-prices.ts';
import { cases } from '../../cases.ts';
import { randomProblem } from './random-problem.ts';
import { solve } from './solver.ts';

const pool = createInlinePool();

/** Prices of each pair of group and item. */
function tableOf({ groups, items, capacities }: OfferProblem, prices: readonly number[]): Float64Array {
  return Float64Array.from({ length: groups * items.length }, (_, cell) => {
    const [group, item] = [Math.floor(cell / items.length), cell % items.length];
    return capacities.reduce((sum, one, g) => {
      return one.groups.includes(group) && one.items.includes(item) ? sum + prices[g]! : sum;
    }, 0);
  });
}

function candidatesOf({ list, width, start, item, worth, rest, restStart, restItem }: OfferProblem, c: number): number[] {
  const resting = new Set(restItem.subarray(restStart[rest[c]!]!, restStart[rest[c]! + 1]!));
  const lists = [...list.subarray(c * width, (c + 1) * width)];
  return lists
    .flatMap((one) => Array.from({ length: start[one + 1]! - start[one]! }, (_, i) => start[one]! + i))
    .filter((e) => !resting.has(item[e]!) && worth[e]! > 0);
}

/** Shares of all classes by their formula, and how what is asked bends: each share with what a price, or the width, makes of it. */
function sharesOf(problem: OfferProblem, table: Float64Array, width: number) {
  const count = problem.capacities.length;
  const [asked, drift, curvature] = [new Float64Array(count), new Float64Array(count), new Float64Array(count ** 2)];
  let [value, greatest, worth] = [0, 0, 0];
  for (let c = 0; c < problem.offered.length; c++) {
    const n = problem.offered[c]!;
    const entries = candidatesOf(problem, c);
    if (n === 0 || entries.length === 0) continue;
    const line = problem.group[c]! * problem.items.length;
    const nets = [0, ...entries.map((e) => problem.worth[e]! - table[line + problem.item[e]!]!)];
    const wide = width * Math.max(...entries.map((e) => problem.worth[e]!));
    const highest = Math.max(...nets);
    const powers = nets.map((net) => (net - highest > -12 * wide ? Math.exp((net - highest) / wide) : 0));
    const sum = powers.reduce((all, one) => all + one, 0);
    const shares = powers.map((power) => power / sum);
    const mean = shares.reduce((all, share, i) => all + (share * (nets[i]! - highest)) / wide, 0);
    const counts = (e: number) =>
      [...problem.capacities.keys()].filter((g) => {
        const { groups, items } = problem.capacities[g]!;
        return groups.includes(problem.group[c]!) && items.includes(problem.item[e]!);
      });
    greatest += n * highest;
    value += n * (highest + wide * Math.log(sum));
    for (const [i, e] of entries.entries()) {
      const share = shares[i + 1]!;
      worth += n * share * problem.worth[e]!;
      for (const g of counts(e)) {
        asked[g]! += n * share;
        if (share < 1e-3) continue;
        drift[g]! += n * share * ((nets[i + 1]! - highest) / wide - mean);
        for (const [j, other] of entries.entries()) {
          const by = (i === j ? share : 0) - share * shares[j + 1]!;
          if (shares[j + 1]! >= 1e-3) for (const column of counts(other)) curvature[g * count + column]! += (n * by) / wide;
        }
      }
    }
  }
  return { asked, value, greatest, worth, drift, curvature };
}

test.each([0, 1, 2, 3, 4, 5])('shares and their derivatives are those of the formula: bank %i', async (seed) => {
  const problem = randomProblem({ seed, customers: 80, capacities: 7, least: true });
  const prices = problem.capacities.map((_, g) => (((seed + 1) * (g + 3)) % 17) / 10 - 0.2);
  const box = (by: number) => ({
    low: Float64Array.from(prices, (price) => price - by),
    high: Float64Array.from(prices, (price) => price + by),
  });
  const width = 0.05;
  const demand = new OfferDemand(pool, problem);
  const narrow = await demand.near(box(0.1), width, problem.offered.length);
  const { greatest } = await narrow.at(Float64Array.from(prices), width);
  expect(narrow.found.candidates).toBeLessThan(problem.item.length);
  narrow.release();
  const near = await demand.near(box(100), width, problem.offered.length);
  const free = [...problem.capacities.keys()];
  try {
    const found = await near.at(Float64Array.from(prices), width);
    const expected = sharesOf(problem, tableOf(problem, prices), width);
    for (const key of ['value', 'greatest', 'worth'] as const) expect(found[key]).toBeCloseTo(expected[key], 8);
    expect(greatest).toBeCloseTo(expected.greatest, 8);
    for (const g of free) expect(found.asked[g]).toBeCloseTo(expected.asked[g]!, 8);
    const { curvature, drift } = await near.derivativesAt(Float64Array.from(prices), width, free);
    for (const g of free) {
      expect(drift[g]).toBeCloseTo(expected.drift[g]!, 8);
      for (const row of free.slice(g)) {
        expect(curvature[row * free.length + g]).toBeCloseTo(expected.curvature[row * free.length + g]!, 6);
      }
    }
    // within a narrower box, without the customers decided there: at any of its prices the same
    const narrower = await near.narrow(box(0.02), 0.01);
    expect(narrower.found.classes).toBeLessThan(near.found.classes);
    expect(narrower.found.decided.worth).toBeGreaterThan(0);
    for (const by of [-0.02, 0.013, 0.02]) {
      const other = Float64Array.from(prices, (price, g) => price + (g % 2 === 0 ? by : -by));
      const [all, some] = [await near.at(other, 0.01), await narrower.at(other, 0.01)];
      for (const key of ['value', 'greatest', 'worth', 'offers'] as const) expect(some[key]).toBeCloseTo(all[key], 8);
      for (const g of free) expect(some.asked[g]).toBeCloseTo(all.asked[g]!, 8);
      const [wide, fine] = [await near.derivativesAt(other, 0.01, free), await narrower.derivativesAt(other, 0.01, free)];
      for (const [i, value] of wide.curvature.entries()) expect(fine.curvature[i]).toBeCloseTo(value, 6);
      for (const [i, value] of wide.drift.entries()) expect(fine.drift[i]).toBeCloseTo(value, 8);
    }
    narrower.release();
  } finally {
    near.release();
    demand.release();
  }
});

test('whole offers of each pair of group and item are close to their shares; a control class gets those of one customer', async () => {
  const drawn = randomProblem({ seed: 3, customers: 2000, capacities: 9 });
  const isControl = (of: number) => of % 4 === 0;
  const problem = {
    ...drawn,
    offered: drawn.offered.map((_, of) => (isControl(of) ? 0 : 37)),
    control: drawn.control.map((_, of) => (isControl(of) ? 37 : 0)),
    // of equal worth many: capacities end among them
    worth: drawn.worth.map((worth) => Math.ceil(worth)),
    capacities: drawn.capacities.map((capacity) => ({ ...capacity, most: capacity.most * 37 })),
  };
  const demand = new OfferDemand(pool, problem);
  try {
    const { best, shares } = await findSmoothPrices(problem, demand, undefined);
    const unlimited = problem.capacities.map((capacity) => ({ ...capacity, most: Number.POSITIVE_INFINITY }));
    const allocation = allocateShares({ ...problem, capacities: unlimited }, demand, shares, best.prices);
    const counts = () => new Map<number, { wanted: number; given: number }>();
    const arms = { contacted: counts(), control: counts() };
    const add = (of: number, entry: number, wanted: number, given: number) => {
      const [arm, cell] = [arms[isControl(of) ? 'control' : 'contacted'], allocation.cellOf(of, entry)];
      const before = arm.get(cell) ?? { wanted: 0, given: 0 };
      arm.set(cell, { wanted: before.wanted + wanted, given: before.given + given });
    };
    for (const [c, of] of shares.classOf.entries()) {
      const each = isControl(of) ? 1 : 37;
      for (let i = shares.begin[c]!; i < shares.begin[c + 1]!; i++) add(of, shares.entry[i]!, shares.share[i]! * each, 0);
      const got = allocation.shares(of).filter(({ entries }) => entries.length > 0);
      if (isControl(of)) expect(got.map(({ customers }) => customers)).toEqual(got.length === 0 ? [] : [37]);
      for (const { customers, entries } of got) for (const entry of entries) add(of, entry, 0, isControl(of) ? 1 : customers);
    }
    for (const [cell, { wanted, given }] of arms.contacted) expect(Math.abs(given - wanted), `${cell}`).toBeLessThan(6);
    for (const [cell, { wanted, given }] of arms.control)
      expect(Math.abs(given - wanted) / Math.sqrt(wanted + 1), `${cell}`).toBeLessThan(3);
  } finally {
    demand.release();
  }
});

test('of many customers each is offered something within the capacities, close to what HiGHS proves', async () => {
  const problem = randomProblem({ seed: 11, customers: cases(5000), capacities: 9, least: true });
  const results: unknown[] = [];
  for (const workers of [1, 2, 3]) {
    const workersPool = await createNodePool(workers);
    try {
      const { allocation, worth, bound, capacities } = await decideOffers(workersPool, problem);
      const shares = Array.from(problem.offered, (_, of) => allocation.shares(of));
      results.push({ worth, bound, capacities, shares });
      if (workers > 1) continue;
      const optimum = solve(problem, false)!;
      expect(bound).toBeGreaterThanOrEqual(optimum * (1 - 1e-9));
      expect(bound).toBeLessThan(optimum * 1.001);
      expect(worth).toBeGreaterThan(optimum * 0.999);
      expect(capacities.every(({ reached }) => reached)).toBe(true);
      for (const [g, { items, groups, most }] of problem.capacities.entries()) {
        let used = 0;
        for (const [of, some] of shares.entries()) {
          if (!groups.includes(problem.group[of]!)) continue;
          for (const { customers, entries } of some)
            used += entries.some((e) => items.includes(problem.item[e]!)) ? customers : 0;
        }
        expect(used).toBeLessThanOrEqual(most);
        expect(used).toBe(capacities[g]!.used);
      }
    } finally {
      await workersPool.close();
    }
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
