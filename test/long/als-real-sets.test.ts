// Issue: dual form, primal form and the float64 reference agree on real sets after 3 sweeps, with baskets collapsed or not.
// The reference takes all customers of the small sets; of the large ones the first rows, to keep the run short.
import { readFileSync } from 'node:fs';
import { type AlsOptions, type BasketRow, createInlinePool, fitAls, offset, required, tableFromRows } from '@basketwise/core';
import { expect, test } from 'vitest';
import { dataFile, loadDataSet } from '../../bench/sets/real-sets.ts';
import { distance, inner, plainAls, plainCustomers } from '../reference/als.ts';

const factors = 12;
const alpha = 10;
const weights = [1, 0.5, 0.25];
const regularization = 5;
const sweeps = 3;
const top = 5;

/** 88,162 baskets of item numbers, a line each. */
async function loadRetail(rows: number): Promise<{ items: string[]; sets: number[][] } | undefined> {
  const path = dataFile('fimi_retail/retail.dat');
  if (!path) return undefined;
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(0, rows)
    .map((line) => line.trim().split(' '));
  const items = [...new Set(lines.flat())].sort();
  const itemAt = new Map(items.map((item, i) => [item, i]));
  return { items, sets: lines.map((line) => line.map((item) => required(itemAt, item)).sort((a, b) => a - b)) };
}

/** Set, its folder, and how many of its rows take part. */
const sets: [string, string, number][] = [
  ['coil2000', 'coil2000', 5822],
  ['msweb', 'msweb', 3000],
  ['fimi_retail', 'fimi_retail', 800],
];

async function load(name: string, most: number): Promise<{ items: readonly string[]; rows: BasketRow[] }> {
  const set = name === 'fimi_retail' ? await loadRetail(most) : await loadDataSet(name);
  const rows = set!.sets.slice(0, most).map((held) => ({ entries: held.map((column) => ({ column, band: column % 3 })) }));
  return { items: set!.items, rows };
}

/** Equal rows into one with a multiplicity. */
function collapse(rows: readonly BasketRow[]): BasketRow[] {
  const distinct = new Map<string, BasketRow>();
  for (const row of rows) {
    const key = JSON.stringify(row.entries);
    distinct.set(key, { ...row, multiplicity: (distinct.get(key)?.multiplicity ?? 0) + 1 });
  }
  return [...distinct.values()];
}

async function trained(
  items: readonly string[],
  rows: readonly BasketRow[],
  start: Float64Array,
  form: NonNullable<AlsOptions['rows']>,
) {
  const pool = createInlinePool(2 ** 24);
  const table = tableFromRows(pool.memory, items, rows);
  const range = { from: 0, to: table.rows };
  const parameters = { factors, regularization, alpha, weights, iterations: sweeps, balance: false };
  const model = await fitAls({ pool, table, range }, parameters, { start, rows: form });
  const lists = await model.topN({ pool, table, range, n: top, allowed: new Uint8Array(items.length).fill(1) });
  return { model, pool, lists };
}

for (const [name, folder, most] of sets) test.skipIf(!dataFile(folder))(name, () => compare(name, most));

async function compare(name: string, most: number): Promise<void> {
  const { items, rows } = await load(name, most);
  const start = items.map((_, i) => Array.from({ length: factors }, (_, k) => (((31 * i + 17 * k) % 97) - 48) / 480));
  const flat = Float64Array.from(start.flat());
  const plainRows = rows.map(({ entries }) => ({
    entries: entries.map(({ column, band }) => ({ column, confidence: alpha * weights[band]! })),
  }));
  const plain = plainAls(plainRows, start, regularization, sweeps).y;
  const dual = await trained(items, rows, flat, 'dual');
  const primal = await trained(items, rows, flat, 'primal');
  const automatic = await trained(items, rows, flat, 'auto');
  const collapsed = await trained(items, collapse(rows), flat, 'auto');
  for (const [form, { model }] of Object.entries({ dual, primal, automatic, collapsed })) {
    expect(distance(model.itemFactors, plain.flat()), `${name} ${form}`).toBeLessThan(1e-5);
  }

  const customers = plainCustomers(plain, plainRows, regularization);
  const { pool, lists } = automatic;
  for (const [r, x] of customers.entries()) {
    const held = new Set(rows[r]!.entries.map(({ column }) => column));
    const scores = plain.map((y, i) => (held.has(i) ? -Infinity : inner(x, y)));
    const best = [...scores].sort((a, b) => b - a);
    const listed = [...pool.memory.u32(offset(lists.column, r * top * 4), pool.memory.u32(lists.count, lists.rows)[r]!)];
    expect(listed.length).toBe(Math.min(top, items.length - held.size));
    // Each rank has the product that the reference has there, or one whose score differs by less than 1e-5.
    for (const [rank, column] of listed.entries()) expect(Math.abs(scores[column]! - best[rank]!)).toBeLessThan(1e-5);
  }
}
