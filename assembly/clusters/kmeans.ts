// One kernel for k-means, k-prototypes and k-modes. A row has d numbers and c categories. A centre has d numbers and a cost for each
// category:
//
//   distance(row, j) = sum_f (row_f - centre_fj)^2 + sum_q cost[code_q, j]
//
//   one-hot column q of weight v: cost[code, j] = v sum_u ([u = code] - share_uj)^2,   share_uj: share of category u in cluster j
//   native column q of weight v:  cost[code, j] = v gamma [code is not the mode of cluster j]
//
// Both costs are squared Euclidean distances of an embedding. (A native category is a vertex; two vertices are sqrt(v gamma) apart.)
// The roots of distances therefore obey the triangle inequality.
// Hamerly's bounds (Making k-means even faster, 2010) use the inequality to skip rows without changing any label.
//
// A problem has the records PointRows and ClusterRun, and sums i64[k x (d + categories + 1)].
// The sums of a cluster are in fixed point: weight x value for each number, weight for each category, total weight.
// kp is k rounded up to a multiple of 4. The centres beyond k are at infinite distance.

import { word } from '../numbers/memory';
import { NARROWER, openRows, roundMoves, stillOpen, WIDER } from './bounds';
import { centreSquares, distances, gather, largestCosts, quickDistances, roundAll } from './distances';
import { ClusterRun, noLabel, openStretch, PointRows } from './layouts';
import { account, rowWeight } from './sums';

/** Greatest number of centres for which all distances of a row cost little more than one distance. */
const ALL_AT_ONCE: u32 = 16;

/** Nearest centre of row i in f64; of equal distances the lowest number. Also writes the row's bounds. @param scratch f64[kp] */
function nearest(points: PointRows, run: ClusterRun, i: usize, scratch: usize): u32 {
  const row = points.numeric + i * ((<usize>points.d) << 2);
  const code = points.codes + i * ((<usize>points.c) << 1);
  distances(row, code, points.d, points.c, run.kp, run.centres, run.costs, scratch);
  let first: f64 = Infinity;
  let second: f64 = Infinity;
  let nearestCentre: u32 = 0;
  for (let j: u32 = 0, k = run.k; j < k; j++) {
    const value = load<f64>(scratch + ((<usize>j) << 3));
    if (value < first) {
      second = first;
      first = value;
      nearestCentre = j;
    } else if (value < second) second = value;
  }
  store<f32>(run.upper + (i << 2), <f32>(Math.sqrt(first) * WIDER));
  store<f32>(run.lower + (i << 2), <f32>(Math.sqrt(second) * NARROWER));
  return nearestCentre;
}

/**
 * Finds the nearest of k centres for each of four rows, from their distances in f32.
 * @param tile f32x4[k]: distances minus |x|^2, one row per lane. Overwritten with three vectors: upper bound on the distance to the nearest
 * centre, lower bound on the distance to the second nearest, number of the nearest
 * @param own2 f32x4: |x|^2 of each row
 * @param error relative error of a distance
 * @param errorOfCentres absolute error that does not depend on the row
 * @returns 4 bits: 1 for each row whose nearest centre is certain
 */
function settleTile(tile: usize, k: u32, own2: v128, error: v128, errorOfCentres: v128): u32 {
  let first = v128.load(tile);
  let second = f32x4.splat(Infinity);
  let nearest = i32x4.splat(0);
  for (let j: u32 = 1; j < k; j++) {
    const value = v128.load(tile + ((<usize>j) << 4));
    nearest = v128.bitselect(i32x4.splat(j), nearest, f32x4.lt(value, first));
    second = f32x4.pmin(second, f32x4.pmax(first, value));
    first = f32x4.pmin(first, value);
  }
  const doubt = f32x4.add(f32x4.mul(f32x4.add(own2, own2), error), errorOfCentres);
  const farthest = f32x4.add(f32x4.pmax(f32x4.add(own2, first), f32x4.splat(0.0)), doubt);
  const high = f32x4.mul(f32x4.sqrt(farthest), f32x4.splat(<f32>WIDER));
  const low = f32x4.mul(f32x4.sqrt(f32x4.sub(f32x4.add(own2, second), doubt)), f32x4.splat(<f32>NARROWER));
  v128.store(tile, high);
  v128.store(tile, low, 16);
  v128.store(tile, nearest, 32);
  // A comparison with NaN is false, so such a row is computed again in f64.
  return i32x4.bitmask(f32x4.lt(high, low));
}

/** Gives row i the label `now`. If the label changes, moves the row from the old cluster's sums to the new one's. @returns 1 if it changes */
function relabel(points: PointRows, run: ClusterRun, i: usize, now: u32, sums: usize): u32 {
  const label: usize = run.label + (i << 1);
  const before = <u32>load<u16>(label);
  if (now === before) return 0;
  store<u16>(label, <u16>now);
  const d = points.d;
  const c = points.c;
  const categories = points.categories;
  const width = (<usize>(d + categories + 1)) << 3;
  const row = points.numeric + i * ((<usize>d) << 2);
  const code = points.codes + i * ((<usize>c) << 1);
  const left = before === noLabel ? 0 : sums + <usize>before * width;
  account(row, code, rowWeight(points, <u32>i), d, c, sums + <usize>now * width, left, run.scales, categories);
  return 1;
}

/**
 * One Lloyd assignment of the rows `from` .. `to`: each row gets the label of its nearest centre; of equal distances the lowest number.
 * @param points record PointRows
 * @param run record ClusterRun
 * @param sums i64[k x (d + categories + 1)] out: changes of the clusters' sums by the rows with a new label
 * @param scratch f64[kp], then f32[kp x (9 + d + categories) + 4 d + 16], then u32[openStretch + 4]
 * @returns number of rows with a new label
 */
export function assignRows(points: usize, run: usize, from: u32, to: u32, sums: usize, scratch: usize): u32 {
  const given = changetype<PointRows>(points);
  const at = changetype<ClusterRun>(run);
  const d = given.d;
  const c = given.c;
  const categories = given.categories;
  const k = at.k;
  const kp = at.kp;
  memory.fill(sums, 0, <usize>k * ((<usize>(d + categories + 1)) << 3));
  const tile = scratch + ((<usize>kp) << 3);
  const columns = tile + ((<usize>kp) << 4);
  const near = columns + ((<usize>(d + 4)) << 4);
  const quickCentres = near + ((<usize>kp) << 4);
  const quickCosts = quickCentres + ((<usize>(d * kp)) << 2);
  const squares = quickCosts + ((<usize>(categories * kp)) << 2);
  const list = squares + ((<usize>kp) << 2);
  roundAll(at.centres, quickCentres, d * kp, -2.0);
  roundAll(at.costs, quickCosts, categories * kp, 1.0);
  roundMoves(at.moves, k, near);
  const largest = centreSquares(at.centres, d, k, kp, squares) * 2.0 + largestCosts(at.costs, categories, k, kp, c);
  // Bound of the rounding error of an f32 distance between row x and centre y:
  //   error <= relative x (sum of the absolute terms),   |x|^2 + |y|^2 + 2 |x||y| + costs <= 2 |x|^2 + largest
  const relative = <f32>(d + c + 8) / 8388608.0;
  const error = f32x4.splat(relative);
  const errorOfCentres = f32x4.splat(<f32>(largest * WIDER) * relative + <f32>1e-36);
  let moved: u32 = 0;
  for (let start = from; start < to; start += openStretch) {
    let open = openRows(at.label, at.upper, at.lower, start, min(start + openStretch, to), near, columns, list);
    if (k > ALL_AT_ONCE) open = stillOpen(given, at, near, list, open);
    // Pads the last tile of four rows with copies of the last row.
    if (open) for (let e = open; e < open + 3; e++) store<u32>(list + ((<usize>e) << 2), word(list, open - 1));
    for (let t: u32 = 0; t < open; t += 4) {
      const rows = list + ((<usize>t) << 2);
      const own2 = gather(rows, given.numeric, d, columns);
      quickDistances(rows, columns, given.codes, d, c, kp, quickCentres, quickCosts, squares, tile);
      const settled = settleTile(tile, k, own2, error, errorOfCentres);
      for (let lane: u32 = 0, lanes = min(open - t, 4); lane < lanes; lane++) {
        const i = <usize>word(rows, lane);
        let now = word(tile + 32, lane);
        if ((settled >> lane) & 1) {
          store<f32>(at.upper + (i << 2), load<f32>(tile + (lane << 2)));
          store<f32>(at.lower + (i << 2), load<f32>(tile + (lane << 2), 16));
        } else now = nearest(given, at, i, scratch);
        moved += relabel(given, at, i, now, sums);
      }
    }
  }
  return moved;
}
