// Sums of clusters as fixed-point integers. Adding and removing rows is exact, so sums do not depend on the order of rows.

import { PointRows } from './layouts';

/** 1.5 x 2^52. Adding it to an f64 below 2^51 leaves the nearest integer in the low bits of the sum. */
const MAGIC: f64 = 6755399441055744.0;

/** Weight of row i. */
export function rowWeight(points: PointRows, i: u32): f64 {
  return points.weight ? load<f64>(points.weight + ((<usize>i) << 3)) : 1.0;
}

/** Fixed-point integer of v: the nearest, halves to even. */
function fixed(v: f64): i64 {
  return reinterpret<i64>(v + MAGIC) - reinterpret<i64>(MAGIC);
}

/**
 * Adds a row to a cluster's sums at `to`, and subtracts it from another cluster's sums at `from`. Address 0 means no cluster.
 * @param row f32[d]: numbers of the row
 * @param codes u16[c]: categories of the row
 * @param w weight of the row
 * @param to, from i64[d + categories + 1]
 * @param scales f64[d + 1]: factors to fixed point, one for each number, then one for weights
 */
export function account(
  row: usize,
  codes: usize,
  w: f64,
  d: u32,
  c: u32,
  to: usize,
  from: usize,
  scales: usize,
  categories: u32,
): void {
  const factor = f64x2.splat(w);
  const magic = f64x2.splat(MAGIC);
  let f: u32 = 0;
  for (; f + 2 <= d; f += 2) {
    const at = (<usize>f) << 3;
    const x = f64x2.promote_low_f32x4(v128.load64_zero(row + ((<usize>f) << 2)));
    const v = f64x2.mul(f64x2.mul(factor, x), v128.load(scales + at));
    const whole = i64x2.sub(f64x2.add(v, magic), magic);
    if (to) v128.store(to + at, i64x2.add(v128.load(to + at), whole));
    if (from) v128.store(from + at, i64x2.sub(v128.load(from + at), whole));
  }
  if (f < d) {
    const at = (<usize>f) << 3;
    const whole = fixed(w * <f64>load<f32>(row + ((<usize>f) << 2)) * load<f64>(scales + at));
    if (to) store<i64>(to + at, load<i64>(to + at) + whole);
    if (from) store<i64>(from + at, load<i64>(from + at) - whole);
  }
  const mass = fixed(w * load<f64>(scales + ((<usize>d) << 3)));
  const counts = (<usize>d) << 3;
  for (let q: u32 = 0; q <= c; q++) {
    // The total weight of a cluster is stored after the weights of its categories.
    const u = q < c ? <u32>load<u16>(codes + ((<usize>q) << 1)) : categories;
    const at = counts + ((<usize>u) << 3);
    if (to) store<i64>(to + at, load<i64>(to + at) + mass);
    if (from) store<i64>(from + at, load<i64>(from + at) - mass);
  }
}

/** Adds `count` arrays of sums to one array. @param target i64[length] @param parts i64[count x length] */
export function addSums(target: usize, parts: usize, count: u32, length: u32): void {
  for (let b: u32 = 0; b < count; b++) {
    const part = parts + <usize>b * ((<usize>length) << 3);
    for (let i: u32 = 0; i < length; i++) {
      const at = target + ((<usize>i) << 3);
      store<i64>(at, load<i64>(at) + load<i64>(part + ((<usize>i) << 3)));
    }
  }
}

/** Adds row i to the sums of a cluster if `sign` is 1, and subtracts it if `sign` is -1. */
export function accountRow(points: usize, i: u32, scales: usize, sums: usize, sign: i32): void {
  const given = changetype<PointRows>(points);
  const d = given.d;
  const c = given.c;
  const row = given.numeric + <usize>i * ((<usize>d) << 2);
  const codes = given.codes + <usize>i * ((<usize>c) << 1);
  account(row, codes, rowWeight(given, i), d, c, sign > 0 ? sums : 0, sign > 0 ? 0 : sums, scales, given.categories);
}
