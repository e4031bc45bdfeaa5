import { type KernelPool, solveCholesky } from '@basketwise/core/parts';

/** Number of rows of scratch space of the kernel, each as long as a row of the matrix (assembly/linalg/large-cholesky.ts). */
const scratchLines = 33;

/** Symmetric linear system: (matrix + diagonal) x = right, to solve for x. */
export interface SymmetricSystem {
  /** Matrix f64[size x size]. Only its lower triangle is read. */
  matrix: Float64Array;
  /** Numbers added to the diagonal, f64[size]. */
  diagonal: Float64Array;
  right: Float64Array;
}

/**
 * Solves a symmetric system of hundreds of rows by a kernel on the calling thread.
 * The result is bit-equal to that of `factorize` and `solveCholesky` (cholesky.ts in @basketwise/core).
 * @returns x; null if the matrix is not positive definite
 */
export function solveDefinite(pool: KernelPool, { matrix, diagonal, right }: SymmetricSystem): Float64Array | null {
  const { memory } = pool;
  const size = right.length;
  const mark = memory.mark();
  const stored = memory.store(matrix);
  const own = memory.f64(stored, size * size);
  for (let i = 0; i < size; i++) own[i * size + i]! += diagonal[i]!;
  const isDefinite = pool.call('factorizeLower', { matrix: stored, size }, scratchLines * size * 8) === 1;
  const found = isDefinite ? solveCholesky(memory.f64(stored, size * size), size, right) : null;
  memory.release(mark);
  return found;
}
