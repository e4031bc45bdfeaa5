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

import {
  centreSquares,
  distance,
  distances,
  gather,
  largestCosts,
  quickDistances,
  roundAll,
  transpose,
} from './kmeans-distances';
import { CentreMove, noLabel, openStretch } from './layouts';
import { Flag } from './parameters';

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

/**
 * Adds a row to a cluster's sums at `to` and takes it away from those at `from`; either may be 0: nowhere. Scales f64[d + 1]: per number,
 * then of weights.
 */
function account(row: usize, codes: usize, w: f64, d: u32, c: u32, to: usize, from: usize, scales: usize, categories: u32): void {
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
    // Behind the categories: the weight of the cluster.
    const u = q < c ? <u32>load<u16>(codes + ((<usize>q) << 1)) : categories;
    const at = counts + ((<usize>u) << 3);
    if (to) store<i64>(to + at, load<i64>(to + at) + mass);
    if (from) store<i64>(from + at, load<i64>(from + at) - mass);
  }
}

/**
 * Numbers of a centre that `openRows` reads, f32[k x 4]: how far it moved and how far any other one did at most, rounded up, and half the way to the
 * nearest other centre, rounded down. `moves` as in `assignRows`.
 */
function roundMoves(moves: usize, k: u32, out: usize): void {
  for (let j: u32 = 0; j < k; j++) {
    const move = changetype<CentreMove>(moves + <usize>j * offsetof<CentreMove>());
    const to = out + ((<usize>j) << 4);
    store<f32>(to, <f32>(move.own * WIDER));
    store<f32>(to, <f32>(move.others * WIDER), 4);
    store<f32>(to, <f32>(move.halfGap * NARROWER), 8);
    store<f32>(to, 0.0, 12);
  }
}

/**
 * Brings the bounds of rows from .. to up to date and lists those whose label they leave open; the number of these. Rows without a label
 * (then none of them has one) are all listed. near: as `roundMoves` makes it; columns: 64 bytes of scratch.
 */
function openRows(label: usize, upper: usize, lower: usize, from: u32, to: u32, near: usize, columns: usize, list: usize): u32 {
  if (load<u16>(label + ((<usize>from) << 1)) === noLabel) {
    for (let i = from; i < to; i++) store<u32>(list + ((<usize>(i - from)) << 2), i);
    return to - from;
  }
  const wider = f32x4.splat(<f32>WIDER);
  const narrower = f32x4.splat(<f32>NARROWER);
  let count: u32 = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const owns = label + ((<usize>i) << 1);
    transpose(
      v128.load(near + ((<usize>load<u16>(owns)) << 4)),
      v128.load(near + ((<usize>load<u16>(owns, 2)) << 4)),
      v128.load(near + ((<usize>load<u16>(owns, 4)) << 4)),
      v128.load(near + ((<usize>load<u16>(owns, 6)) << 4)),
      columns,
    );
    const u = upper + ((<usize>i) << 2);
    const l = lower + ((<usize>i) << 2);
    const high = f32x4.mul(f32x4.add(v128.load(u), v128.load(columns)), wider);
    const low = f32x4.mul(f32x4.sub(v128.load(l), v128.load(columns, 16)), narrower);
    v128.store(u, high);
    v128.store(l, low);
    const closed = i32x4.bitmask(f32x4.lt(high, f32x4.pmax(low, v128.load(columns, 32))));
    for (let lane: u32 = 0; lane < 4; lane++) {
      store<u32>(list + ((<usize>count) << 2), i + lane);
      count += 1 - ((closed >> lane) & 1);
    }
  }
  for (; i < to; i++) {
    const own = near + ((<usize>load<u16>(label + ((<usize>i) << 1))) << 4);
    const u = upper + ((<usize>i) << 2);
    const l = lower + ((<usize>i) << 2);
    const high = (load<f32>(u) + load<f32>(own)) * <f32>WIDER;
    const low = (load<f32>(l) - load<f32>(own, 4)) * <f32>NARROWER;
    store<f32>(u, high);
    store<f32>(l, low);
    store<u32>(list + ((<usize>count) << 2), i);
    count += u32(!(high < max(low, load<f32>(own, 8))));
  }
  return count;
}

/**
 * Takes from the list the rows that the exact distance to their own centre settles; worth it where centres are many. Returns how many stay.
 */
function stillOpen(
  numeric: usize,
  codes: usize,
  label: usize,
  upper: usize,
  lower: usize,
  d: u32,
  c: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  near: usize,
  list: usize,
  count: u32,
): u32 {
  let kept: u32 = 0;
  for (let e: u32 = 0; e < count; e++) {
    const i = <usize>load<u32>(list + ((<usize>e) << 2));
    const own = <u32>load<u16>(label + (i << 1));
    if (own !== noLabel) {
      const code = codes + i * ((<usize>c) << 1);
      const exact = distance(numeric + i * ((<usize>d) << 2), code, d, c, kp, centres, costs, own);
      const high = <f32>(Math.sqrt(exact) * WIDER);
      store<f32>(upper + (i << 2), high);
      if (high < max(load<f32>(lower + (i << 2)), load<f32>(near + ((<usize>own) << 4), 8))) continue;
    }
    store<u32>(list + ((<usize>kept) << 2), <u32>i);
    kept++;
  }
  return kept;
}

/** The nearest centre of one row in f64, ties to the lowest number; its bounds. `scratch`: f64[kp]. */
function nearest(
  row: usize,
  code: usize,
  d: u32,
  c: u32,
  k: u32,
  kp: u32,
  centres: usize,
  costs: usize,
  u: usize,
  l: usize,
  scratch: usize,
): u32 {
  distances(row, code, d, c, kp, centres, costs, scratch);
  let first: f64 = Infinity;
  let second: f64 = Infinity;
  let own: u32 = 0;
  for (let j: u32 = 0; j < k; j++) {
    const value = load<f64>(scratch + ((<usize>j) << 3));
    if (value < first) {
      second = first;
      first = value;
      own = j;
    } else if (value < second) second = value;
  }
  store<f32>(u, <f32>(Math.sqrt(first) * WIDER));
  store<f32>(l, <f32>(Math.sqrt(second) * NARROWER));
  return own;
}

/**
 * One Lloyd assignment of rows from .. to: each row to its nearest centre, ties to the lowest number; `sums` becomes what the moved rows
 * change. `moves` f64[k x 3]: how far each centre moved since the last call, how far any other one did at most, and half the way to the
 * nearest other centre. Returns the number of rows that moved. `scratch`: f64[kp],
 * f32[kp x (9 + d + categories) + 4 d + 16], u32[openStretch + 4].
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
  const tile = scratch + ((<usize>kp) << 3);
  const columns = tile + ((<usize>kp) << 4);
  const near = columns + ((<usize>(d + 4)) << 4);
  const quickCentres = near + ((<usize>kp) << 4);
  const quickCosts = quickCentres + ((<usize>(d * kp)) << 2);
  const squares = quickCosts + ((<usize>(categories * kp)) << 2);
  const list = squares + ((<usize>kp) << 2);
  roundAll(centres, quickCentres, d * kp, -2.0);
  roundAll(costs, quickCosts, categories * kp, 1.0);
  roundMoves(moves, k, near);
  const largest = centreSquares(centres, d, k, kp, squares) * 2.0 + largestCosts(costs, categories, k, kp, c);
  // The error of a quick distance is below this times the sum of its terms without their signs: |y|^2 + 2 |x||y| + costs <= |x|^2 + largest.
  const relative = <f32>(d + c + 8) / 8388608.0;
  const error = f32x4.splat(relative);
  const errorOfCentres = f32x4.splat(<f32>(largest * WIDER) * relative + <f32>1e-36);
  const wider = f32x4.splat(<f32>WIDER);
  const narrower = f32x4.splat(<f32>NARROWER);
  let moved: u32 = 0;
  for (let start = from; start < to; start += openStretch) {
    let open = openRows(label, upper, lower, start, min(start + openStretch, to), near, columns, list);
    if (k > ALL_AT_ONCE) open = stillOpen(numeric, codes, label, upper, lower, d, c, kp, centres, costs, near, list, open);
    // The last tile is filled up with copies of its last row.
    if (open)
      for (let e = open; e < open + 3; e++) store<u32>(list + ((<usize>e) << 2), load<u32>(list + ((<usize>(open - 1)) << 2)));
    for (let t: u32 = 0; t < open; t += 4) {
      const rows = list + ((<usize>t) << 2);
      const own2 = gather(rows, numeric, d, columns);
      quickDistances(rows, columns, codes, d, c, kp, quickCentres, quickCosts, squares, tile);
      let first = v128.load(tile);
      let second = f32x4.splat(Infinity);
      let own = i32x4.splat(0);
      for (let j: u32 = 1; j < k; j++) {
        const value = v128.load(tile + ((<usize>j) << 4));
        own = v128.bitselect(i32x4.splat(j), own, f32x4.lt(value, first));
        second = f32x4.pmin(second, f32x4.pmax(first, value));
        first = f32x4.pmin(first, value);
      }
      const doubt = f32x4.add(f32x4.mul(f32x4.add(own2, own2), error), errorOfCentres);
      const farthest = f32x4.add(f32x4.pmax(f32x4.add(own2, first), f32x4.splat(0.0)), doubt);
      const high = f32x4.mul(f32x4.sqrt(farthest), wider);
      const low = f32x4.mul(f32x4.sqrt(f32x4.sub(f32x4.add(own2, second), doubt)), narrower);
      v128.store(tile, high);
      v128.store(tile, low, 16);
      v128.store(tile, own, 32);
      // False where a distance is no number.
      const settled = i32x4.bitmask(f32x4.lt(high, low));
      const lanes = min(open - t, 4);
      for (let lane: u32 = 0; lane < lanes; lane++) {
        const at = (<usize>lane) << 2;
        const i = <usize>load<u32>(rows + at);
        const row = numeric + i * ((<usize>d) << 2);
        const code = codes + i * ((<usize>c) << 1);
        const u = upper + (i << 2);
        const l = lower + (i << 2);
        let now = load<u32>(tile + at, 32);
        if ((settled >> lane) & 1) {
          store<f32>(u, load<f32>(tile + at));
          store<f32>(l, load<f32>(tile + at, 16));
        } else now = nearest(row, code, d, c, k, kp, centres, costs, u, l, scratch);
        const before = <u32>load<u16>(label + (i << 1));
        if (now === before) continue;
        moved++;
        store<u16>(label + (i << 1), <u16>now);
        const w = weight ? load<f64>(weight + (i << 3)) : 1.0;
        const left = before === noLabel ? 0 : sums + <usize>before * width;
        account(row, code, w, d, c, sums + <usize>now * width, left, scales, categories);
      }
    }
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
  account(row, codes + <usize>i * ((<usize>c) << 1), w, d, c, sign > 0 ? sums : 0, sign > 0 ? 0 : sums, scales, categories);
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
  keep: Flag,
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
