// One kernel for k-means, k-prototypes and k-modes. A row is d numbers and c categories; a centre is d numbers and a cost per
// category:
//
//   distance(row, j) = sum_f (row_f - centre_fj)^2 + sum_q cost[code_q][j]
//
//   one-hot column q of weight v: cost[code][j] = v * sum_u ([u = code] - share_uj)^2     share_uj: category u's share of cluster j
//   native column q of weight v:  cost[code][j] = v * gamma * [code is not the mode of j]
//
// Both are squared Euclidean distances of an embedding (native: vertices at distance sqrt(v * gamma)).
// Their roots obey the triangle inequality, and Hamerly's bounds (Making k-means even faster, 2010) skip work without changing
// any label.
//
// Memory of one problem: k centres, kp = k rounded up to a multiple of 4 (the padding is at infinite distance)
//   numeric  f32[rows x d]      codes  u16[rows x c], numbered across all columns      weight  f64[rows], or address 0: all 1
//   label    u16[rows]          upper, lower  f32[rows]: bounds on the distance to the own and to the second nearest centre
//   centres  f64[d x kp]        costs  f64[categories x kp]
//   sums     i64[k x (d + categories + 1)]: fixed-point sums of weight * value, weight per category, weight

import { noLabel, openStretch } from '../layouts';
import { NARROWER, openRows, roundMoves, stillOpen, WIDER } from './bounds';
import { centreSquares, distances, gather, largestCosts, quickDistances, roundAll } from './distances';
import { account } from './sums';

/** Most centres for which computing all distances costs little more than computing one. */
const ALL_AT_ONCE: u32 = 16;

/** Nearest centre of one row in f64, ties to the lowest number; also writes the row's bounds. `scratch`: f64[kp]. */
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
 * One Lloyd assignment of rows from .. to: each row goes to its nearest centre, ties to the lowest number. `sums` receives the
 * changes by the moved rows.
 * @param moves f64[k x 3]: the move of each centre since the last call, the greatest move of any other centre, and half the
 * distance to the nearest other centre
 * @param scratch f64[kp], f32[kp x (9 + d + categories) + 4 d + 16], u32[openStretch + 4]
 * @returns number of rows that moved
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
  // Upper bound of a fast distance's error: this times the sum of its terms without signs. |y|^2 + 2 |x||y| + costs <= |x|^2 +
  // largest.
  const relative = <f32>(d + c + 8) / 8388608.0;
  const error = f32x4.splat(relative);
  const errorOfCentres = f32x4.splat(<f32>(largest * WIDER) * relative + <f32>1e-36);
  const wider = f32x4.splat(<f32>WIDER);
  const narrower = f32x4.splat(<f32>NARROWER);
  let moved: u32 = 0;
  for (let start = from; start < to; start += openStretch) {
    let open = openRows(label, upper, lower, start, min(start + openStretch, to), near, columns, list);
    if (k > ALL_AT_ONCE) open = stillOpen(numeric, codes, label, upper, lower, d, c, kp, centres, costs, near, list, open);
    // The last tile is padded with copies of its last row.
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
      // False for a distance that is NaN.
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
