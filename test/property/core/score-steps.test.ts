import {
  acquiredBand,
  type BasketEntry,
  type BasketRow,
  type BlendMember,
  createBlend,
  createInlinePool,
  fitAls,
  fitBpr,
  fitEase,
  fitItemKnn,
  fitLookup,
  fitLookupNext,
  fitPopularity,
  fitRules,
  type Model,
  popularReason,
  type TrainingSet,
  tableFromRows,
} from '@basketwise/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topNByFullSort } from '../../reference/top-n.ts';

const pool = createInlinePool();
const [products, contexts, bands] = [37, 2, 3];
/** Codes whose order differs from that of their columns; contexts, and the constant behind them. */
const columns = [
  ...Array.from({ length: products }, (_, i) => `p${(i * 7919) % 1000}`),
  ...Array.from({ length: contexts }, (_, i) => `context ${i}`),
  'constant',
];
const constant = { column: products + contexts, band: bands };

/** Baskets of few products more often than of many, with a context or none. */
const baskets = fc
  .array(
    fc.record({
      held: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: products - 1 })), { maxLength: 7 }),
      band: fc.integer({ min: 0, max: bands - 1 }),
      context: fc.integer({ min: -1, max: contexts - 1 }),
      multiplicity: fc.integer({ min: 1, max: 9 }),
      took: fc.integer({ min: 0, max: products - 1 }),
    }),
    { minLength: 3, maxLength: 70 },
  )
  .map((drawn) =>
    drawn.map(({ held, band, context, multiplicity, took }) => {
      const entries: BasketEntry[] = held.map((column) => ({ column, band: (band + column) % bands }));
      const rest = [...(context < 0 ? [] : [{ column: products + context, band: bands + 1 }]), constant];
      return { row: rowOf([...entries, ...rest], multiplicity), took: held.includes(took) ? null : took };
    }),
  );

function rowOf(entries: readonly BasketEntry[], multiplicity: number): BasketRow {
  return { entries: [...entries].sort((a, b) => a.column - b.column), multiplicity };
}

function training(rows: readonly BasketRow[]): TrainingSet {
  const table = tableFromRows(pool.memory, columns, rows, contexts + 1);
  return { pool, table, range: { from: 0, to: table.rows } };
}

type Fit = (holdings: TrainingSet, acquisitions: TrainingSet) => Promise<Model> | Model;
const value = Float64Array.from({ length: 256 }, (_, band) => 1 / (band + 1));
const alsOf: Fit = (holdings) =>
  fitAls(holdings, {
    ...{ factors: 4, regularization: 2, alpha: 10, weights: [1, 0.8, 0.6] },
    pseudoWeights: [1, 0.5],
    iterations: 2,
  });
const easeOf: Fit = (holdings) => fitEase(holdings, { regularization: 3, value });
const popular: Fit = (holdings) => fitPopularity(holdings);
const upsell: Fit = (_, acquisitions) => fitPopularity(acquisitions, { of: 'upsell', byRecency: true });
const rules: Fit = (holdings) => fitRules(holdings, { minSupport: 0.02, longest: 4 });
const bpr: Fit = (holdings) => fitBpr(holdings, { factors: 3, regularization: 0.01, iterations: 2 });
const knn: Fit = (holdings) => fitItemKnn(holdings, { similarity: 'cosine', neighbours: 5 });
const lookupOver =
  (base: Fit): Fit =>
  async (holdings, acquisitions) =>
    fitLookup(holdings, await base(holdings, acquisitions), { prior: 3 });
const next: Fit = async (holdings, acquisitions) =>
  fitLookupNext(acquisitions, await upsell(holdings, acquisitions), { prior: 2, byRecency: true });
const blendOf =
  (...parts: readonly (readonly [Fit, 'raw' | 'log', number])[]): Fit =>
  async (...data) => {
    const members: BlendMember[] = [];
    for (const [make, scale, weight] of parts) members.push({ model: await make(...data), scale, weight });
    return createBlend(members);
  };

/** Models by what they are built of, and whether their scores have the bits of `foldIn`: ALS solves a smaller system. */
const models: readonly [name: string, make: Fit, isExact: boolean][] = [
  ['popularity', popular, true],
  ['popularity by recency', upsell, true],
  ['rules', rules, true],
  ['bpr', bpr, true],
  ['lookup over popularity', lookupOver(popular), true],
  ['lookup over ease', lookupOver(easeOf), true],
  ['lookup over bpr', lookupOver(bpr), true],
  ['lookup over rules', lookupOver(rules), true],
  ['lookup over als', lookupOver(alsOf), false],
  ['lookup-next', next, true],
  ['blend of one', blendOf([easeOf, 'raw', -2]), true],
  ['blend of shares', blendOf([next, 'log', 1], [popular, 'log', 0.5], [rules, 'log', -0.25]), true],
  ['blend of sums', blendOf([knn, 'raw', 1], [bpr, 'raw', 0.3], [rules, 'raw', 0.5], [next, 'raw', 2]), true],
  ['blend of both', blendOf([easeOf, 'raw', 1], [lookupOver(easeOf), 'log', 1], [popular, 'log', 0.5]), true],
  ['blend with als', blendOf([alsOf, 'raw', 1], [lookupOver(rules), 'log', 0.5], [upsell, 'raw', 1]), false],
];

describe.each(models)('%s', (_name, make, isExact) => {
  test('kernels list what sorting the scores of each basket lists, with the reasons of its explanations', async () => {
    await fc.assert(
      fc.asyncProperty(
        baskets,
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: columns.length, maxLength: columns.length }),
        async (drawn, n, mayBe) => {
          const mark = pool.memory.mark();
          const holdings = training(drawn.map(({ row }) => row));
          const acquisitions = training(
            drawn.flatMap(({ row, took }) =>
              took === null ? [] : [rowOf([...row.entries, { column: took, band: acquiredBand }], row.multiplicity!)],
            ),
          );
          const model = await make(holdings, acquisitions);
          expect(model.addSteps).toBeDefined();
          const allowed = Uint8Array.from(mayBe, (may, column) => Number(may > 0 && column < products));
          const top = await model.topN({ ...holdings, n, allowed, reasons: true });
          const { memory } = pool;
          const [count, column] = [memory.u32(top.count, top.rows), memory.u32(top.column, top.rows * n)];
          const [score, reason] = [memory.f32(top.score, top.rows * n), memory.u32(top.reason!, top.rows * n)];
          for (const [i, { row }] of drawn.entries()) {
            const held = row.entries.map((entry) => entry.column);
            const scores = Float32Array.from(model.foldIn(row.entries));
            const expected = topNByFullSort(scores, columns, allowed, held, n);
            expect(count[i]).toBe(expected.length);
            for (const [at, best] of expected.entries()) {
              const place = i * n + at;
              if (isExact) {
                expect([column[place], score[place]]).toEqual([best.column, best.score]);
                expect(reason[place]).toBe(reasonOf(model, row.entries, best.column));
              } else expect(Math.abs(score[place]! - best.score)).toBeLessThan(1e-5 * Math.max(1, Math.abs(best.score)));
            }
          }
          pool.memory.release(mark);
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** The held product that adds most, if that is more than a tenth of the score. */
function reasonOf(model: Model, basket: readonly BasketEntry[], column: number): number {
  const why = model.explain(basket, column);
  const most = why?.contributions[0];
  return most === undefined || most.value <= 0.1 * Math.abs(why!.score) ? popularReason : most.column;
}

test('a table of other columns is scored by what the model knows of them', async () => {
  const rows = [
    rowOf([{ column: 0, band: 0 }], 3),
    rowOf(
      [
        { column: 0, band: 0 },
        { column: 1, band: 0 },
      ],
      2,
    ),
  ];
  const mark = pool.memory.mark();
  const model = await lookupOver(popular)(training(rows), training([]));
  const table = tableFromRows(pool.memory, ['new', columns[0]!, columns[1]!], [{ entries: [{ column: 1, band: 0 }] }]);
  const top = await model.topN({ pool, table, range: { from: 0, to: 1 }, n: 2, allowed: Uint8Array.of(1, 1, 1), reasons: true });
  expect([...pool.memory.u32(top.column, 2)]).toEqual([2, 0]);
  expect(pool.memory.f32(top.score, 2)[0]).toBe(Math.fround(model.foldIn([{ column: 0, band: 0 }])[1]!));
  expect(top.reason).toBeUndefined();
  pool.memory.release(mark);
});
