import {
  type Csr,
  CsrBuilder,
  createInlinePool,
  createNodePool,
  type HoldingChunk,
  type KernelPool,
  noDate,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csrByMaps, type PlainHolding } from '../../reference/csr.ts';

const referenceDay = 19_235;
const pool = createInlinePool();

function chunkOf(holdings: readonly PlainHolding[]): HoldingChunk {
  return {
    customer: Int32Array.from(holdings, (h) => h.customer),
    product: Int32Array.from(holdings, (h) => h.product),
    days: Int32Array.from(holdings, (h) => h.day ?? noDate),
  };
}

function rowsOf({ memory, customers, start, entry, entries }: Csr): number[][] {
  const starts = memory.u32(start, customers + 1);
  const all = memory.u32(entry, entries);
  return Array.from({ length: customers }, (_, row) => [...all.subarray(starts[row]!, starts[row + 1]!)]);
}

interface Shape {
  customers: number;
  firstCustomer?: number;
  products: number;
  cutoffs: readonly number[];
}

async function build(on: KernelPool, shape: Shape, chunks: readonly HoldingChunk[]): Promise<Csr> {
  const builder = new CsrBuilder({ pool: on, referenceDay, ...shape });
  for (const chunk of chunks) builder.add(chunk);
  return builder.finish();
}

const shapes = fc.record({
  customers: fc.integer({ min: 1, max: 40 }),
  products: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 2000 })),
  cutoffs: fc
    .array(fc.integer({ min: 0, max: 900 }), { maxLength: 6 })
    .map((ages) => ages.sort((a, b) => a - b).map((age) => referenceDay - age)),
});

const inputs = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    firstCustomer: fc.integer({ min: 0, max: 1000 }),
    chunkSize: fc.integer({ min: 1, max: 300 }),
    holdings: fc.array(
      fc.record({
        customer: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: shape.customers - 1 })),
        product: fc.integer({ min: 0, max: shape.products - 1 }),
        day: fc.oneof(
          fc.constant(null),
          fc.integer({ min: referenceDay - 1000, max: referenceDay + 20 }),
          fc.constantFrom(
            referenceDay,
            referenceDay + 1,
            -(2 ** 31) + 1,
            2 ** 31 - 1,
            ...shape.cutoffs,
            ...shape.cutoffs.map((c) => c - 1),
          ),
        ),
      }),
      { maxLength: 400, size: 'max' },
    ),
  }),
);

test('the matrix equals one made with maps, for all chunks and shards', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ shape, firstCustomer, chunkSize, holdings }) => {
      const mark = pool.memory.mark();
      const moved = holdings.map((h) => ({ ...h, customer: h.customer + firstCustomer }));
      const chunks = Array.from({ length: Math.ceil(moved.length / chunkSize) }, (_, i) =>
        chunkOf(moved.slice(i * chunkSize, (i + 1) * chunkSize)),
      );
      const csr = await build(pool, { ...shape, firstCustomer }, chunks);
      const expected = csrByMaps(holdings, shape.customers, referenceDay, shape.cutoffs);
      expect(rowsOf(csr)).toEqual(expected);
      const late = holdings.filter((h) => (h.day ?? 0) > referenceDay).length;
      expect(csr.leftOut).toEqual({ afterReference: late, repeated: holdings.length - late - csr.entries });
      expect(csr.bands).toBe(shape.cutoffs.length + 1);
      pool.memory.release(mark);
    }),
    { seed: 2, numRuns: 300 },
  );
});

/** A made-up bank: customers in no order, some products held many times. */
function manyHoldings(count: number, customers: number, products: number): HoldingChunk {
  const chunk = { customer: new Int32Array(count), product: new Int32Array(count), days: new Int32Array(count) };
  let state = 12_345;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let i = 0; i < count; i++) {
    chunk.customer[i] = next(customers);
    chunk.product[i] = Math.floor(next(products) * (next(1000) / 1000));
    chunk.days[i] = referenceDay - next(2000);
  }
  return chunk;
}

describe('a larger matrix', () => {
  const customers = 100_000;
  const holdings = 220_000;
  const shape = { customers, products: 430, cutoffs: [referenceDay - 182, referenceDay - 365, referenceDay - 1095] };
  const chunk = manyHoldings(holdings, customers, 430);

  test('has the same bytes for 1, 2 and 3 workers', async () => {
    const results: Buffer[] = [];
    for (const workers of [1, 2, 3]) {
      const threads = await createNodePool(workers);
      const { memory, start, entry, entries } = await build(threads, shape, [chunk]);
      results.push(Buffer.concat([memory.u8(start, 4 * customers + 4), memory.u8(entry, 4 * entries)]));
      await threads.close();
    }
    expect(results[1]!.equals(results[0]!)).toBe(true);
    expect(results[2]!.equals(results[0]!)).toBe(true);
  });

  test('takes at most 16 bytes a holding while it is built, and 4 an entry after', async () => {
    const fresh = createInlinePool();
    const before = fresh.memory.usage.bytes;
    const csr = await build(fresh, shape, [chunk]);
    const { bytes, peakBytes } = fresh.memory.usage;
    expect((peakBytes - before) / holdings).toBeLessThan(16);
    expect(bytes - before).toBeLessThan(4 * csr.entries + 4 * customers + 4096);
  });
});

describe('what does not fit is refused', () => {
  const shape = { customers: 10, firstCustomer: 100, products: 5, cutoffs: [] };
  const one = (customer: number, product: number) =>
    chunkOf([
      { customer: 100, product: 0, day: null },
      { customer, product, day: null },
    ]);

  test.each([
    [99, 0, /holding 1 has customer number 99, not 100 to 109/],
    [110, 0, /holding 1 has customer number 110/],
    [-1, 0, /holding 1 has customer number -1/],
    [100, 5, /holding 1 has product number 5; there are 5 products/],
    [100, -1, /holding 1 has product number -1/],
  ])('customer %i, product %i', async (customer, product, message) => {
    await expect(build(createInlinePool(), shape, [one(customer, product)])).rejects.toThrow(message);
  });

  test('bands out of order, too long ago, too many', () => {
    const create = (cutoffs: number[]) => new CsrBuilder({ pool: createInlinePool(), referenceDay, ...shape, cutoffs });
    expect(() => create([referenceDay - 10, referenceDay - 5])).toThrow(/recency band 2 reaches back 5 days/);
    expect(() => create([referenceDay + 1])).toThrow(/recency band 1/);
    expect(() => create([referenceDay - 200_000])).toThrow(/within 500 years|recency band 1/);
    expect(() => create(Array.from({ length: 256 }, (_, i) => referenceDay - i))).toThrow(/257 recency bands/);
  });

  test('kernel memory taken by another user meanwhile', async () => {
    const fresh = createInlinePool();
    const builder = new CsrBuilder({ pool: fresh, referenceDay, ...shape });
    fresh.memory.allocate(64);
    expect(() => builder.add(one(100, 0))).toThrow(/while holdings were being collected/);
    await expect(builder.finish()).rejects.toThrow(/while holdings were being collected/);
  });
});

test('no customers, no holdings', async () => {
  const none = await build(createInlinePool(), { customers: 0, products: 0, cutoffs: [] }, []);
  expect([none.entries, rowsOf(none)]).toEqual([0, []]);
  const idle = await build(createInlinePool(), { customers: 3, products: 1, cutoffs: [] }, [chunkOf([])]);
  expect(rowsOf(idle)).toEqual([[], [], []]);
});
