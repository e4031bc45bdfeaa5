import {
  acquiredBand,
  type BasketRow,
  createInlinePool,
  createRandom,
  fitAls,
  fitLift,
  loadModel,
  modelFromState,
  saveModel,
  type TrainingSet,
  tableFromRows,
} from '@basketwise/core';
import { describe, expect, test } from 'vitest';
import { CachedLines } from '../../../packages/core/src/models/linear-model.ts';

const random = createRandom(11);
const below = (n: number) => Math.floor(random.next() * n);

/** Random baskets of up to five of so many products, the last of each with another band. */
function purchases(products: number, rows: number, last = acquiredBand): TrainingSet {
  return trainingOn(randomRows(products, rows, last), products);
}

function randomRows(products: number, rows: number, last: number): BasketRow[] {
  return Array.from({ length: rows }, (): BasketRow => {
    const held = [...new Set(Array.from({ length: 2 + below(4) }, () => below(products)))].sort((a, b) => a - b);
    const entries = held.map((column, i) => ({ column, band: i === held.length - 1 ? last : below(3) }));
    return { entries: [...entries, { column: products, band: 4 }], multiplicity: 1 + below(4) };
  });
}

function trainingOn(rows: readonly BasketRow[], products: number): TrainingSet {
  const pool = createInlinePool();
  const columns = [...Array.from({ length: products }, (_, i) => `p${String(i).padStart(4, '0')}`), 'baseline'];
  return { pool, table: tableFromRows(pool.memory, columns, rows, 1), range: { from: 0, to: rows.length } };
}

describe('products x products matrices', () => {
  test('have the same lines however few of them stay in memory', async () => {
    const model = await fitAls(purchases(40, 60, 2), {
      factors: 6,
      regularization: 3,
      alpha: 5,
      weights: [1, 1, 1, 1],
      pseudoWeights: [1],
      iterations: 2,
    });
    const source = model.hat();
    const few = new CachedLines(
      source.width,
      { write: (row, line) => line.set(source.line(row)), cell: (row, column) => source.cell(row, column) },
      1,
    );
    const first = few.line(7).slice();
    for (let row = 0; row < source.width; row++) {
      expect(few.line(row)).toEqual(source.line(row));
      expect(few.cell((row + 1) % source.width, row)).toBe(source.line((row + 1) % source.width)[row]);
    }
    expect(few.line(7)).toEqual(first);
    expect(few.whole(source.width)).toEqual(source.whole(source.width));
  });

  test.each(['held', 'next'] as const)('lifts of pairs %s are the same among many more products', async (pairs) => {
    const many = 3000;
    const rows = randomRows(many, 150, acquiredBand);
    const used = [...new Set(rows.flatMap(({ entries }) => entries.map(({ column }) => column)))].sort((a, b) => a - b);
    const compact = rows.map((row): BasketRow => {
      return { ...row, entries: row.entries.map(({ column, band }) => ({ column: used.indexOf(column), band })) };
    });
    // pairs of so many products are counted in two blocks
    const wide = await fitLift(trainingOn(rows, many), { pairs, prior: 2 });
    const narrow = await fitLift(trainingOn(compact, used.length - 1), { pairs, prior: 2 });
    for (const [row, held] of used.entries()) {
      if (row % 10 !== 0) continue;
      const line = wide.lines.line(held);
      expect(Float64Array.from(used, (column) => line[column]!)).toEqual(narrow.lines.line(row));
    }
  });

  test.each(['held', 'next'] as const)('lifts of pairs %s are the same value by value', async (pairs) => {
    const training = purchases(50, 200);
    const whole = await fitLift(training, { pairs, prior: 2 });
    expect(whole.lines.whole(51).some((value) => value > 0)).toBe(true);
    const cells = await fitLift(training, { pairs, prior: 2 });
    for (let row = 0; row < 51; row++) {
      expect(Float64Array.from({ length: 51 }, (_, i) => cells.lines.cell(row, i))).toEqual(whole.lines.line(row));
    }
  });

  test('a wide model of lifts is written as counts, and read back', async () => {
    const training = purchases(2100, 150);
    const counted = Uint8Array.from({ length: 2101 }, (_, i) => (i % 3 === 0 ? 0 : 1));
    const model = await fitLift(training, { pairs: 'next', prior: 2, counted });
    const file = await saveModel(model.state(), { dataHash: 'd' });
    expect(file.length).toBeLessThan(2 ** 20);
    const read = await modelFromState((await loadModel(file)).state);
    const baskets = [[5, 77, 1200], [2099], [0, 2100]].map((columns) => columns.map((column) => ({ column, band: 0 })));
    for (const basket of baskets) expect(read.foldIn(basket)).toEqual(model.foldIn(basket));
  });
});
