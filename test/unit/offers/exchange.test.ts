import { createInlinePool, createRandom } from '@basketwise/core';
import type { OfferProblem } from '@basketwise/offers';
import { expect, test } from 'vitest';
import { OfferDemand } from '../../../packages/offers/src/allocation/demand.ts';
import { Exchange } from '../../../packages/offers/src/allocation/exchange.ts';
import { allocateAtPrices } from '../../../packages/offers/src/allocation/round.ts';

const customers = 20;

/** Bank whose customers can all get either of two items, at most one offer each; the second item has a minimum of offers. */
function twoItems(worth: Float32Array, least: number): OfferProblem {
  const numbers = Array.from({ length: customers }, (_, i) => i);
  return {
    ...{ offered: new Uint32Array(customers).fill(1), control: new Uint32Array(customers) },
    ...{ width: 1, list: Uint32Array.from(numbers), start: Uint32Array.from([...numbers, customers], (i) => 2 * i) },
    ...{ item: Uint32Array.from(worth, (_, entry) => entry % 2), worth, group: new Uint32Array(customers), groups: 1 },
    ...{ rest: new Uint32Array(customers), restStart: Uint32Array.of(0, 0), restItem: new Uint32Array(0) },
    ...{ items: [0, 1].map((product) => ({ campaign: 0, product, together: 0 })), perCustomer: 1, perCampaign: [1] },
    capacities: [{ groups: [0], items: [1], most: Number.POSITIVE_INFINITY, least }],
  };
}

test('a minimum is reached by the customers who lose least', async () => {
  const random = createRandom(11);
  const worth = Float32Array.from({ length: 2 * customers }, () => Math.ceil(1000 * random.next()) / 1024);
  // positive where the first item is better
  const losses = Array.from({ length: customers }, (_, i) => worth[2 * i]! - worth[2 * i + 1]!);
  const moved = losses.filter((loss) => loss > 0).sort((a, b) => a - b);
  const problem = twoItems(worth, customers - moved.length + 5);
  const demand = new OfferDemand(createInlinePool(), problem);
  const allocation = await allocateAtPrices(problem, demand, new Float64Array(1));
  const before = allocation.sum();
  new Exchange(allocation, new Float64Array(1)).reach(0);
  expect(allocation.used[0]).toBe(problem.capacities[0]!.least);
  expect(before - allocation.sum()).toBe(moved.slice(0, 5).reduce((sum, loss) => sum + loss, 0));
  demand.release();
});
