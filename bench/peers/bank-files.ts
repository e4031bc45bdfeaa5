import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsrBuilder, createNodePool, createRandom } from '@basketwise/core';
import { bankOf, drawCatalog, drawHoldings } from '@basketwise/sample';

/** Settings that all contestants of a factorization are given, beside the files. */
export interface Task {
  folder: string;
  customers: number;
  products: number;
  factors: number;
  regularization: number;
  /** By recency band. */
  confidence: readonly number[];
  threads: number;
}

export const bandWeights = [1, 0.75, 0.5, 0.25];
const alpha = 10;

/** Holdings by customer: start.u32 [customers + 1] and entry.u32, packed product << 8 | band. */
export function writeRows(folder: string, start: Uint32Array, entry: Uint32Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'start.u32'), start);
  writeFileSync(join(folder, 'entry.u32'), entry);
}

/** Initial item factors of all contestants: factors.f32 [products x factors], uniform, with standard deviation 0.1 / sqrt(factors). */
export function writeStart({ folder, products, factors }: Task): void {
  const { next } = createRandom(1);
  const width = Math.sqrt(3 / factors) / 10;
  writeFileSync(
    join(folder, 'factors.f32'),
    Float32Array.from({ length: products * factors }, () => width * (2 * next() - 1)),
  );
}

/** The holdings of a generated postal bank on its reference date, in four bands of recency. */
export async function writeBank(folder: string, customers: number, products: number): Promise<number> {
  const bank = bankOf({ customers, products });
  const catalog = drawCatalog(bank);
  const lines = catalog.lines.length;
  const pool = await createNodePool(1);
  const cutoffs = [182, 365, 1095].map((days) => bank.referenceDay - days);
  const builder = new CsrBuilder({ pool, customers, products: lines, referenceDay: bank.referenceDay, cutoffs });
  for (let from = 0; from < customers; from += 100_000) {
    const { rows, customer, product, opened } = drawHoldings(bank, catalog, from, Math.min(from + 100_000, customers), false);
    builder.add({ customer: customer.subarray(0, rows), product: product.subarray(0, rows), days: opened.subarray(0, rows) });
  }
  const { start, entry, entries } = await builder.finish();
  const { memory } = pool;
  writeRows(folder, memory.u32(start, customers + 1), memory.u32(entry, entries));
  await pool.close();
  return lines;
}

/** The task of a folder's files. */
export function taskOf(folder: string, customers: number, products: number, factors: number): Task {
  const confidence = bandWeights.map((weight) => alpha * weight);
  return {
    folder,
    customers,
    products,
    factors,
    regularization: 40,
    confidence,
    threads: Number(process.env.BENCH_THREADS ?? 2),
  };
}
