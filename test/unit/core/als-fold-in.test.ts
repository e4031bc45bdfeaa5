import { type BasketEntry, createInlinePool, createRandom, fitAls, tableFromRows } from '@basketwise/core';
import { expect, test } from 'vitest';

const random = createRandom(11);
const below = (n: number) => Math.floor(random.next() * n);
const products = 17;
const columns = [...Array.from({ length: products }, (_, i) => `p${String(i).padStart(2, '0')}`), 'baseline'];

function baskets(count: number): BasketEntry[][] {
  return Array.from({ length: count }, () => {
    const held = new Set(Array.from({ length: below(8) }, () => below(products)));
    return [...[...held].sort((a, b) => a - b).map((column) => ({ column, band: below(4) })), { column: products, band: 4 }];
  });
}

const parameters = { regularization: 3, alpha: 5, weights: [1, 0.75, 0.5, 0.25], pseudoWeights: [1], iterations: 3 };

test.each([1, 5, 8])('weights of many baskets have the bits of those of each (%i factors)', async (factors) => {
  const pool = createInlinePool();
  const table = tableFromRows(
    pool.memory,
    columns,
    baskets(150).map((entries) => ({ entries, multiplicity: 1 })),
    1,
  );
  const model = await fitAls({ pool, table, range: { from: 0, to: table.rows } }, { ...parameters, factors });
  // more than one call takes, and an odd number: long ones beside short ones, and one of nothing
  const some: BasketEntry[][] = [...baskets(300), [], ...baskets(2)];
  const before = pool.memory.usage.bytes;
  const found = await model.entryWeightsOf(pool, some);
  expect(pool.memory.usage.bytes).toBe(before);
  expect(found.map((weights) => [...weights])).toEqual(some.map((basket) => [...model.entryWeights(basket)]));
});
