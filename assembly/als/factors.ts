// Item matrices of implicit ALS, computed from the item factors Y [products x factors].
// The numbers of products and of factors are padded to multiples of 8. The padding of Y is 0.
// The padded part of A has 1 on its diagonal, so that the padding of solutions stays 0.

import { Bytes } from '../layouts';
import { factorize, solveLowerRows, solveUpperRows } from '../linalg/cholesky';
import { triangularProduct } from '../linalg/packed';
import { addProduct, addSymmetricProduct, transpose } from '../linalg/products';
import { addScaled } from '../linalg/vectors';

/** Adds lambda to the first `factors` diagonal elements of S f64[padded x padded]. Sets the other diagonal elements to 1. */
export function regularize(s: usize, row: usize, factors: u32, padded: u32, lambda: f64): void {
  for (let k: u32 = 0; k < padded; k++) {
    const at = s + k * row + (k << 3);
    store<f64>(at, k < factors ? load<f64>(at) + lambda : 1);
  }
}

/**
 * Computes matrices from Y:
 *   A = Y'Y + lambda E = U'U (E identity, U upper triangular),   V' = U'^-1 Y',   Z = Y A^-1
 * The hat matrix is K = Y A^-1 Y' = V V'.
 * @param y f64[products x width]: Y
 * @param a f64[width x width] out: A, upper triangle
 * @param v f64[width x products] out: V', one row per factor
 * @param z f64[products x width] out: Z
 * @param scratch f64[width x width + width x products]
 * @returns 1, or 0 if A is not positive definite
 */
export function alsFactors(
  y: usize,
  products: u32,
  factors: u32,
  width: u32,
  lambda: f64,
  a: usize,
  v: usize,
  z: usize,
  scratch: usize,
): u32 {
  const row = width << 3;
  const long = products << 3;
  const u = scratch;
  const solved = scratch + width * row;
  memory.fill(a, 0, width * row);
  addSymmetricProduct(a, row, y, 8, row, y, row, width, products);
  regularize(a, row, factors, width, lambda);
  memory.copy(u, a, width * row);
  if (!factorize(u, row, width)) return 0;
  transpose(v, long, y, row, products, width);
  solveLowerRows(u, row, width, v, long, products);
  memory.copy(solved, v, width * long);
  solveUpperRows(u, row, width, solved, long, products);
  transpose(z, row, solved, long, width, products);
  return 1;
}

/**
 * Computes the rows `from` .. `to` of the hat matrix K = V V'. `from` and `to` are even, and at most the padded number of products.
 * @param v f64[width x products]: V'
 * @param hat f64[products x products] out: K
 */
export function alsHatRows(v: usize, products: u32, width: u32, from: u32, to: u32, hat: usize): void {
  const long = products << 3;
  memory.fill(hat + from * long, 0, (to - from) * long);
  addProduct(hat + from * long, long, v + (from << 3), 8, long, v, long, to - from, width, products);
}

/** Rows `from` .. `to` of K in f32 (see alsHatRows). @param hat f32[products x products] out @param scratch f64[(to - from) x products] */
export function alsHatRowsF32(v: usize, products: u32, width: u32, from: u32, to: u32, hat: usize, scratch: usize): void {
  const long = products << 3;
  const count = (to - from) * products;
  memory.fill(scratch, 0, count << 3);
  addProduct(scratch, long, v + (from << 3), 8, long, v, long, to - from, width, products);
  const target = hat + ((from * products) << 2);
  for (let i: u32 = 0; i < count; i++) store<f32>(target + (i << 2), <f32>load<f64>(scratch + (i << 3)));
}

/**
 * Writes S = P + W + W' into the upper triangle of S, all f64[size x size].
 * @param added address of P; 0: S = W + W'
 */
export function addWithTransposed(s: usize, w: usize, added: usize, size: u32): void {
  const row = size << 3;
  for (let i: u32 = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const at = i * row + (j << 3);
      let sum = load<f64>(w + at) + load<f64>(w + j * row + (i << 3));
      if (added) sum += load<f64>(added + at);
      store<f64>(s + at, sum);
    }
  }
}

/**
 * Bytes of the sums over the short rows of one block: G = sum of m w w', f64[products x products]; the moments sum of m w,
 * f64[products], and sum of m, f64; then padding.
 */
export function gramBytes(products: u32): usize {
  return (products * products + products + 8) << 3;
}

/**
 * Computes the sums over all training rows that the item half-steps of all products share: X'X, and the sums over short rows.
 * For short rows x = Z'w, so that sum of m x x' = Z'GZ. With U the upper triangle of G and half its diagonal:
 *   G = U + U',   W = Z'(U Z),   Z'GZ = W + W'
 * @param gram sums over the short rows of all blocks (see gramBytes); overwritten. 0: no short rows
 * @param long f64[longBlocks][width x width]: sum of m x x' over the long rows of each block, upper triangles
 * @param square f64[width x width] out: X'X = sum of m x x' over all rows, upper triangle
 * @param short f64[width x width + width + 1] out: sums over short rows of m x x' (upper triangle), of m x, and of m
 * @param scratch f64[width x width + products x width], then triangularBytes(products)
 * @returns trace of X'X, which is |X|^2
 */
export function alsCustomerSquare(
  gram: usize,
  products: u32,
  z: usize,
  long: usize,
  longBlocks: u32,
  width: u32,
  square: usize,
  short: usize,
  scratch: usize,
): f64 {
  const row = width << 3;
  const wide = products << 3;
  const w = scratch;
  const p = scratch + width * row;
  const moment = short + width * row;
  memory.fill(w, 0, width * row);
  memory.fill(moment, 0, row + 8);
  if (gram) {
    const weights = gram + products * wide;
    for (let i: u32 = 0; i < products; i++) {
      const at = gram + i * wide + (i << 3);
      store<f64>(at, 0.5 * load<f64>(at));
      addScaled(moment, z + i * row, load<f64>(weights + (i << 3)), width);
    }
    store<f64>(moment + row, load<f64>(weights + wide));
    triangularProduct(p, row, gram, wide, z, row, products, width, p + products * row);
    addProduct(w, row, z, 8, row, p, row, width, products, width);
  }
  if (longBlocks) sumBlocks(long, longBlocks, width * row, 0, width * row);
  addWithTransposed(short, w, 0, width);
  addWithTransposed(square, w, longBlocks ? long : 0, width);
  let trace: f64 = 0;
  for (let k: u32 = 0; k < width; k++) trace += load<f64>(square + k * row + (k << 3));
  return trace;
}

/** Number of bytes that are summed over all blocks before the next bytes. They stay in the first-level cache. */
const stretch: usize = 8192;

/**
 * Adds all other blocks of f64 to the first block, in order.
 * @param blocks `number` blocks of `bytes` bytes each
 * @param from, to range of bytes within a block, multiples of 16
 */
export function sumBlocks(blocks: usize, number: u32, bytes: Bytes, from: Bytes, to: Bytes): void {
  for (; from < to; from += stretch) {
    const end = min(to, from + stretch);
    for (let b: u32 = 1; b < number; b++) {
      const block = blocks + b * bytes;
      for (let i = from; i < end; i += 16) v128.store(blocks + i, f64x2.add(v128.load(blocks + i), v128.load(block + i)));
    }
  }
}
