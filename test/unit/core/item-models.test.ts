import {
  AppError,
  acquiredBand,
  type BasketRow,
  createInlinePool,
  fitBpr,
  fitEase,
  fitItemKnn,
  fitLift,
  fitPopularity,
  type KernelPool,
  type Model,
  type TrainingSet,
  tableFromRows,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { easeMatrix } from '../../reference/ease.ts';

const columns = ['a', 'b', 'c', 'd', 'e', 'constant'];
const held: [number[], number][] = [
  [[0], 5],
  [[0, 1], 7],
  [[0, 1, 2], 3],
  [[0, 2], 2],
  [[0, 3], 4],
  [[1, 2], 6],
  [[1, 4], 1],
  [[2, 3, 4], 2],
];
const rows: BasketRow[] = held.map(([products, multiplicity]) => ({
  entries: [...products.map((column) => ({ column, band: 0 })), { column: 5, band: 1 }],
  multiplicity,
}));
const value = new Float64Array(256).fill(1);
value[1] = 0.5;

function trainingOn(pool: KernelPool, of: readonly BasketRow[] = rows): TrainingSet {
  const table = tableFromRows(pool.memory, columns, of, 1);
  return { pool, table, range: { from: 0, to: table.rows } };
}

const models: [string, (training: TrainingSet) => Promise<Model> | Model][] = [
  ['ease', (t) => fitEase(t, { regularization: 4, value })],
  ['cosine', (t) => fitItemKnn(t, { similarity: 'cosine' })],
  ['tfidf', (t) => fitItemKnn(t, { similarity: 'tfidf' })],
  ['bm25', (t) => fitItemKnn(t, { similarity: 'bm25' })],
  ['lift', (t) => fitLift(t, { pairs: 'held', prior: 2, value })],
  ['bpr', (t) => fitBpr(t, { factors: 3, regularization: 0.01 })],
  ['popularity', (t) => fitPopularity(t)],
];

describe.each(models)('%s', (_, train) => {
  test('a row with multiplicity m is as good as m rows', async () => {
    const many = rows.flatMap((row) => Array.from({ length: row.multiplicity! }, () => ({ entries: row.entries })));
    const once = await train(trainingOn(createInlinePool()));
    const repeated = await train(trainingOn(createInlinePool(), many));
    const scores = repeated.foldIn(rows[2]!.entries);
    for (const [i, score] of once.foldIn(rows[2]!.entries).entries()) expect(scores[i]).toBeCloseTo(score, 12);
  });
});

describe('ease', () => {
  test('equals its closed form in float64, pseudo-product included', async () => {
    const dense = held.flatMap(([products, multiplicity]) =>
      Array.from({ length: multiplicity }, () => [...columns.keys()].map((c) => (c === 5 ? 0.5 : products.includes(c) ? 1 : 0))),
    );
    const expected = easeMatrix(dense, 4);
    const { matrix } = (await fitEase(trainingOn(createInlinePool()), { regularization: 4, value })).state().matrices;
    for (const [i, line] of expected.entries()) {
      for (const [j, v] of line.entries()) expect(matrix!.values[i * columns.length + j]).toBeCloseTo(v, 13);
    }
  });

  test('refuses a regularization that is not positive', async () => {
    await expect(fitEase(trainingOn(createInlinePool()), { regularization: 0 })).rejects.toThrow(AppError);
  });
});

describe('lift', () => {
  /** The lift of i for who holds j, of pairs that are listed one by one: [held, taken, how often]. */
  const liftsOf = (pairs: readonly (readonly [number, number, number])[], prior: number) => {
    const sum = (isIn: (j: number, i: number) => boolean) =>
      pairs.reduce((total, [j, i, times]) => total + (isIn(j, i) ? times : 0), 0);
    return (j: number, i: number) => {
      const expected = (sum((held) => held === j) * sum((_, taken) => taken === i)) / sum(() => true);
      return Math.log((sum((held, taken) => held === j && taken === i) + prior) / (expected + prior));
    };
  };
  const expectLifts = (model: Model, wanted: (j: number, i: number) => number) => {
    for (const j of [0, 1, 2, 3, 4]) {
      const scores = model.foldIn([{ column: j, band: 2 }]);
      for (const i of [0, 1, 2, 3, 4]) expect(scores[i], `${j} ${i}`).toBeCloseTo(j === i ? 0 : wanted(j, i), 12);
    }
  };

  test('of what is held together counts each customer once for each product that they hold', async () => {
    const pairs = held.flatMap(([products, times]) =>
      products.flatMap((j) => products.filter((i) => i !== j).map((i) => [j, i, times / (products.length - 1)] as const)),
    );
    const model = await fitLift(trainingOn(createInlinePool()), { pairs: 'held', prior: 3 });
    expectLifts(model, liftsOf(pairs, 3));
    const [a, b] = [model.foldIn([{ column: 0, band: 0 }]), model.foldIn([{ column: 4, band: 0 }])];
    const both = [...rows[0]!.entries, { column: 4, band: 0 }];
    for (const [i, score] of model.foldIn(both).entries()) expect(score).toBeCloseTo(a[i]! + b[i]!, 12);
  });

  test('of what is taken next counts each acquisition for each product that was held before it', async () => {
    const taken: [number[], number, number][] = [
      [[], 0, 50],
      [[0], 1, 9],
      [[0], 2, 1],
      [[0, 3], 2, 4],
      [[1], 0, 2],
      [[1, 2], 4, 5],
    ];
    const acquisitions = taken.map(([before, column, multiplicity]) => {
      const entries = [...before.map((one) => ({ column: one, band: 1 })), { column, band: acquiredBand }];
      return { entries: [...entries.sort((a, b) => a.column - b.column), { column: 5, band: 2 }], multiplicity };
    });
    const pairs = taken.flatMap(([before, column, times]) => before.map((j) => [j, column, times] as const));
    expectLifts(await fitLift(trainingOn(createInlinePool(), acquisitions), { pairs: 'next', prior: 5 }), liftsOf(pairs, 5));
  });

  test('of nothing to count says nothing, and a prior that is not positive is refused', async () => {
    const training = trainingOn(createInlinePool(), [{ entries: [{ column: 0, band: 0 }] }]);
    for (const pairs of ['held', 'next'] as const) {
      expect((await fitLift(training, { pairs, prior: 5 })).foldIn([{ column: 0, band: 0 }])).toEqual(new Float64Array(6));
    }
    await expect(fitLift(training, { pairs: 'held', prior: 0 })).rejects.toThrow(AppError);
  });
});

describe('popularity', () => {
  const names = ['a', 'b', 'c', 'young', 'old'];
  const entry = (column: number, band = 0) => ({ column, band });
  const of = (pool: KernelPool, table: BasketRow[]): TrainingSet => ({
    pool,
    table: tableFromRows(pool.memory, names, table, 2),
    range: { from: 0, to: table.length },
  });

  test('up-sell counts purchases of customers who already held something', () => {
    const training = of(createInlinePool(), [
      { entries: [entry(0, 255)], multiplicity: 90 },
      { entries: [entry(0), entry(1, 255)], multiplicity: 3 },
      { entries: [entry(0, 255), entry(1)], multiplicity: 1 },
    ]);
    expect([...fitPopularity(training, { of: 'upsell' }).foldIn([])].slice(0, 3)).toEqual([0.25, 0.75, 0]);
    expect(fitPopularity(training, { of: 'recent' }).foldIn([])[0]).toBeCloseTo(91 / 94, 12);
  });

  test('per time on sale counts what sells often as if it had been sold all the time, and what hardly sells as it is', () => {
    const training = of(createInlinePool(), [
      { entries: [entry(0, 255)], multiplicity: 400 },
      { entries: [entry(1, 255)], multiplicity: 190 },
      { entries: [entry(2, 255)], multiplicity: 1 },
    ]);
    const onSale = Float64Array.from([1, 0.1, 0.1, 1, 1, 1]);
    const [often, launched, hardly] = fitPopularity(training, { of: 'recent' }, onSale).foldIn([]);
    expect(launched! / often!).toBeCloseTo(190 / (0.1 + (0.9 * 10) / 200) / 400, 12);
    expect(hardly! / often!).toBeCloseTo(1 / (0.1 + (0.9 * 10) / 11) / 400, 12);
    expect(often! + launched! + hardly!).toBeCloseTo(1, 12);
  });
});

test.each(['cosine', 'tfidf', 'bm25'] as const)(
  '%s: scores do not depend on the order of codes, ties at the last neighbour included',
  async (similarity) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const width = names.length;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uniqueArray(fc.nat(width - 1), { minLength: 1 }), fc.integer({ min: 1, max: 3 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.shuffledSubarray([...names.keys()], { minLength: width }),
        fc.integer({ min: 1, max: width }),
        async (baskets, order, neighbours) => {
          const pool = createInlinePool();
          const scoresOf = async (numberOf: (product: number) => number) => {
            const entries = (products: readonly number[]) =>
              products.map((product) => ({ column: numberOf(product), band: 0 })).sort((x, y) => x.column - y.column);
            const rows = baskets.map(([products, multiplicity]) => ({ entries: entries(products), multiplicity }));
            const table = tableFromRows(pool.memory, names, rows, 0);
            const model = await fitItemKnn({ pool, table, range: { from: 0, to: table.rows } }, { similarity, neighbours });
            return baskets.map(([products]) => {
              const own = model.foldIn(entries(products));
              return names.map((_, product) => own[numberOf(product)]!);
            });
          };
          const [plain, renamed] = [await scoresOf((product) => product), await scoresOf((product) => order[product]!)];
          for (const [i, scores] of plain.entries())
            for (const [p, score] of scores.entries()) expect(renamed[i]![p]).toBeCloseTo(score, 9);
        },
      ),
      { numRuns: 100 },
    );
  },
);
