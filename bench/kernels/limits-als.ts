import { type BasketTable, fitAls, type KernelName } from '@basketwise/core/parts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { createKernelClock } from './kernel-clock.ts';
import type { LimitBench } from './limit-bench.ts';
import type { LimitModule } from './machine-limits.ts';
import { customers } from './measure.ts';

const factors = Number(process.env.BENCH_FACTORS ?? 64);
const width = 8 * Math.ceil(factors / 8);
const sweeps = 2;
const regularization = 40;
const parameters = { factors, regularization, alpha: 10, weights: [1, 0.75, 0.5, 0.25], pseudoWeights: [1], iterations: sweeps };

/** Terms of the formulas: sums over the rows of a table, each of n entries, and over its products. */
function sumsOf({ memory, rows, start, entry, entries, columns }: BasketTable) {
  const starts = memory.u32(start, rows + 1);
  const all = memory.u32(entry, entries);
  const products = columns.slice(0, -1).map(() => ({ rows: 0, entries: 0, pairs: 0, beside: new Set<number>() }));
  const sums = { n: 0, n2: 0, n3: 0 };
  for (let row = 0; row < rows; row++) {
    const held = all.subarray(starts[row]!, starts[row + 1]!);
    const n = held.length;
    sums.n += n;
    sums.n2 += n ** 2;
    sums.n3 += n ** 3;
    for (const packed of held) {
      const product = products[packed >>> 8];
      if (!product) continue; // the constant, held by all: its sums are known
      product.rows++;
      product.entries += n;
      product.pairs += (n * (n + 1)) / 2;
      for (const other of held) product.beside.add(other >>> 8);
    }
  }
  return { ...sums, products };
}

/**
 * Multiply-adds of a product's system: of sparse T and v and Z'(U Z), U with as many elements as pairs at most; or of the rows' factors and
 * half of their squares, where that is less. Then its Cholesky and solution.
 */
function productAdds({ rows, entries, pairs, beside: { size: k } }: ReturnType<typeof sumsOf>['products'][number], f: number) {
  const bySets = pairs + entries + Math.min(pairs, (k * k) / 2) * f + k * f * f;
  const byFactors = entries * f + (rows * f * f) / 2;
  return rows === 0 ? 0 : Math.min(bySets, byFactors) + f ** 3 / 6 + f * f;
}

/** The half-steps of a sweep over the made-up bank's distinct baskets, the f x f part of one product, and folding in one basket. */
export async function alsBenches(module: LimitModule): Promise<LimitBench[]> {
  const clock = createKernelClock();
  const { pool } = clock;
  const { table } = await bankBaskets(pool, await bankCsr(pool, customers));
  const { rows } = table;
  const training = { pool, table, range: { from: 0, to: rows } };
  const model = await fitAls(training, parameters);
  const sums = sumsOf(table);
  const products = table.columns.length;
  const sweep =
    (...kernels: KernelName[]) =>
    async () => {
      clock.take();
      await fitAls(training, parameters);
      return clock.take(...kernels);
    };
  const basket = [0, 3, 9].map((column) => ({ column, band: 1 }));
  const foldIns = 1000;
  return [
    {
      ...{ name: 'ALS, dual customer step', unit: 'basket', units: rows * sweeps, run: sweep('alsShortRows') },
      // The record, 8 bytes and 8 an entry, is read, and written back with its weights; K stays in a cache.
      bytes: (16 * rows + 16 * sums.n) / rows,
      // Of n entries: d K n^2, elimination n (n^2 - 1) / 3, the way back and w w' half of n^2 each.
      multiplyAdds: (2 * sums.n2 + (sums.n3 - sums.n) / 3) / rows,
      precision: 'f64',
    },
    {
      ...{ name: 'ALS, item step', unit: 'basket', units: rows * sweeps, run: sweep('alsItems') },
      // For each entry but the constant's: where the record is and its band, 5 bytes, and the record, 8 bytes and 8 an entry.
      bytes: ((sums.n - rows) * 5 + 8 * (sums.n - rows) + 8 * (sums.n2 - sums.n)) / rows,
      // The systems of all products, whose larger part does not grow with the baskets.
      multiplyAdds: sums.products.reduce((sum, product) => sum + productAdds(product, width), 0) / rows,
      precision: 'f64',
    },
    {
      ...{ name: 'ALS, Y to A, Z and K', unit: 'sweep', units: sweeps, run: sweep('alsFactors', 'alsHatRows') },
      bytes: 8 * (products ** 2 + 4 * products * width),
      // Y'Y and the Cholesky of A by halves, two triangular solves with all products on the right side, K whole.
      multiplyAdds: (products * width ** 2) / 2 + width ** 3 / 6 + products * width ** 2 + products ** 2 * width,
      precision: 'f64',
    },
    productBench(module, 8 * Math.ceil(products / 8)),
    {
      ...{
        name: 'fold-in of 3 products',
        unit: 'basket',
        units: foldIns,
        run: async () => foldIn(() => model.foldIn(basket), foldIns),
      },
      // Y for the scores, A for the system.
      bytes: 8 * (products * factors + factors ** 2),
      // TypeScript: 3 times y y', Cholesky, two triangular solves, all scores.
      multiplyAdds: 3 * factors ** 2 + factors ** 3 / 6 + factors ** 2 + products * factors,
      precision: 'f64',
    },
  ];
}

function foldIn(run: () => unknown, times: number): number {
  const begin = performance.now();
  for (let i = 0; i < times; i++) run();
  return performance.now() - begin;
}

/** The f x f part of the item step for a product with all others beside it. */
function productBench({ kernels, memory }: LimitModule, size: number): LimitBench {
  const place = (from: number, numbers: number) => Math.ceil((from + numbers * 8) / 64) * 64;
  const u = 65_536;
  const z = place(u, size * size);
  const p = place(z, size * width);
  const v = place(p, width * width);
  const scratch = place(v, width);
  const fill = (at: number, count: number, value: (i: number) => number) => {
    const numbers = new Float64Array(memory.buffer, at, count);
    for (let i = 0; i < count; i++) numbers[i] = value(i);
  };
  fill(u, size * size, (i) => (i % size === Math.floor(i / size) ? 1 : 0.001));
  fill(z, size * width, (i) => Math.sin(i));
  fill(p, width * width, (i) => (i % (width + 1) === 0 ? 1 : 0));
  fill(v, width, () => 1);
  const solve = () => kernels.solveProduct(u, z, p, v, size, width, regularization, scratch);
  if (!solve()) throw new Error('the product that the bench makes up cannot be solved');
  return {
    ...{ name: `ALS, f x f part, ${size} beside it`, unit: 'product', units: 20, run: async () => foldIn(solve, 20) },
    bytes: 8 * (size ** 2 / 2 + size * width),
    // Z'(U Z), Cholesky and its solution.
    multiplyAdds: (size * size * width) / 2 + size * width ** 2 + width ** 3 / 6 + width ** 2,
    precision: 'f64',
  };
}
