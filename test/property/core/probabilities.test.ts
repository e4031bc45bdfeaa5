import { constantName, createInlinePool, type KernelMemory, tableFromRows } from '@basketwise/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CampaignTable } from '../../../packages/recommend/src/campaigns/baskets.ts';
import {
  calibrationTerms,
  forEachEntry,
  logistic,
  probabilities,
} from '../../../packages/recommend/src/campaigns/calibration.ts';

const products = ['A', 'B', 'C', 'D'];

const rate = fc.record({
  share: fc.double({ min: -3, max: 3, noNaN: true }),
  trend: fc.double({ min: -2, max: 2, noNaN: true }),
  correction: fc.double({ min: -2, max: 2, noNaN: true }),
});

/** Rows with distinct products held, their bands, and a list. */
const row = fc.record({
  held: fc.uniqueArray(fc.record({ column: fc.nat(3), band: fc.nat(5) }), { selector: ({ column }) => column }),
  customers: fc.integer({ min: 1, max: 50 }),
  list: fc.array(fc.record({ product: fc.nat(3), score: fc.double({ min: -5, max: 5, noNaN: true }), source: fc.nat(1) }), {
    maxLength: 5,
  }),
});

const slopes = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: calibrationTerms.length,
  maxLength: calibrationTerms.length,
});

/** Entries of a list with the same source, one after the other. */
function runsOf({ start, source }: { start: Uint32Array; source: Uint8Array }): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let row = 0; row + 1 < start.length; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) {
      if (at > start[row]! && source[at] === source[at - 1]) found.at(-1)!.to = at + 1;
      else found.push({ from: at, to: at + 1 });
    }
  }
  return found;
}

/** The nearest values that never rise, by the formula of minima and maxima: min over a <= i of max over b >= i of mean(a .. b). */
function nonIncreasing(values: Float64Array): number[] {
  const mean = (from: number, to: number) =>
    values.subarray(from, to + 1).reduce((sum, value) => sum + value, 0) / (to - from + 1);
  const places = [...values.keys()];
  return places.map((i) => Math.min(...places.slice(0, i + 1).map((a) => Math.max(...places.slice(i).map((b) => mean(a, b))))));
}

type Row = {
  held: { column: number; band: number }[];
  customers: number;
  list: { product: number; score: number; source: number }[];
};

/** A campaign of two clusters with these rows, and its lists. The caller releases the memory. */
function campaignOf(rows: readonly Row[], memory: KernelMemory) {
  const constant = { column: products.length, band: 4 };
  const table = tableFromRows(
    memory,
    [...products, constantName],
    rows.map(({ held, customers }) => ({ entries: [...held, constant], multiplicity: customers })),
    1,
  );
  const half = rows.length >> 1;
  const groups = [
    { cluster: 0, failed: [], target: true, range: { from: 0, to: half } },
    { cluster: 1, failed: [], target: true, range: { from: half, to: rows.length } },
  ];
  const columns = { recommended: new Map(products.map((key, product) => [key, product])) };
  const plan = { scheme: 'needs' };
  const campaign = { plan, table, groups, columns, entriesOfNone: 1 } as unknown as CampaignTable;
  const entries = rows.flatMap(({ list }) => list);
  const start = new Uint32Array(rows.length + 1);
  for (const [i, { list }] of rows.entries()) start[i + 1] = start[i]! + list.length;
  const lists = {
    start,
    product: Int32Array.from(entries, ({ product }) => product),
    score: Float32Array.from(entries, ({ score }) => score),
    source: Uint8Array.from(entries, ({ source }) => source),
  };
  return { campaign, lists };
}

test('a place compares customers with holdings with each other alone, and those without, too', () => {
  const { memory } = createInlinePool();
  /** Terms of the entries of the rows that hold nothing, or of the others. */
  const termsOf = (rows: readonly Row[], isEmpty: boolean) => {
    const mark = memory.mark();
    const { campaign, lists } = campaignOf(rows, memory);
    const found: number[][] = [];
    forEachEntry(campaign, lists, {}, (terms, _, row) => {
      if ((rows[row]!.held.length === 0) === isEmpty) found.push(Array.from(terms));
    });
    memory.release(mark);
    return found;
  };
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), fc.boolean(), (rows, isEmpty) => {
      const moved = rows.map(({ held, customers, list }) => {
        const isMoved = (held.length === 0) !== isEmpty;
        return {
          held,
          customers: customers + Number(isMoved),
          list: list.map((one) => ({ ...one, score: one.score + 9 * Number(isMoved) })),
        };
      });
      expect(termsOf(moved, isEmpty)).toEqual(termsOf(rows, isEmpty));
    }),
  );
});

test('a probability is the logistic function of the terms that calibration learns from and of the corrections of product and cluster, pooled where it rises within a list', () => {
  const { memory } = createInlinePool();
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      slopes,
      fc.array(rate, { maxLength: 4 }),
      (rows, slopes, rates) => {
        const mark = memory.mark();
        const { campaign, lists } = campaignOf(rows, memory);
        const known = Object.fromEntries(rates.map((one, i) => [products[i]!, one]));
        const groups = { 'cluster needs': { 0: 0.4, 1: -0.7 } };
        const found = probabilities(campaign, lists, { intercept: -2, slopes, products: known, groups });
        const correctionOf = (at: number, row: number) =>
          (rates[lists.product[at]!]?.correction ?? 0) + (row < rows.length >> 1 ? 0.4 : -0.7);
        const logistics = new Float64Array(lists.product.length);
        forEachEntry(campaign, lists, known, (terms, at, row) => {
          logistics[at] = logistic(slopes.reduce((sum, slope, i) => sum + slope * terms[i]!, correctionOf(at, row) - 2));
        });
        for (const { from, to } of runsOf(lists)) {
          for (const [i, pooled] of nonIncreasing(logistics.subarray(from, to)).entries()) {
            expect(found[from + i]).toBeCloseTo(pooled, 5);
            if (i > 0) expect(found[from + i]).toBeLessThanOrEqual(found[from + i - 1]!);
          }
        }
        memory.release(mark);
      },
    ),
  );
});
