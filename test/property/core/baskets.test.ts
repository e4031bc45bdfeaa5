import {
  BasketBuilder,
  type BasketOptions,
  type BasketTable,
  type CampaignBaskets,
  CsrBuilder,
  createInlinePool,
  createNodePool,
  type KernelPool,
  noBasket,
  noExtra,
  notInCampaign,
  packEntry,
  unpackEntry,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cases, longTest } from '../../cases.ts';
import { collapseByMaps, type PlainBasket, type PlainCampaign, type PlainCustomer } from '../../reference/baskets.ts';

const referenceDay = 1000;

/** Collapses customers in shards of the given size; band b stands for the day referenceDay - b. */
async function collapse(
  pool: KernelPool,
  customers: readonly PlainCustomer[],
  campaign: PlainCampaign,
  { shardSize = customers.length, bands = 6, hashMask }: { shardSize?: number; bands?: number; hashMask?: number } = {},
): Promise<CampaignBaskets> {
  const options: BasketOptions = {
    pool,
    columns: campaign.columns,
    projection: Int32Array.from(campaign.projection),
    pseudoColumns: campaign.pseudoColumns,
    constants: campaign.constants.map(([column, band]) => ({ column, band })),
  };
  const builder = new BasketBuilder(hashMask === undefined ? options : { ...options, hashMask });
  for (let first = 0; first < customers.length; first += Math.max(1, shardSize)) {
    const shard = customers.slice(first, first + shardSize);
    const mark = pool.memory.mark();
    const csrBuilder = new CsrBuilder({
      pool,
      customers: shard.length,
      firstCustomer: first,
      products: campaign.projection.length,
      referenceDay,
      cutoffs: Array.from({ length: bands - 1 }, (_, band) => referenceDay - band),
    });
    const holdings = shard.flatMap((customer, i) => customer.holdings.map(([product, band]) => [first + i, product, band]));
    csrBuilder.add({
      customer: Int32Array.from(holdings, (h) => h[0]!),
      product: Int32Array.from(holdings, (h) => h[1]!),
      days: Int32Array.from(holdings, (h) => referenceDay - h[2]!),
    });
    const csr = await csrBuilder.finish();
    await builder.add(csr, {
      ...(shard.every(({ group }) => group === 0) ? {} : { group: Uint32Array.from(shard, (c) => c.group ?? notInCampaign) }),
      ...(shard.every(({ extra }) => extra === null)
        ? {}
        : { extra: Uint32Array.from(shard, (c) => (c.extra ? packEntry({ column: c.extra[0], band: c.extra[1] }) : noExtra)) }),
    });
    pool.memory.release(mark);
  }
  return builder.finish();
}

function basketsOf({ memory, columns, rows, entries, start, entry, group, multiplicity }: BasketTable): PlainBasket[] {
  const starts = memory.u32(start, rows + 1);
  const all = memory.u32(entry, entries);
  return Array.from({ length: rows }, (_, row) => ({
    group: memory.u32(group, rows)[row]!,
    entries: [...all.subarray(starts[row]!, starts[row + 1]!)].map((packed) => {
      const { column, band } = unpackEntry(packed);
      return [columns[column]!, band];
    }),
    multiplicity: memory.u32(multiplicity, rows)[row]!,
  }));
}

const basketNumbers = (shards: readonly Uint32Array[]) =>
  shards.flatMap((s) => [...s].map((row) => (row === noBasket ? null : row)));

const inputs = fc
  .record({
    products: fc.integer({ min: 1, max: 12 }),
    columns: fc.uniqueArray(fc.constantFrom('예금', 'b', 'a', '10', '9', '\u{1F600}', '\uFFFD', 'Z', '가'), { minLength: 1 }),
    pseudoColumns: fc.constantFrom<string[]>([], ['constant'], ['constant', 'cluster']),
    groups: fc.constantFrom(1, 3),
  })
  .chain(({ products, columns, pseudoColumns, groups }) => {
    const hasExtra = pseudoColumns.length > 1;
    const band = fc.integer({ min: 0, max: 5 });
    const customer: fc.Arbitrary<PlainCustomer> = fc.record({
      holdings: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: products - 1 }), fc.oneof(fc.constant(0), band)), {
        selector: ([product]) => product,
        maxLength: 12,
      }),
      group: groups === 1 ? fc.constant(0) : fc.constantFrom(null, 0, 7, 70_000),
      extra: hasExtra ? fc.option(fc.tuple(fc.constant(1), fc.integer({ min: 7, max: 9 }))) : fc.constant(null),
    });
    return fc.record({
      campaign: fc.record({
        columns: fc.constant(columns),
        projection: fc.array(fc.integer({ min: -1, max: columns.length - 1 }), { minLength: products, maxLength: products }),
        pseudoColumns: fc.constant(pseudoColumns),
        constants: fc.constant<[number, number][]>(pseudoColumns.length > 0 ? [[0, 6]] : []),
      }),
      customers: fc.array(customer, { maxLength: 120, size: 'max' }),
      shardSize: fc.integer({ min: 1, max: 60 }),
      hashMask: fc.constantFrom(undefined, 0, 3, 0x8000_0001),
    });
  });

const pool = createInlinePool();

test('distinct baskets equal grouping by maps, for all shards and collisions', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async ({ campaign, customers, shardSize, hashMask }) => {
      const mark = pool.memory.mark();
      const expected = collapseByMaps(customers, campaign);
      for (const options of [{}, { shardSize, ...(hashMask === undefined ? {} : { hashMask }) }]) {
        const { table, basketOf, holders } = await collapse(pool, customers, campaign, options);
        expect(table.columns).toEqual(expected.names);
        expect(basketsOf(table)).toEqual(expected.baskets);
        expect(basketNumbers(basketOf)).toEqual(expected.basketOf);
        expect([...holders]).toEqual(expected.holders);
        pool.memory.release(mark);
      }
    }),
    { seed: 3, numRuns: cases(300) },
  );
});

/** Many customers with skewed holdings, some of them long, so that every radix pass, recursion and partition is used. */
function madeUp(customers: number, products: number): PlainCustomer[] {
  let state = 99;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: customers }, () => {
    const size = next(10) === 0 ? next(14) : next(4);
    const held = new Set(Array.from({ length: size }, () => Math.floor(next(products) * (next(100) / 100) ** 3)));
    return { holdings: [...held].map((product) => [product, next(3)]), group: next(20) === 0 ? null : next(3), extra: null };
  });
}

describe('many customers', () => {
  const products = 40;
  const customers = madeUp(100_000, products);
  const campaign: PlainCampaign = {
    columns: Array.from({ length: products }, (_, i) => `P${i}`),
    projection: Array.from({ length: products }, (_, i) => products - 1 - i),
    pseudoColumns: ['constant'],
    constants: [[0, 3]],
  };

  /** All bytes of a result. */
  function bytesOf({ table, basketOf }: CampaignBaskets): Buffer {
    const { memory, rows, entries, start, entry, group, multiplicity, columns } = table;
    return Buffer.concat([
      Buffer.from(columns.join()),
      memory.u8(start, 4 * rows + 4),
      memory.u8(entry, 4 * entries),
      memory.u8(group, 4 * rows),
      memory.u8(multiplicity, 4 * rows),
      ...basketOf.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)),
    ]);
  }

  test('give the same bytes for 1, 2 and 3 workers and for any shards', async () => {
    const results: Buffer[] = [];
    for (const [workers, shardSize] of [
      [1, 100_000],
      [2, 30_000],
      [3, 100_000],
    ] as const) {
      const threads = await createNodePool(workers);
      results.push(bytesOf(await collapse(threads, customers, campaign, { shardSize })));
      await threads.close();
    }
    expect(results[1]!.equals(results[0]!)).toBe(true);
    expect(results[2]!.equals(results[0]!)).toBe(true);
  });

  longTest('are in strict order, each in the basket that is theirs, and counted once', async () => {
    const { table, basketOf } = await collapse(createInlinePool(), customers, campaign);
    const baskets = basketsOf(table);
    const numbered = baskets.map(({ group, entries }) => [
      group,
      ...entries.map(([name, band]) => table.columns.indexOf(name) * 256 + band),
    ]);
    for (let row = 1; row < numbered.length; row++) {
      const [a, b] = [numbered[row - 1]!, numbered[row]!];
      const i = b.findIndex((value, at) => value !== a[at]);
      expect(i >= 0 && (i >= a.length || a[i]! < b[i]!)).toBe(true);
    }
    const counted = new Uint32Array(table.rows);
    for (const [i, row] of basketOf[0]!.entries()) {
      const customer = customers[i]!;
      expect(row === noBasket).toBe(customer.group === null);
      if (row === noBasket) continue;
      counted[row]!++;
      if (i % 97 > 0) continue;
      expect(baskets[row]!.group).toBe(customer.group);
      const names = customer.holdings.map(([product, band]) => [campaign.columns[campaign.projection[product]!]!, band]);
      expect(new Map(baskets[row]!.entries as [string, number][])).toEqual(
        new Map([...names, ['constant', 3]] as [string, number][]),
      );
    }
    expect(counted.every((count, row) => count === baskets[row]!.multiplicity)).toBe(true);
  });
});

test('no customers, and none in the campaign', async () => {
  const campaign: PlainCampaign = { columns: ['a'], projection: [0], pseudoColumns: [], constants: [] };
  const none = await collapse(createInlinePool(), [], campaign);
  expect([none.table.rows, none.table.columns, none.basketOf]).toEqual([0, ['a'], []]);
  const outside = await collapse(createInlinePool(), [{ holdings: [[0, 0]], group: null, extra: null }], campaign);
  expect([outside.table.rows, ...outside.basketOf[0]!]).toEqual([0, noBasket]);
});

describe('what points nowhere is refused', () => {
  const options = { pool, columns: ['a'], projection: Int32Array.of(0) };

  test('projections and constants', () => {
    expect(() => new BasketBuilder({ ...options, projection: Int32Array.of(1) })).toThrow(/product 0 points at column 1/);
    expect(() => new BasketBuilder({ ...options, constants: [{ column: 0, band: 1 }] })).toThrow(/pseudo-column 0/);
  });

  test('shards of another shape', async () => {
    const csr = await new CsrBuilder({ pool, customers: 2, products: 1, referenceDay, cutoffs: [] }).finish();
    const builder = new BasketBuilder(options);
    await expect(builder.add({ ...csr, products: 2 })).rejects.toThrow(/1 products are projected, 2 are held/);
    await expect(builder.add(csr, { group: new Uint32Array(1) })).rejects.toThrow(
      /1 groups, extra entries or weights for 2 customers/,
    );
    await expect(builder.add(csr, { extra: new Uint32Array(2) })).rejects.toThrow(/pseudo-column 0/);
  });
});

test('shards leave nothing in kernel memory, and finishing leaves the table alone', async () => {
  const { memory } = pool;
  const before = memory.mark();
  const csr = await new CsrBuilder({ pool, customers: 5000, products: 3, referenceDay, cutoffs: [] }).finish();
  const group = Uint32Array.from({ length: 5000 }, (_, i) => i % 1000);
  const builder = new BasketBuilder({ pool, columns: ['a', 'b'], projection: Int32Array.of(0, 1, 1) });
  const mark = memory.mark();
  for (const shard of [csr, csr]) {
    await builder.add(shard, { group });
    expect(memory.mark()).toBe(mark);
  }
  const { table } = await builder.finish();
  expect([table.rows, memory.u32(table.multiplicity, 1000)[999]]).toEqual([1000, 10]);
  expect(memory.mark() - mark).toBeLessThan(3 * 4 * 1001 + 4 * 64);
  memory.release(before);
});

test('group numbers may be large, but not beyond 2^28', async () => {
  const campaign: PlainCampaign = { columns: ['a', 'b'], projection: [0, 1], pseudoColumns: [], constants: [] };
  const customer = (group: number, product: number): PlainCustomer => ({ holdings: [[product, 0]], group, extra: null });
  const largest = 2 ** 24 - 1;
  const customers = [customer(largest, 1), customer(5, 1), customer(largest, 0), customer(5, 1)];
  const { table } = await collapse(createInlinePool(), customers, campaign);
  expect(basketsOf(table)).toEqual(collapseByMaps(customers, campaign).baskets);
  await expect(collapse(createInlinePool(), [customer(2 ** 28, 0)], campaign)).rejects.toThrow(/group number 268435456/);
});
