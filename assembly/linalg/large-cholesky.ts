// Cholesky factor S = L L' of one large symmetric matrix of f64, by blocks of columns that fit the cache.
//   l_ij = (s_ij - l_i0 l_j0 - l_i1 l_j1 - ... - l_i,j-1 l_j,j-1) / l_jj
// The products are subtracted in this order for any block size. L is therefore bit-equal to that of packages/core/src/numbers/cholesky.ts.
import { real } from '../numbers/memory';
import { smallestPivot } from './cholesky';

/** Number of finished columns that are subtracted from the remaining matrix in one pass. */
const block: u32 = 32;

/** Address of an element of a matrix with rows f64[size]. */
function at(matrix: usize, size: u32, row: u32, column: u32): usize {
  return matrix + ((<usize>(row * size + column)) << 3);
}

/**
 * Computes the columns `from` .. `to` of L. The caller has subtracted the columns before `from`. Returns false if a pivot is too small.
 * @param diagonal f64[size]: diagonal of S
 */
function finishColumns(matrix: usize, size: u32, from: u32, to: u32, diagonal: usize): bool {
  for (let k = from; k < to; k++) {
    const rest = load<f64>(at(matrix, size, k, k));
    if (!(rest > smallestPivot * real(diagonal, k))) return false;
    const pivot = Math.sqrt(rest);
    store<f64>(at(matrix, size, k, k), pivot);
    for (let i = k + 1; i < size; i++) {
      const cell = at(matrix, size, i, k);
      const value = load<f64>(cell) / pivot;
      store<f64>(cell, value);
      // Subtracts l_ik l_jk for the columns j of this block. Column k is final in the rows up to i.
      for (let j = k + 1, last = min(to, i + 1); j < last; j++) {
        const target = at(matrix, size, i, j);
        const factor = load<f64>(at(matrix, size, j, k));
        store<f64>(target, load<f64>(target) - value * factor);
      }
    }
  }
  return true;
}

/**
 * Subtracts the products of columns `from` .. `to` from the elements of row i, from column `to` to the diagonal.
 * @param lines f64[(to - from) x size]: columns `from` .. `to` of L, transposed
 */
function takeOff(matrix: usize, size: u32, from: u32, to: u32, i: u32, lines: usize): void {
  const left = at(matrix, size, i, from);
  const columns = to - from;
  const row = (<usize>size) << 3;
  let j = to;
  // A vector may pass the diagonal. Elements above the diagonal get arbitrary values, which are never read.
  for (; j <= i && j + 8 <= size; j += 8) {
    const target = at(matrix, size, i, j);
    let a = v128.load(target);
    let b = v128.load(target, 16);
    let c = v128.load(target, 32);
    let d = v128.load(target, 48);
    let line = lines + ((<usize>j) << 3);
    for (let k: u32 = 0; k < columns; k++, line += row) {
      const factor = v128.load64_splat(left + ((<usize>k) << 3));
      a = f64x2.sub(a, f64x2.mul(factor, v128.load(line)));
      b = f64x2.sub(b, f64x2.mul(factor, v128.load(line, 16)));
      c = f64x2.sub(c, f64x2.mul(factor, v128.load(line, 32)));
      d = f64x2.sub(d, f64x2.mul(factor, v128.load(line, 48)));
    }
    v128.store(target, a);
    v128.store(target, b, 16);
    v128.store(target, c, 32);
    v128.store(target, d, 48);
  }
  for (; j <= i; j++) {
    const target = at(matrix, size, i, j);
    let rest = load<f64>(target);
    for (let k: u32 = 0; k < columns; k++) rest -= real(left, k) * load<f64>(at(lines, size, k, j));
    store<f64>(target, rest);
  }
}

/**
 * Cholesky S = L L' of a matrix f64[size x size], in place in the lower triangle.
 * The upper triangle is not read. Its content is arbitrary afterwards.
 * @param scratch f64[33 x size]: the diagonal of S, then 32 transposed columns
 * @returns whether the matrix is positive definite
 */
export function factorizeLower(matrix: usize, size: u32, scratch: usize): bool {
  const diagonal = scratch;
  const lines = scratch + ((<usize>size) << 3);
  for (let i: u32 = 0; i < size; i++) store<f64>(diagonal + ((<usize>i) << 3), load<f64>(at(matrix, size, i, i)));
  for (let from: u32 = 0; from < size; from += block) {
    const to = min(size, from + block);
    if (!finishColumns(matrix, size, from, to, diagonal)) return false;
    for (let i = to; i < size; i++) {
      for (let k = from; k < to; k++) store<f64>(at(lines, size, k - from, i), load<f64>(at(matrix, size, i, k)));
    }
    for (let i = to; i < size; i++) takeOff(matrix, size, from, to, i, lines);
  }
  return true;
}
