// k-means, k-prototypes and k-modes are one kernel. A row is d numbers and c categories; a centre is d numbers and a cost per category:
//
//   distance(row, j) = sum_f (row_f - centre_fj)^2 + sum_q cost[code_q][j]
//
//   one-hot column q of weight v: cost[code][j] = v * sum_u ([u = code] - share_uj)^2     share_uj: category u's share of cluster j
//   native column q of weight v:  cost[code][j] = v * gamma * [code is not the mode of j]
//
// Both are squared Euclidean distances of an embedding (native: vertices at distance sqrt(v * gamma)), so the triangle inequality holds
// for their roots and Hamerly's bounds (Making k-means even faster, 2010) skip work without changing any label.
//
// Memory of one problem: k centres, kp = k rounded up to a multiple of 4 (the padding is at infinite distance)
//   numeric  f32[rows x d]      codes  u16[rows x c], numbered across all columns      weight  f64[rows], or address 0: all 1
//   label    u16[rows]          upper, lower  f32[rows]: bounds on the distance to the own and to the second nearest centre
//   centres  f64[d x kp]        costs  f64[categories x kp]
//   sums     i64[k x (d + categories + 1)]: fixed-point sums of weight * value, weight per category, weight

/** A row that belongs to no cluster yet. */
const NONE: u32 = 0xffff;
/** Bounds are f32 and widened by more than all rounding on their way. */
const WIDER: f64 = 1.0 + 1.0 / 2097152.0;
const NARROWER: f64 = 1.0 - 1.0 / 2097152.0;
/** Up to this many centres, all distances cost little more than one. */
const ALL_AT_ONCE: u32 = 16;
/** Adding it puts the nearest integer of a number below 2^51 into the low bits. */
const MAGIC: f64 = 6755399441055744.0;

/** v as an integer of the fixed-point sums: nearest, halves to even. */
function fixed(v: f64): i64 {
  return reinterpret<i64>(v + MAGIC) - reinterpret<i64>(MAGIC);
}

/** out[j] = distance(row, j) for all kp centres: numbers in order, then categories in order. */
function distances(row: usize, codes: usize, d: u32, c: u32, kp: u32, centres: usize, costs: usize, out: usize): void {
  const stride = (<usize>kp) << 3;
  let j: u32 = 0;
  for (; j + 8 <= kp; j += 8) {
    const lane = (<usize>j) << 3;
    let a0 = f64x2.splat(0.0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const x = f64x2.splat(<f64>load<f32>(row + ((<usize>f) << 2)));
      const t0 = f64x2.sub(x, v128.load(p));
      const t1 = f64x2.sub(x, v128.load(p, 16));
      const t2 = f64x2.sub(x, v128.load(p, 32));
      const t3 = f64x2.sub(x, v128.load(p, 48));
      a0 = f64x2.add(a0, f64x2.mul(t0, t0));
      a1 = f64x2.add(a1, f64x2.mul(t1, t1));
      a2 = f64x2.add(a2, f64x2.mul(t2, t2));
      a3 = f64x2.add(a3, f64x2.mul(t3, t3));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f64x2.add(a0, v128.load(p));
      a1 = f64x2.add(a1, v128.load(p, 16));
      a2 = f64x2.add(a2, v128.load(p, 32));
      a3 = f64x2.add(a3, v128.load(p, 48));
    }
    v128.store(out + lane, a0);
    v128.store(out + lane, a1, 16);
    v128.store(out + lane, a2, 32);
    v128.store(out + lane, a3, 48);
  }
  if (j < kp) {
    const lane = (<usize>j) << 3;
    let a0 = f64x2.splat(0.0);
    let a1 = a0;
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const x = f64x2.splat(<f64>load<f32>(row + ((<usize>f) << 2)));
      const t0 = f64x2.sub(x, v128.load(p));
      const t1 = f64x2.sub(x, v128.load(p, 16));
      a0 = f64x2.add(a0, f64x2.mul(t0, t0));
      a1 = f64x2.add(a1, f64x2.mul(t1, t1));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f64x2.add(a0, v128.load(p));
      a1 = f64x2.add(a1, v128.load(p, 16));
    }
    v128.store(out + lane, a0);
    v128.store(out + lane, a1, 16);
  }
}

/** distance(row, j) for one centre, in the same order as `distances`. */
function distance(row: usize, codes: usize, d: u32, c: u32, kp: u32, centres: usize, costs: usize, j: u32): f64 {
  const stride = (<usize>kp) << 3;
  let p = centres + ((<usize>j) << 3);
  let sum: f64 = 0;
  for (let f: u32 = 0; f < d; f++) {
    const t = <f64>load<f32>(row + ((<usize>f) << 2)) - load<f64>(p);
    sum += t * t;
    p += stride;
  }
  p = costs + ((<usize>j) << 3);
  for (let q: u32 = 0; q < c; q++) sum += load<f64>(p + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride);
  return sum;
}

/**
 * `distances` in f32, four centres a vector: half the work, for the many rows whose nearest centre is beyond doubt. Relative error of a
 * root: below (d + c + 4) * 2^-23 next to that of the rounded centres.
 */
function quickDistances(row: usize, codes: usize, d: u32, c: u32, kp: u32, centres: usize, costs: usize, out: usize): void {
  const stride = (<usize>kp) << 2;
  let j: u32 = 0;
  for (; j + 8 <= kp; j += 8) {
    const lane = (<usize>j) << 2;
    let a0 = f32x4.splat(0.0);
    let a1 = a0;
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const x = v128.load32_splat(row + ((<usize>f) << 2));
      const t0 = f32x4.sub(x, v128.load(p));
      const t1 = f32x4.sub(x, v128.load(p, 16));
      a0 = f32x4.add(a0, f32x4.mul(t0, t0));
      a1 = f32x4.add(a1, f32x4.mul(t1, t1));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f32x4.add(a0, v128.load(p));
      a1 = f32x4.add(a1, v128.load(p, 16));
    }
    v128.store(out + lane, a0);
    v128.store(out + lane, a1, 16);
  }
  if (j < kp) {
    const lane = (<usize>j) << 2;
    let a0 = f32x4.splat(0.0);
    let p = centres + lane;
    for (let f: u32 = 0; f < d; f++) {
      const t0 = f32x4.sub(v128.load32_splat(row + ((<usize>f) << 2)), v128.load(p));
      a0 = f32x4.add(a0, f32x4.mul(t0, t0));
      p += stride;
    }
    for (let q: u32 = 0; q < c; q++) {
      p = costs + lane + <usize>load<u16>(codes + ((<usize>q) << 1)) * stride;
      a0 = f32x4.add(a0, v128.load(p));
    }
    v128.store(out + lane, a0);
  }
}

/** Rounds `count` f64 at `from` to f32 at `to`. */
function roundAll(from: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<f32>(to + ((<usize>i) << 2), <f32>load<f64>(from + ((<usize>i) << 3)));
}

/** How far rounding to f32 moves a centre at most; tiny numbers whose squares vanish are in it. */
function roundingDistance(centres: usize, rounded: usize, d: u32, k: u32, kp: u32): f64 {
  let farthest: f64 = 0;
  for (let j: u32 = 0; j < k; j++) {
    let sum: f64 = 0;
    for (let f: u32 = 0; f < d; f++) {
      const at = <usize>(f * kp + j);
      const t = load<f64>(centres + (at << 3)) - <f64>load<f32>(rounded + (at << 2));
      sum += t * t;
    }
    farthest = max(farthest, sum);
  }
  return Math.sqrt(farthest) * WIDER + 1e-18;
}

/** Adds (sign 1) or takes (sign -1) a row to or from a cluster's sums; scales f64[d + 1]: per number, then of weights. */
function account(row: usize, codes: usize, w: f64, d: u32, c: u32, sums: usize, scales: usize, categories: u32, sign: i64): void {
  const factor = f64x2.splat(w);
  const magic = f64x2.splat(MAGIC);
  let f: u32 = 0;
  for (; f + 2 <= d; f += 2) {
    const at = sums + ((<usize>f) << 3);
    const x = f64x2.promote_low_f32x4(v128.load64_zero(row + ((<usize>f) << 2)));
    const v = f64x2.mul(f64x2.mul(factor, x), v128.load(scales + ((<usize>f) << 3)));
    const whole = i64x2.sub(f64x2.add(v, magic), magic);
    const old = v128.load(at);
    v128.store(at, sign > 0 ? i64x2.add(old, whole) : i64x2.sub(old, whole));
  }
  if (f < d) {
    const at = sums + ((<usize>f) << 3);
    const v = fixed(w * <f64>load<f32>(row + ((<usize>f) << 2)) * load<f64>(scales + ((<usize>f) << 3)));
    store<i64>(at, load<i64>(at) + sign * v);
  }
  const mass = sign * fixed(w * load<f64>(scales + ((<usize>d) << 3)));
  const counts = sums + ((<usize>d) << 3);
  for (let q: u32 = 0; q < c; q++) {
    const at = counts + ((<usize>load<u16>(codes + ((<usize>q) << 1))) << 3);
    store<i64>(at, load<i64>(at) + mass);
  }
  const at = counts + ((<usize>categories) << 3);
  store<i64>(at, load<i64>(at) + mass);
}

/**
 * One Lloyd assignment of rows from .. to: each row to its nearest centre, ties to the lowest number; `sums` becomes what the moved rows
 * change. `moves` f64[k x 3]: how far each centre moved since the last call, how far any other one did at most, and half the way to the
 * nearest other centre. Returns the number of rows that moved. `scratch`: f64[kp], f32[kp x (1 + d + categories)].
 */
export function assignRows(
  numeric: usize,
  codes: usize,
  weight: usize,
  label: usize,
  upper: usize,
  lower: usize,
  from: u32,
  to: u32,
  d: u32,
  c: u32,
  categories: u32,
  k: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  moves: usize,
  scales: usize,
  sums: usize,
  scratch: usize,
): u32 {
  const width = (<usize>(d + categories + 1)) << 3;
  memory.fill(sums, 0, <usize>k * width);
  const quick = scratch + ((<usize>kp) << 3);
  const roundCentres = quick + ((<usize>kp) << 2);
  const roundCosts = roundCentres + ((<usize>(d * kp)) << 2);
  roundAll(centres, roundCentres, d * kp);
  roundAll(costs, roundCosts, categories * kp);
  const rounding = roundingDistance(centres, roundCentres, d, k, kp);
  const relative = <f64>(d + c + 4) / 8388608.0;
  let moved: u32 = 0;
  for (let i = from; i < to; i++) {
    const row = numeric + <usize>i * ((<usize>d) << 2);
    const code = codes + <usize>i * ((<usize>c) << 1);
    const old = <u32>load<u16>(label + ((<usize>i) << 1));
    const u = upper + ((<usize>i) << 2);
    const l = lower + ((<usize>i) << 2);
    if (old !== NONE) {
      const move = moves + <usize>old * 24;
      let high = (<f64>load<f32>(u) + load<f64>(move)) * WIDER;
      const low = max(<f64>load<f32>(l) - load<f64>(move, 8), 0.0) * NARROWER;
      const bound = max(low, load<f64>(move, 16));
      store<f32>(l, <f32>low);
      if (high < bound) {
        store<f32>(u, <f32>high);
        continue;
      }
      if (k > ALL_AT_ONCE) {
        high = Math.sqrt(distance(row, code, d, c, kp, centres, costs, old)) * WIDER;
        if (high < bound) {
          store<f32>(u, <f32>high);
          continue;
        }
      }
    }
    quickDistances(row, code, d, c, kp, roundCentres, roundCosts, quick);
    let near: f32 = Infinity;
    let next: f32 = Infinity;
    let own: u32 = 0;
    for (let j: u32 = 0; j < k; j++) {
      const value = load<f32>(quick + ((<usize>j) << 2));
      const nearer = value < near;
      next = select<f32>(near, select<f32>(value, next, value < next), nearer);
      near = select<f32>(value, near, nearer);
      own = select<u32>(j, own, nearer);
    }
    let first = Math.sqrt(<f64>near) * (1.0 + relative) + rounding;
    let second = Math.sqrt(<f64>next) * (1.0 - relative) - rounding;
    if (!(first < second)) {
      distances(row, code, d, c, kp, centres, costs, scratch);
      first = Infinity;
      second = Infinity;
      own = 0;
      for (let j: u32 = 0; j < k; j++) {
        const value = load<f64>(scratch + ((<usize>j) << 3));
        if (value < first) {
          second = first;
          first = value;
          own = j;
        } else if (value < second) second = value;
      }
      first = Math.sqrt(first);
      second = Math.sqrt(second);
    }
    store<f32>(u, <f32>(first * WIDER));
    store<f32>(l, <f32>(second * NARROWER));
    if (own === old) continue;
    moved++;
    store<u16>(label + ((<usize>i) << 1), <u16>own);
    const w = weight ? load<f64>(weight + ((<usize>i) << 3)) : 1.0;
    account(row, code, w, d, c, sums + <usize>own * width, scales, categories, 1);
    if (old !== NONE) account(row, code, w, d, c, sums + <usize>old * width, scales, categories, -1);
  }
  return moved;
}

/** target[i] += sum over the `count` arrays of i64[length] behind `parts`. Integers: no order matters. */
export function addSums(target: usize, parts: usize, count: u32, length: u32): void {
  for (let b: u32 = 0; b < count; b++) {
    const part = parts + <usize>b * ((<usize>length) << 3);
    for (let i: u32 = 0; i < length; i++) {
      const at = target + ((<usize>i) << 3);
      store<i64>(at, load<i64>(at) + load<i64>(part + ((<usize>i) << 3)));
    }
  }
}

/** Sum over rows from .. to of weight * distance to the own centre: a block of the cost. */
export function costOfRows(
  numeric: usize,
  codes: usize,
  weight: usize,
  label: usize,
  from: u32,
  to: u32,
  d: u32,
  c: u32,
  kp: u32,
  centres: usize,
  costs: usize,
): f64 {
  let sum: f64 = 0;
  for (let i = from; i < to; i++) {
    const row = numeric + <usize>i * ((<usize>d) << 2);
    const code = codes + <usize>i * ((<usize>c) << 1);
    const w = weight ? load<f64>(weight + ((<usize>i) << 3)) : 1.0;
    sum += w * distance(row, code, d, c, kp, centres, costs, <u32>load<u16>(label + ((<usize>i) << 1)));
  }
  return sum;
}

/**
 * The row of from .. to that is farthest from its own centre, the last of equals, among those not in `taken` u32[count]. Returns its
 * number, or `none` where every distance is 0; stores the distance to `out`.
 */
export function farthestRow(
  numeric: usize,
  codes: usize,
  label: usize,
  from: u32,
  to: u32,
  d: u32,
  c: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  taken: usize,
  count: u32,
  none: u32,
  out: usize,
): u32 {
  let farthest: f64 = 0;
  let found = none;
  for (let i = from; i < to; i++) {
    const row = numeric + <usize>i * ((<usize>d) << 2);
    const code = codes + <usize>i * ((<usize>c) << 1);
    const value = distance(row, code, d, c, kp, centres, costs, <u32>load<u16>(label + ((<usize>i) << 1)));
    if (value === 0 || value < farthest) continue;
    let free = true;
    for (let t: u32 = 0; t < count; t++) if (load<u32>(taken + ((<usize>t) << 2)) === i) free = false;
    if (!free) continue;
    farthest = value;
    found = i;
  }
  store<f64>(out, farthest);
  return found;
}

/** Adds row i to the sums of one cluster (sign 1) or takes it away (sign -1). */
export function accountRow(
  numeric: usize,
  codes: usize,
  weight: usize,
  i: u32,
  d: u32,
  c: u32,
  categories: u32,
  scales: usize,
  sums: usize,
  sign: i32,
): void {
  const w = weight ? load<f64>(weight + ((<usize>i) << 3)) : 1.0;
  const row = numeric + <usize>i * ((<usize>d) << 2);
  account(row, codes + <usize>i * ((<usize>c) << 1), w, d, c, sums, scales, categories, sign);
}

/**
 * For k-means++: sums out[j] = sum over rows from .. to of weight * min(closest, distance(row, j)) for kp candidate centres. With `keep`
 * the minimum over the first centre becomes the row's `closest` f64[rows]. `scratch`: f64[kp].
 */
export function candidateCosts(
  numeric: usize,
  codes: usize,
  weight: usize,
  closest: usize,
  from: u32,
  to: u32,
  d: u32,
  c: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  keep: u32,
  out: usize,
  scratch: usize,
): void {
  memory.fill(out, 0, (<usize>kp) << 3);
  for (let i = from; i < to; i++) {
    const row = numeric + <usize>i * ((<usize>d) << 2);
    distances(row, codes + <usize>i * ((<usize>c) << 1), d, c, kp, centres, costs, scratch);
    const w = weight ? load<f64>(weight + ((<usize>i) << 3)) : 1.0;
    const near = closest + ((<usize>i) << 3);
    const old = load<f64>(near);
    for (let j: u32 = 0; j < kp; j++) {
      const at = (<usize>j) << 3;
      store<f64>(out + at, load<f64>(out + at) + w * min(old, load<f64>(scratch + at)));
    }
    if (keep) store<f64>(near, min(old, load<f64>(scratch)));
  }
}
