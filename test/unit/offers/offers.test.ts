import { createInlinePool, createNodePool, none } from '@basketwise/core';
import { type Allocation, BestOffers, countOffers, decideOffers, OfferDemand, type OfferProblem } from '@basketwise/offers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases, longTest, some } from '../../cases.ts';
import { type RandomOffers, randomProblem } from './random-problem.ts';
import { solve, solveSets } from './solver.ts';

const pool = createInlinePool();

const shapes = fc.record({
  seed: fc.nat(2 ** 31),
  customers: fc.integer({ min: 1, max: 120 }),
  perCustomer: fc.integer({ min: 1, max: 4 }),
  capacities: fc.integer({ min: 0, max: 9 }),
  together: fc.boolean(),
  least: fc.boolean(),
});

/** Limits of a class's customers that its offers break. */
function broken(problem: OfferProblem, of: number, entries: readonly number[]): string[] {
  const { items, item, list, width, start, rest, restStart, restItem, perCampaign, perCustomer, worth } = problem;
  const offers = entries.map((entry) => items[item[entry]!]!);
  const own = [...list.subarray(of * width, (of + 1) * width)];
  const resting = restItem.subarray(restStart[rest[of]!]!, restStart[rest[of]! + 1]!);
  return [
    entries.some((entry) => !own.some((one) => start[one]! <= entry && entry < start[one + 1]!)) && 'no candidate',
    entries.some((entry) => resting.includes(item[entry]!)) && 'rests',
    entries.some((entry) => !(worth[entry]! > 0)) && 'worthless',
    offers.length > perCustomer && 'too many',
    perCampaign.some((most, campaign) => offers.filter((one) => one.campaign === campaign).length > most) &&
      'too many of a campaign',
    new Set(offers.map(({ product }) => product)).size < offers.length && 'a product twice',
    offers.some((one, i) => offers.some((other, j) => i < j && (one.together & other.together) !== 0)) && 'together',
  ].filter((fault) => fault !== false);
}

/** Offers that each capacity counts, one by one. */
function counted(problem: OfferProblem, allocation: Allocation): number[] {
  return problem.capacities.map(({ items, groups }) => {
    let offers = 0;
    for (let of = 0; of < problem.offered.length; of++) {
      if (!groups.includes(problem.group[of]!)) continue;
      for (const { customers, entries } of allocation.shares(of)) {
        offers += customers * entries.filter((entry) => items.includes(problem.item[entry]!)).length;
      }
    }
    return offers;
  });
}

test('the kernel chooses what the search in double precision does', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(1000), async (shape, seed) => {
      const problem = randomProblem(shape);
      const prices = Float64Array.from(problem.capacities, (_, g) => (((seed + 1) * (g + 3)) % 17) / 10 - 0.3);
      const demand = new OfferDemand(pool, problem);
      const { chosen } = await demand.choices(prices);
      const { offers, surplus } = await demand.at(prices);
      demand.release();
      const table = Float64Array.from({ length: problem.groups * problem.items.length }, (_, cell) => {
        const [group, item] = [Math.floor(cell / problem.items.length), cell % problem.items.length];
        return problem.capacities.reduce((sum, one, g) => {
          return one.groups.includes(group) && one.items.includes(item) ? sum + prices[g]! : sum;
        }, 0);
      });
      const best = new BestOffers(problem);
      let sum = 0;
      const asked = problem.capacities.map(() => 0);
      for (let of = 0; of < problem.offered.length; of++) {
        sum += problem.offered[of]! * best.choose(of, table);
        const own = [...chosen.subarray(of * problem.perCustomer, (of + 1) * problem.perCustomer)];
        expect(own.filter((entry) => entry !== none)).toEqual(best.chosen);
        for (const entry of best.chosen) {
          for (const [g, one] of problem.capacities.entries()) {
            const counts = one.groups.includes(problem.group[of]!) && one.items.includes(problem.item[entry]!);
            if (counts) asked[g]! += problem.offered[of]!;
          }
        }
      }
      expect([...offers]).toEqual(asked);
      expect(surplus).toBeCloseTo(sum, 8);
    }),
    { numRuns: cases(60) },
  );
});

test('random banks: no limit is broken, all are counted once, and minimums are met or reported', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async (shape) => {
      const problem = randomProblem(shape);
      const { allocation, worth, bound, capacities } = await decideOffers(pool, problem);
      let sum = 0;
      for (let of = 0; of < problem.offered.length; of++) {
        let customers = 0;
        for (const share of allocation.shares(of)) {
          customers += share.customers;
          expect(broken(problem, of, share.entries)).toEqual([]);
          for (const entry of share.entries) sum += share.customers * problem.worth[entry]!;
        }
        expect(customers).toBe(problem.offered[of]);
      }
      expect(worth).toBeCloseTo(sum, 6);
      expect(bound).toBeGreaterThanOrEqual(sum - 1e-6);
      const used = counted(problem, allocation);
      for (const [g, { most, least }] of problem.capacities.entries()) {
        expect(used[g]).toBeLessThanOrEqual(most);
        expect(capacities[g]!.used).toBe(used[g]);
        expect(capacities[g]!.reached).toBe(used[g]! >= least);
      }
      const counts = await countOffers(pool, allocation);
      for (const { candidates, offered, reasons } of [counts.all, ...counts.campaigns]) {
        expect(offered + Object.values(reasons).reduce((all, n) => all + n, 0)).toBe(candidates);
      }
    }),
    { numRuns: cases(200) },
  );
});

test('what is worth nothing is not offered for a minimum either', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const problem = randomProblem({ seed, customers: 40, perCustomer: 1 + (seed % 3), capacities: 0 });
    const worth = problem.worth.map((value, e) => (e % 3 === 0 ? 0 : value));
    const all = { groups: [0, 1, 2, 3], items: problem.items.map((_, item) => item) };
    const capacities = [{ ...all, most: Number.POSITIVE_INFINITY, least: 1e6 }];
    const { allocation } = await decideOffers(pool, { ...problem, worth, capacities });
    for (let of = 0; of < problem.offered.length; of++) {
      for (const { entries } of allocation.shares(of)) expect(entries.every((entry) => worth[entry]! > 0)).toBe(true);
    }
  }
});

test('a minimum out of reach is reported, and the others are met', async () => {
  const problem = randomProblem({ seed: 5, customers: 50, capacities: 0 });
  const all = { groups: [0, 1, 2, 3], items: problem.items.map((_, item) => item) };
  const capacities = [
    { ...all, most: Number.POSITIVE_INFINITY, least: 1e6 },
    { groups: [1], items: all.items, most: 9, least: 3 },
  ];
  const decided = await decideOffers(pool, { ...problem, capacities });
  expect(decided.capacities.map(({ reached }) => reached)).toEqual([false, true]);
  expect(decided.bound).toBeGreaterThanOrEqual(decided.worth);
});

test('a minimum that is not reached has no price, and leaves those of others as they are worth', async () => {
  for (let seed = 0; seed < 3; seed++) {
    const problem = randomProblem({ seed, customers: 60, capacities: 0, perCustomer: 1 });
    const all = { groups: [0, 1, 2, 3], items: problem.items.map((_, item) => item) };
    const capacities = [
      { ...all, most: 20, least: 0 },
      { groups: [seed % 4], items: [seed % 6], most: 15, least: 15 },
      { ...all, items: [7, 8], most: 5, least: 0 },
    ];
    const { bound, worth, capacities: found } = await decideOffers(pool, { ...problem, capacities });
    expect(found.map(({ reached }) => reached)).toEqual([true, false, true]);
    expect(found[1]!.price).toBeNull();
    const dearest = problem.worth.reduce((most, value) => Math.max(most, value), 0);
    for (const g of [0, 2]) expect(found[g]!.price).toBeLessThanOrEqual(dearest);
    expect(bound).toBeGreaterThanOrEqual(worth);
    expect(bound).toBeLessThan(worth * 1.1);
  }
});

test('the price of a capacity that allows nothing is what one offer would gain', async () => {
  let positive = 0;
  for (let seed = 0; seed < 8; seed++) {
    const problem = randomProblem({ seed, customers: 120, perCustomer: 1 + (seed % 2), capacities: 3, together: seed % 2 === 0 });
    const none = { groups: seed % 2 === 0 ? [0, 1, 2, 3] : [1, 2], items: [seed % 6, 6 + (seed % 6), 12], most: 0, least: 0 };
    const withMost = (most: number) => ({ ...problem, capacities: [...problem.capacities, { ...none, most }] });
    const { capacities } = await decideOffers(pool, withMost(0));
    const price = capacities.at(-1)!.price!;
    const before = solveSets(withMost(0))!;
    expect(price).toBeGreaterThanOrEqual(solveSets(withMost(1))! - before - 0.01);
    expect(price).toBeLessThan((solveSets(withMost(0.01))! - before) / 0.01 + 0.15);
    if (price > 0) positive++;
  }
  expect(positive).toBeGreaterThan(4);
});

describe('against HiGHS', () => {
  /** Shapes that differ in all that a bank may have, most of them small: there whole offers are hardest. */
  const bankOf = (seed: number): RandomOffers => ({
    seed,
    customers: [3, 5, 10, 20, 40, 60, 100, 200][seed % 8]!,
    perCustomer: 1 + ((seed >> 3) % 4),
    capacities: 1 + ((seed >> 5) % 9),
    least: seed % 5 > 2,
    together: seed % 3 === 0,
  });
  const expectBest = async (bank: RandomOffers) => {
    const problem = randomProblem(bank);
    const whole = solve(problem, true);
    const { worth, bound, capacities } = await decideOffers(pool, problem);
    expect(capacities.every(({ reached }) => reached)).toBe(whole !== null);
    if (whole === null) return;
    const sets = solveSets(problem)!;
    expect(bound).toBeGreaterThanOrEqual(sets * (1 - 1e-9));
    // prices round to whole offers: of few customers, those of one may be lost by it
    expect(worth).toBeGreaterThanOrEqual(sets * 0.999 - bank.perCustomer! * Math.max(...problem.worth));
    expect(worth).toBeLessThanOrEqual(whole + 1e-4);
  };

  test.each([0, 50, 100, 150])('banks from %i on', async (from) => {
    for (let seed = from; seed < from + cases(50, 25); seed++) await expectBest(bankOf(seed));
  });

  const large = [
    { seed: 7, customers: 2000, perCustomer: 1, capacities: 8, least: true },
    { seed: 8, customers: 1000, perCustomer: 2, capacities: 8, together: true },
  ];
  test.each(some(large, 0))('$customers customers', expectBest);

  test('the relaxation by sets is the one offer by offer, where no sets of which one is offered overlap', () => {
    for (let seed = 1; seed < 20; seed++) {
      const problem = randomProblem({ seed, customers: 20, perCustomer: 1 + (seed % 3), least: seed % 2 === 0 });
      const [sets, offers] = [solveSets(problem), solve(problem, false)];
      if (offers === null) expect(sets).toBeNull();
      else expect(sets).toBeCloseTo(offers, 5);
    }
  });
});

longTest('the number of workers changes nothing', async () => {
  const problem = randomProblem({ seed: 3, customers: 6000, perCustomer: 2, capacities: 12, least: true });
  const results: unknown[] = [];
  for (const workers of [1, 2, 3]) {
    const workersPool = await createNodePool(workers);
    try {
      const { allocation, ...decided } = await decideOffers(workersPool, problem);
      results.push({ ...decided, shares: Array.from(problem.offered, (_, of) => allocation.shares(of)) });
    } finally {
      await workersPool.close();
    }
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
