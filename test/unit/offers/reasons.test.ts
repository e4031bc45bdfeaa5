import { createInlinePool, createNodePool } from '@basketwise/core';
import { type Allocation, countOffers, decideOffers, type OfferCounts, type OfferProblem } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { randomProblem } from './random-problem.ts';

/** Entries of a class, those that rest among them. */
function entriesOf({ list, width, start }: OfferProblem, of: number): number[] {
  return [...list.subarray(of * width, (of + 1) * width)].flatMap((one) =>
    Array.from({ length: start[one + 1]! - start[one]! }, (_, i) => start[one]! + i),
  );
}

/** Outcome for customers who are made some offers, of all campaigns or of one. */
function outcomeOf(problem: OfferProblem, of: number, made: readonly number[], campaign: number | null): string | null {
  const { items, item, worth, rest, restStart, restItem, perCustomer } = problem;
  const resting = new Set(restItem.subarray(restStart[rest[of]!]!, restStart[rest[of]! + 1]!));
  const isOf = (e: number) => campaign === null || items[item[e]!]!.campaign === campaign;
  const listed = entriesOf(problem, of).filter(isOf);
  if (listed.length === 0) return null;
  if (made.some(isOf)) return 'offered';
  const open = listed.filter((e) => !resting.has(item[e]!));
  if (open.length === 0) return 'rest';
  const most = Math.max(...open.map((e) => worth[e]!));
  if (most === 0) return 'worth less';
  if (made.length === 0) return 'capacity';
  const best = items[item[open.find((e) => worth[e] === most)!]!]!;
  const others = made.map((e) => items[item[e]!]!);
  if (others.some(({ together }) => (together & best.together) !== 0)) return 'never together';
  if (others.some(({ product }) => product === best.product)) return 'worth less';
  return made.length >= perCustomer && made.every((e) => worth[e]! >= most) ? 'worth less' : 'capacity';
}

/** Counts customer by customer. */
function counted(
  { problem, ...allocation }: { problem: OfferProblem; shares: Allocation['shares'] },
  campaign: number | null,
): OfferCounts {
  const found: OfferCounts = {
    ...{ candidates: 0, offered: 0 },
    reasons: { rest: 0, control: 0, 'worth less': 0, 'never together': 0, capacity: 0 },
  };
  for (let of = 0; of < problem.offered.length; of++) {
    if (outcomeOf(problem, of, [], campaign) === null) continue;
    found.candidates += problem.control[of]!;
    found.reasons.control += problem.control[of]!;
    for (const { customers, entries } of allocation.shares(of)) {
      const outcome = outcomeOf(problem, of, entries, campaign)!;
      found.candidates += customers;
      if (outcome === 'offered') found.offered += customers;
      else found.reasons[outcome as keyof OfferCounts['reasons']] += customers;
    }
  }
  return found;
}

test.each([
  { seed: 1, customers: 300, perCustomer: 1 },
  { seed: 2, customers: 300, perCustomer: 2, together: true },
  { seed: 3, customers: 4_500, perCustomer: 1, together: true, least: true },
  // campaigns that share a list
  { seed: 4, customers: 300, perCustomer: 1, isMixed: true },
])('each customer with a candidate is offered something or counted under a reason: %o', async ({ isMixed = false, ...shape }) => {
  const problem = randomProblem(shape);
  if (isMixed) for (const one of problem.items) one.campaign = one.product % problem.perCampaign.length;
  const workers = await createNodePool(3);
  for (const pool of [createInlinePool(), workers]) {
    const { allocation } = await decideOffers(pool, problem);
    const { bytes } = pool.memory.usage;
    const found = await countOffers(pool, allocation);
    expect(pool.memory.usage.bytes).toBe(bytes);
    const shares = (of: number) => allocation.shares(of);
    expect(found.all).toEqual(counted({ problem, shares }, null));
    for (const [campaign, counts] of found.campaigns.entries()) expect(counts).toEqual(counted({ problem, shares }, campaign));
    expect(found.all.reasons.rest + found.all.reasons.capacity + found.all.reasons['worth less']).toBeGreaterThan(0);
  }
  await workers.close();
});
