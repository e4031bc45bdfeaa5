import { createInlinePool, createRandom } from '@basketwise/core';
import { recommendTo } from '@basketwise/recommend';
import { afterEach, expect } from 'vitest';
import { longTest } from '../cases.ts';

// some ten seconds of processor: the default model of 3,000 products, chosen, trained and listed in process
const products = 3000;
const customers = 2000;
const square = 8 * products ** 2;

const { Float64Array: own } = globalThis;
afterEach(() => {
  globalThis.Float64Array = own;
});

/** Counts the bytes of each array of doubles that is made from now on: the largest. */
function largestArray(): () => number {
  let most = 0;
  globalThis.Float64Array = new Proxy(own, {
    construct(target, given, newTarget) {
      const made = Reflect.construct(target, given, newTarget === globalThis.Float64Array ? target : newTarget) as Float64Array;
      if (!(given[0] instanceof ArrayBuffer || given[0] instanceof SharedArrayBuffer)) most = Math.max(most, made.byteLength);
      return made;
    },
  });
  return () => most;
}

longTest('a wide catalogue makes no matrix of doubles of products x products in the heap', async () => {
  const random = createRandom(3);
  const below = (n: number) => Math.floor(random.next() ** 2 * n);
  const rows = Array.from({ length: customers * 3 }, (_, i) => ({
    customer: i % customers,
    product: below(products),
    day: 18_000 + below(800),
  }));
  const pool = createInlinePool();
  const largest = largestArray();
  const lists = await recommendTo(pool, {
    products: Array.from({ length: products }, (_, i) => `p${i}`),
    customer: rows.map(({ customer }) => customer),
    product: rows.map(({ product }) => product),
    days: rows.map(({ day }) => day),
  });
  expect(lists.of(0)).toHaveLength(5);
  expect(largest()).toBeLessThan(square);
  // five matrices of floats for lists, and one of doubles for ALS
  expect(pool.memory.usage.peakBytes).toBeLessThan(4 * square + 2 ** 27);
});
