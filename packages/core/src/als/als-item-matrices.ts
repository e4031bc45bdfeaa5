import { alsMatrices } from '../generated/layouts.ts';
import { type Address, type KernelMemory, nowhere, storeRecord } from '../wasm/memory.ts';
import { blocksOf, type KernelPool } from '../wasm/pool.ts';

/**
 * Largest number of columns for which the hat matrix K = Y A^-1 Y' is stored in double precision. Models with more columns train and
 * score from their factors. A model that combines the scores of such an ALS model calls its `foldIn`.
 */
export const mostHatColumns = 4096;

/** Rows of the hat matrix K that one kernel call computes. */
const hatRows = 64;

/**
 * Item matrices in kernel memory, shared by the systems of all customers. Products and factors are padded with zeros to multiples
 * of 8.
 */
export interface ItemMatrices {
  /** Number of columns, padded to a multiple of 8. */
  readonly products: number;
  /** Number of factors, padded to a multiple of 8. */
  readonly width: number;
  /** Number of factors, without padding. */
  readonly factors: number;
  /** Item factors Y, f64[products x width]. */
  readonly y: Address;
  /** A = Y'Y + lambda E with identity matrix E, f64[width x width], upper triangle. */
  readonly a: Address;
  /** V', f64[width x products], with K = V V'. */
  readonly v: Address;
  /** Z = Y A^-1, f64[products x width]. */
  readonly z: Address;
  /** Hat matrix K, f64[products x products]. `nowhere` if no row is solved in dual form (see `AlsTraining`). */
  readonly hat: Address;
  /** Record of the matrices for kernels, an AlsMatrices (assembly/als/layouts.ts). */
  readonly record: Address;
}

function paddedToEight(count: number): number {
  return Math.ceil(count / 8) * 8;
}

/** Allocates the matrices of `columns` columns with Y = 0. `withHat` also allocates the hat matrix K. */
export function allocateItemMatrices(memory: KernelMemory, columns: number, factors: number, withHat: boolean): ItemMatrices {
  const products = paddedToEight(columns);
  const width = paddedToEight(factors);
  const matrices = {
    ...{ products, width, factors },
    y: memory.allocateZeroed(products * width * 8),
    a: memory.allocate(width * width * 8),
    z: memory.allocate(products * width * 8),
    hat: withHat ? memory.allocate(products * products * 8) : nowhere,
  };
  return { ...matrices, v: memory.allocate(width * products * 8), record: storeRecord(memory, alsMatrices, matrices) };
}

/** Copies item factors, f64[columns x factors], into the padded matrix Y. */
export function storeFactors(memory: KernelMemory, { y, width, factors, products }: ItemMatrices, values: Float64Array): void {
  const target = memory.f64(y, products * width).fill(0);
  for (let i = 0; i * factors < values.length; i++) target.set(values.subarray(i * factors, (i + 1) * factors), i * width);
}

/** Copy of the item factors Y without their padding, f64[columns x factors]. */
export function loadFactors(memory: KernelMemory, { y, width, factors, products }: ItemMatrices, columns: number): Float64Array {
  const source = memory.f64(y, products * width);
  const values = new Float64Array(columns * factors);
  for (let i = 0; i < columns; i++) values.set(source.subarray(i * width, i * width + factors), i * factors);
  return values;
}

/**
 * Computes the matrices A, V, Z and, if allocated, K of `ItemMatrices` from the item factors Y.
 * @returns whether A is positive definite
 */
export async function deriveItemMatrices(pool: KernelPool, items: ItemMatrices, regularization: number): Promise<boolean> {
  const { products, width, factors } = items;
  const [solved] = await pool.run(
    'alsFactors',
    [{ y: items.y, products, factors, width, lambda: regularization, a: items.a, v: items.v, z: items.z }],
    (width + products) * width * 8,
  );
  if (solved !== 1) return false;
  if (items.hat !== nowhere) {
    await pool.run(
      'alsHatRows',
      blocksOf({ from: 0, to: products }, hatRows).map(({ from, to }) => ({
        v: items.v,
        products,
        width,
        from,
        to,
        hat: items.hat,
      })),
    );
  }
  return true;
}

/** Computes the hat matrix K in single precision, f32[products x products], at the address `hat`. Scoring uses it. */
export async function storeHatF32(pool: KernelPool, { v, products, width }: ItemMatrices, hat: Address): Promise<void> {
  await pool.run(
    'alsHatRowsF32',
    blocksOf({ from: 0, to: products }, hatRows).map(({ from, to }) => ({ v, products, width, from, to, hat })),
    hatRows * products * 8,
  );
}
