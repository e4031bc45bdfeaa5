// Kernels that measure the machine's limits (memory bandwidth, multiply-adds), and one part of the ALS item half-step in isolation.
// bench/kernels/limits.bench.ts compiles this file to a separate binary. The product's binary does not contain it.
import { addWithTransposed, regularize } from './als/factors';
import { factorize, solveFactorized } from './linalg/cholesky';
import { triangularProduct } from './linalg/packed';
import { addProduct } from './linalg/products';

/** Copies `bytes` bytes, a multiple of 64, to measure the bandwidth of reads and writes. */
export function copyBytes(from: usize, to: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 64, to += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
}

/**
 * Reads `bytes` bytes, a multiple of 64, to measure the bandwidth of reads.
 * Returns a value that depends on every byte read. Without such a result the compiler would remove the reads.
 */
export function readBytes(from: usize, bytes: usize): i32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (const end = from + bytes; from < end; from += 64) {
    a = v128.or(a, v128.load(from));
    b = v128.or(b, v128.load(from, 16));
    c = v128.or(c, v128.load(from, 32));
    d = v128.or(d, v128.load(from, 48));
  }
  return i32x4.bitmask(v128.or(v128.or(a, b), v128.or(c, d)));
}

/** Runs 48 multiply-adds of f32 (twelve vectors of four) in each of `rounds` rounds. The twelve chains are independent and stay in registers. */
export function multiplyAddF32(rounds: u32, factor: f32): f32 {
  const x = f32x4.splat(factor);
  let a = f32x4.splat(1);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  let i = a;
  let j = a;
  let k = a;
  let l = a;
  for (let round: u32 = 0; round < rounds; round++) {
    a = f32x4.add(x, f32x4.mul(x, a));
    b = f32x4.add(x, f32x4.mul(x, b));
    c = f32x4.add(x, f32x4.mul(x, c));
    d = f32x4.add(x, f32x4.mul(x, d));
    e = f32x4.add(x, f32x4.mul(x, e));
    f = f32x4.add(x, f32x4.mul(x, f));
    g = f32x4.add(x, f32x4.mul(x, g));
    h = f32x4.add(x, f32x4.mul(x, h));
    i = f32x4.add(x, f32x4.mul(x, i));
    j = f32x4.add(x, f32x4.mul(x, j));
    k = f32x4.add(x, f32x4.mul(x, k));
    l = f32x4.add(x, f32x4.mul(x, l));
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(a, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}

/**
 * Fixed work of the ALS item half-step for one product: the part that does not depend on the number of customers (see alsItems).
 *   W = Z'(U Z),   S = P + W + W' + lambda E,   Cholesky of S,   y solves S y = v
 * U holds sums of weight products, Z maps weights to factors, P is the square of the customer factors, E the identity.
 * @param u f64[size x size]: U, upper triangular, without zeros in that triangle
 * @param z f64[size x width]: Z
 * @param p f64[width x width]: P
 * @param v f64[width]: right side in, solution y out
 * @param size number of products, padded to a multiple of 8
 * @param width number of factors, padded to a multiple of 8
 * @param scratch f64[(size + 2 x width) x width], then triangularBytes(size) bytes
 * @returns whether S is positive definite
 */
export function solveProduct(u: usize, z: usize, p: usize, v: usize, size: u32, width: u32, lambda: f64, scratch: usize): bool {
  const row = width << 3;
  const uz = scratch;
  const w = uz + size * row;
  const system = w + width * row;
  memory.fill(w, 0, width * row);
  triangularProduct(uz, row, u, size << 3, z, row, size, width, system + width * row);
  addProduct(w, row, z, 8, row, uz, row, width, size, width);
  addWithTransposed(system, w, p, width);
  regularize(system, row, width, width, lambda);
  if (!factorize(system, row, width)) return false;
  solveFactorized(system, row, width, v);
  return true;
}
