import { AppError, type Core, fitAls, type Holdings, noDate, openCore } from '@basketwise/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let core: Core;
beforeAll(async () => {
  core = await openCore({ workers: 2 });
});
afterAll(async () => {
  await core.close();
});

const products = ['loan', 'card', 'deposit', 'fund', 'pension'];
/** Products of each customer, by position; the last one holds nothing. */
const held = [[0, 1], [0, 1, 2], [1, 2], [0, 2], [0, 1], [3], [3, 4], []];

function holdingsOf(lists: readonly (readonly number[])[]): Holdings {
  const pairs = lists.flatMap((list, customer) => list.map((product) => [customer, product] as const));
  return {
    customer: Int32Array.from(pairs, ([customer]) => customer),
    product: Int32Array.from(pairs, ([, product]) => product),
    products,
    customers: lists.length,
  };
}

const als = { kind: 'als', factors: 3, regularization: 1, alpha: 10 } as const;

describe('baskets', () => {
  test('return the given holdings of each customer, and share equal baskets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uniqueArray(fc.nat(4), { maxLength: 5 }), { minLength: 1, maxLength: 20 }), async (lists) => {
        const baskets = await core.baskets(holdingsOf(lists));
        expect(baskets.customers).toBe(lists.length);
        expect(baskets.distinct).toBe(new Set(lists.map((list) => [...list].sort().join())).size);
        for (const [customer, list] of lists.entries()) {
          const codes = baskets.of(customer).map(({ product }) => product);
          expect(codes.sort()).toEqual(list.map((product) => products[product]!).sort());
        }
      }),
      { numRuns: 40 },
    );
  });

  test('know bands of age, leave out what is later than the reference day, and count customers by weight', async () => {
    const baskets = await core.baskets({
      customer: [0, 0, 0, 0, 1],
      product: [0, 1, 2, 3, 0],
      products,
      days: [100, 71, 11, noDate, 101],
      referenceDay: 100,
      bands: [30, 90],
      weights: [7, 2],
    });
    const bands = Object.fromEntries(baskets.of(0).map(({ product, band }) => [product, band]));
    expect(bands).toEqual({ loan: 0, card: 0, deposit: 1, fund: 2 });
    expect(baskets.bands).toBe(3);
    expect(baskets.of(1)).toEqual([]);
    expect([baskets.basketOf[0]!, baskets.basketOf[1]!].map((row) => baskets.rows.multiplicity[row])).toEqual([7, 2]);
  });

  test.each([
    ['arrays of different lengths', { customer: [0], product: [], products }, 'usage'],
    ['a code twice', { customer: [], product: [], products: ['a', 'a'] }, 'usage'],
    ['a product that there is not', { customer: [0], product: [5], products }, 'bad-data'],
    ['a customer that there is not', { customer: [3], product: [0], products, customers: 2 }, 'bad-data'],
    ['bands that fall', { customer: [0], product: [0], products, days: [9], bands: [5, 3] }, 'config'],
    ['a weight that is no number of customers', { customer: [0], product: [0], products, weights: [0.5] }, 'usage'],
  ] as const)('refuse %s', async (_, holdings, code) => {
    await expect(core.baskets(holdings)).rejects.toMatchObject({ name: 'AppError', code });
  });

  test('refuse a customer that there is not', async () => {
    const baskets = await core.baskets(holdingsOf(held));
    expect(() => baskets.of(held.length)).toThrow(/there is no customer 8/);
  });
});

describe('a fitted model', () => {
  test('is the one that is fitted below the front door', async () => {
    const baskets = await core.baskets(holdingsOf(held));
    const model = await core.fit(baskets, als);
    const { pool } = core;
    const mark = pool.memory.mark();
    const { rows, distinct } = baskets;
    const table = {
      memory: pool.memory,
      columns: baskets.products,
      pseudoColumns: 0,
      rows: distinct,
      entries: rows.entry.length,
      start: pool.memory.store(rows.start),
      entry: pool.memory.store(rows.entry),
      multiplicity: pool.memory.store(rows.multiplicity),
      group: pool.memory.allocateZeroed(distinct * 4),
    };
    const training = { pool, table, range: { from: 0, to: distinct } };
    const { kind: _, ...parameters } = als;
    const direct = await fitAls(training, { ...parameters, iterations: 15, seed: 0, weights: [1], pseudoWeights: [1, 0] });
    pool.memory.release(mark);
    expect(model.model.state()).toEqual(direct.state());
  });

  test.each([
    als,
    { kind: 'ease', regularization: 2 },
    { kind: 'item-knn', similarity: 'cosine' },
    { kind: 'bpr', factors: 2, regularization: 0.01, iterations: 5 },
    { kind: 'popularity' },
    { kind: 'rules', minSupport: 0.1 },
    { kind: 'lookup', prior: 2 },
  ] as const)(
    '$kind: lists are the best of what is not held; one by one as all at once; a saved one lists the same',
    async (choice) => {
      const baskets = await core.baskets(holdingsOf(held));
      const model = await core.fit(baskets, choice);
      const lists = model.recommend(baskets, { n: 2 });
      const all = await lists.all();
      const again = await core.load(await model.save());
      expect(again.kind).toBe(choice.kind);
      for (const customer of held.keys()) {
        const own = baskets.of(customer);
        const list = lists.of(customer);
        const scores = new Map(model.recommendFor(own, { n: 5 }).map(({ product, score }) => [product, score]));
        expect([...scores.keys()].sort()).toEqual(products.filter((code) => own.every(({ product }) => product !== code)).sort());
        expect(list.map(({ product }) => product)).toEqual([...scores.keys()].slice(0, 2));
        const row = all.listOf[customer]!;
        const count = all.count[row]!;
        expect(count).toBe(list.length);
        for (let rank = 0; rank < count; rank++) {
          const at = row * all.n + rank;
          expect(all.score[at]).toBeCloseTo(list[rank]!.score, 4);
          expect(scores.get(all.products[all.product[at]!]!)).toBeCloseTo(list[rank]!.score, 4);
        }
        expect(again.recommend(baskets, { n: 2 }).of(customer)).toEqual(list);
      }
    },
  );

  test('names the held product that adds most, and each one’s share', async () => {
    const baskets = await core.baskets(holdingsOf(held));
    const model = await core.fit(baskets, als);
    const [first] = model.recommend(baskets, { n: 1 }).of(0);
    const why = model.explain(baskets.of(0), first!.product)!;
    expect(why.baseline + why.contributions.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(first!.score, 8);
    expect(first!.reason).toBe(why.contributions[0]!.product);
    expect(model.recommend(baskets, { n: 1 }).of(held.length - 1)[0]!.reason).toBeNull();
  });

  test('recommends only among the given products', async () => {
    const baskets = await core.baskets(holdingsOf(held));
    const model = await core.fit(baskets, als);
    const among = ['pension', 'card', 'unknown'];
    const lists = model.recommend(baskets, { n: 5, among });
    expect(lists.of(0).map(({ product }) => product)).toEqual(['pension']);
    const { count, listOf } = await lists.all();
    expect(count[listOf[0]!]).toBe(1);
    expect(model.recommendFor([{ product: 'card' }, { product: 'never seen' }], { among })).toHaveLength(1);
  });

  test('compares products: those that are held together come first, and a product is not like itself', async () => {
    const baskets = await core.baskets(holdingsOf(held));
    for (const choice of [als, { kind: 'item-knn', similarity: 'cosine' }] as const) {
      const similar = (await core.fit(baskets, choice)).similar('fund', { n: 3 });
      expect(similar[0]!.product).toBe('pension');
      expect(similar.map(({ product }) => product)).not.toContain('fund');
    }
    const popularity = await core.fit(baskets, { kind: 'popularity' });
    expect(() => popularity.similar('fund')).toThrow(/compares no products/);
    expect(() => popularity.similar('never seen')).toThrow(/does not know product 'never seen'/);
  });

  test('weighs bands', async () => {
    const dated = { ...holdingsOf(held), bands: [10], referenceDay: 100 };
    const days = Array.from(dated.customer, (_, i) => (i % 2 === 0 ? 95 : 50));
    const baskets = await core.baskets({ ...dated, days });
    const even = await core.fit(baskets, als);
    const recent = await core.fit(baskets, { ...als, weights: [1, 0.2] });
    expect(even.recommend(baskets).of(0)).not.toEqual(recent.recommend(baskets).of(0));
  });

  test.each([0, 65, 2.5])('refuses lists of %s products', async (n) => {
    const baskets = await core.baskets(holdingsOf(held));
    const model = await core.fit(baskets, { kind: 'popularity' });
    expect(() => model.recommend(baskets, { n })).toThrow(AppError);
  });
});

test('calls at the same time take turns, and kernel memory is as before', async () => {
  const before = core.pool.memory.usage.bytes;
  const given = holdingsOf(held);
  const alone = (await core.fit(await core.baskets(given), als)).model.state();
  const [one, two] = await Promise.all([core.baskets(given), core.baskets(given)]);
  const failing = core.fit(one, { ...als, factors: 0 });
  const [first, second] = await Promise.all([core.fit(one, als), core.fit(two, als)]);
  await expect(failing).rejects.toMatchObject({ code: 'config' });
  expect(first.model.state()).toEqual(alone);
  expect(second.model.state()).toEqual(alone);
  await Promise.all([first.recommend(one).all(), second.recommend(two).all()]);
  expect(core.pool.memory.usage.bytes).toBe(before);
});

test('a kind of model that there is not is refused by name', async () => {
  const baskets = await core.baskets(holdingsOf(held));
  await expect(core.fit(baskets, { kind: 'toString' } as never)).rejects.toMatchObject({ code: 'usage' });
});

test('an aborted fit ends with the reason of its signal', async () => {
  const baskets = await core.baskets(holdingsOf(held));
  const reason = new Error('enough');
  await expect(core.fit(baskets, als, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('a closed core refuses work, but its models go on listing single customers', async () => {
  const own = await openCore({ workers: 1 });
  const baskets = await own.baskets(holdingsOf(held));
  const model = await own.fit(baskets, als);
  await own.close();
  expect(model.recommend(baskets).of(0).length).toBe(3);
  await expect(own.baskets(holdingsOf(held))).rejects.toMatchObject({ code: 'usage' });
  await expect(model.recommend(baskets).all()).rejects.toMatchObject({ code: 'usage' });
});
