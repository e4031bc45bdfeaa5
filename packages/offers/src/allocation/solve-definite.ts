import { type KernelPool, solveCholesky } from '@basketwise/core/parts';

/** Rows of scratch space, each as long as a row of the matrix (assembly/linalg/large-cholesky.ts). */
const scratchLines = 33;

/** Symmetric system: (matrix + diagonal) x = right. */
export interface SymmetricSystem {
  /** Matrix f64[size x size]. Only its lower triangle is read. */
  matrix: Float64Array;
  /** Numbers added to the diagonal, f64[size]. */
  diagonal: Float64Array;
  right: Float64Array;
}

/**
 * Solves a symmetric system of hundreds of rows by a kernel on the calling thread. Bit-equal to `factorize` and `solveCholesky`
 * (cholesky.ts).
 * @returns null if it is not positive definite
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
