import {
  AppError,
  type BasketRow,
  createInlinePool,
  createNodePool,
  createRandom,
  type KernelPool,
  type TopN,
  tableFromRows,
  topNDense,
  topNLinear,
} from '@basketwise/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases, longTest } from '../../cases.ts';
import { linearScores, type Ranked, topNByFullSort } from '../../reference/top-n.ts';

/** Lists out of kernel memory. */
function lists({ memory }: KernelPool, { rows, n, count, column, score }: TopN): Ranked[][] {
  const counts = memory.u32(count, rows);
  const columns = memory.u32(column, rows * n);
  const scores = memory.f32(score, rows * n);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: counts[row]! }, (_, i) => ({ column: columns[row * n + i]!, score: scores[row * n + i]! })),
  );
}

/** Codes whose order differs from that of their columns, with characters beyond ASCII and beyond 16 bits. */
const codesOf = (columns: number) =>
  Array.from({ length: columns }, (_, i) => `${['가', 'b', '\u{1F600}', '\uFFFD'][i % 4]}${(i * 7919) % 1000}`);

/** Small whole numbers: exact in f32, and full of ties. */
const whole = fc.integer({ min: -3, max: 3 });

const tables = fc
  .record({
    columns: fc.integer({ min: 1, max: 70 }),
    pseudo: fc.integer({ min: 0, max: 2 }),
    n: fc.integer({ min: 1, max: 64 }),
  })
  .chain(({ columns, pseudo, n }) =>
    fc.record({
      columns: fc.constant(columns + pseudo),
      pseudo: fc.constant(pseudo),
      n: fc.oneof(fc.constant(n), fc.integer({ min: 1, max: 6 })),
      allowed: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: columns + pseudo, maxLength: columns + pseudo }),
      matrix: fc.array(whole, { minLength: (columns + pseudo) ** 2, maxLength: (columns + pseudo) ** 2 }),
      held: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: columns + pseudo - 1 })), { minLength: 1, maxLength: 6 }),
      weights: fc.array(whole, { minLength: 80, maxLength: 80 }),
    }),
  );

function rowsOf(held: readonly number[][]): BasketRow[] {
  return held.map((columns) => ({ entries: [...columns].sort((a, b) => a - b).map((column) => ({ column, band: 0 })) }));
}

const pool = createInlinePool();

test('top-N of a linear model and of dense scores equal a full sort, ties and short lists included', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async ({ columns, pseudo, n, allowed, matrix, held, weights }) => {
      const { memory } = pool;
      const mark = memory.mark();
      const codes = codesOf(columns);
      const rows = rowsOf(held);
      const table = tableFromRows(memory, codes, rows, pseudo);
      const mayRecommend = Uint8Array.from(allowed, (value, column) => (value > 0 && column < columns - pseudo ? 1 : 0));
      const weightOf = rows.map((row) => row.entries.map((entry) => weights[entry.column]!));
      const dense = rows.map((row, i) => linearScores(matrix, columns, row, weightOf[i]!));
      const expected = rows.map((row, i) =>
        topNByFullSort(
          dense[i]!,
          codes,
          mayRecommend,
          row.entries.map((e) => e.column),
          n,
        ),
      );
      const request = {
        pool,
        table,
        range: { from: 0, to: rows.length },
        n,
        allowed: Uint8Array.from(allowed, (a) => (a > 0 ? 1 : 0)),
      };
      const linear = await topNLinear({
        ...request,
        matrix: memory.store(Float32Array.from(matrix)),
        stride: columns,
        weights: memory.store(Float32Array.from(weightOf.flat())),
      });
      expect(lists(pool, linear)).toEqual(expected);
      const given = await topNDense({ ...request, scores: memory.store(Float32Array.from(dense.flat())), stride: columns });
      expect(lists(pool, given)).toEqual(expected);
      memory.release(mark);
    }),
    { seed: 1, numRuns: cases(300) },
  );
});

test('no score that is no number is listed, and infinite ones keep their place', async () => {
  const { memory } = pool;
  const table = tableFromRows(memory, ['a', 'b', 'c', 'd'], [{ entries: [] }]);
  const request = { pool, table, range: { from: 0, to: 1 }, n: 4, allowed: new Uint8Array(4).fill(1) };
  const scores = Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const expected = [
    [
      { column: 2, score: Number.POSITIVE_INFINITY },
      { column: 1, score: 1 },
    ],
  ];
  expect(lists(pool, await topNDense({ ...request, scores: memory.store(scores), stride: 4 }))).toEqual(expected);
});

test.each([1, 6, 12, 13, 24, 25, 32, 33, 64])('top %i of 400 columns, few scores tied, some no numbers', async (n) => {
  const { memory } = pool;
  const { next } = createRandom(n);
  const codes = codesOf(400);
  const rows = Array.from({ length: 20 }, () =>
    Float32Array.from(codes, () => (next() < 0.01 ? Number.NaN : Math.round(2000 * next()))),
  );
  const table = tableFromRows(
    memory,
    codes,
    rows.map(() => ({ entries: [] })),
  );
  const allowed = new Uint8Array(400).fill(1);
  const scores = memory.store(Float32Array.from(rows.flatMap((row) => [...row])));
  const found = lists(pool, await topNDense({ pool, table, range: { from: 0, to: 20 }, n, allowed, scores, stride: 400 }));
  const known = (row: Float32Array) => Uint8Array.from(row, (score) => Number(!Number.isNaN(score)));
  expect(found).toEqual(rows.map((row) => topNByFullSort(row, codes, known(row), [], n)));
});

longTest('lists do not depend on the number of workers, nor on where the range begins', async () => {
  const columns = 37;
  const rowCount = 10_000;
  const results: Ranked[][][] = [];
  for (const workers of [1, 2, 3]) {
    const threads = await createNodePool(workers);
    const { memory } = threads;
    const rows = Array.from({ length: rowCount }, (_, i) => ({
      entries: [...new Set([i % columns, (i * 13) % columns])].sort((a, b) => a - b).map((column) => ({ column, band: 0 })),
    }));
    const table = tableFromRows(memory, codesOf(columns), rows);
    const matrix = memory.store(Float32Array.from({ length: columns * 40 }, (_, i) => Math.sin(i)));
    const weights = memory.store(Float32Array.from({ length: table.entries }, (_, i) => Math.cos(i)));
    const request = { pool: threads, table, n: 5, allowed: new Uint8Array(columns).fill(1), matrix, stride: 40, weights };
    const whole = lists(threads, await topNLinear({ ...request, range: { from: 0, to: rowCount } }));
    const tail = lists(threads, await topNLinear({ ...request, range: { from: 4321, to: rowCount } }));
    expect(tail).toEqual(whole.slice(4321));
    results.push(whole);
    await threads.close();
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test('a list length out of range and a range beyond the table are refused', async () => {
  const table = tableFromRows(pool.memory, ['a'], [{ entries: [] }]);
  const scores = pool.memory.store(new Float32Array(1));
  const request = { pool, table, range: { from: 0, to: 1 }, allowed: new Uint8Array(1), scores, stride: 1 };
  for (const n of [0, 65, 1.5]) await expect(topNDense({ ...request, n })).rejects.toThrow(AppError);
  await expect(topNDense({ ...request, n: 1, range: { from: 0, to: 2 } })).rejects.toThrow(/rows 0 to 2/);
});
