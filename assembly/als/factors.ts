// Item matrices of implicit ALS, from the item factors Y [products x factors]. Products and factors are padded with zeros to
// multiples of 8.
// Padded factors have 1 on the diagonal of A, so that they stay 0.

import { Bytes } from '../layouts';
import { factorize, solveLowerRows, solveUpperRows } from '../linalg/cholesky';
import { triangularProduct } from '../linalg/packed';
import { addProduct, addSymmetricProduct, transpose } from '../linalg/products';
import { addScaled } from '../linalg/vectors';

/** Adds lambda to the first `factors` diagonal elements of S. Sets the diagonal elements of the padding to 1. */
export function regularize(s: usize, row: usize, factors: u32, padded: u32, lambda: f64): void {
  for (let k: u32 = 0; k < padded; k++) {
    const at = s + k * row + (k << 3);
    store<f64>(at, k < factors ? load<f64>(at) + lambda : 1);
  }
}

/**
 * Matrices derived from Y: A = Y'Y + lambda E = U'U, V' = U'^-1 Y' and Z = Y A^-1, so that K = Y A^-1 Y' = V V'.
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
 * Rows from .. to of K = V V' in f64[products x products], from V' f64[width x products]. The range is even and within the padded
 * products.
 */
export function alsHatRows(v: usize, products: u32, width: u32, from: u32, to: u32, hat: usize): void {
  const long = products << 3;
  memory.fill(hat + from * long, 0, (to - from) * long);
  addProduct(hat + from * long, long, v + (from << 3), 8, long, v, long, to - from, width, products);
}

/** Rows from .. to of K in f32[products x products]. scratch f64[(to - from) x products]. */
export function alsHatRowsF32(v: usize, products: u32, width: u32, from: u32, to: u32, hat: usize, scratch: usize): void {
  const long = products << 3;
  const count = (to - from) * products;
  memory.fill(scratch, 0, count << 3);
  addProduct(scratch, long, v + (from << 3), 8, long, v, long, to - from, width, products);
  const target = hat + ((from * products) << 2);
  for (let i: u32 = 0; i < count; i++) store<f32>(target + (i << 2), <f32>load<f64>(scratch + (i << 3)));
}

/** Writes S = P + W + W' into the upper triangle of S. P is added only from position `added` on (0: no P). */
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
 * Bytes of the sums of one block over short rows: G = sum m w w' f64[products x products], sum m w f64[products], sum m, padding.
 */
export function gramBytes(products: u32): usize {
  return (products * products + products + 8) << 3;
}

/**
 * Sums over all training rows that all products share: X'X, and the sums over short rows.
 * G = U + U', where U is its upper triangle with half the diagonal. Z'GZ = W + W' with W = Z'(U Z).
 * @param gram sums over short rows (see gramBytes), of all blocks together; overwritten (0: none)
 * @param long f64[longBlocks][width x width] sums of m x x' over long rows, upper triangles
 * @param square f64[width x width] out: X'X, upper triangle
 * @param short f64[width x width + width + 1] out: of short rows, sum m x x' = Z'GZ (upper triangle), sum m x, sum m
 * @param scratch f64[width x width + products x width] and triangularBytes(products)
 * @returns the trace of X'X: |X|^2
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

/** Bytes of sums that stay in the first-level cache while blocks are added to them. */
const stretch: usize = 8192;

/** Adds all further blocks to the first one, in order, for bytes from .. to (multiples of 16) of blocks of `bytes` bytes. */
export function sumBlocks(blocks: usize, number: u32, bytes: Bytes, from: Bytes, to: Bytes): void {
  for (; from < to; from += stretch) {
    const end = min(to, from + stretch);
    for (let b: u32 = 1; b < number; b++) {
      const block = blocks + b * bytes;
      for (let i = from; i < end; i += 16) v128.store(blocks + i, f64x2.add(v128.load(blocks + i), v128.load(block + i)));
    }
  }
}
