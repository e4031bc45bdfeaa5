// Costs of rows: cost of row i = weight_i x distance(i, centre). The distance is squared (see kmeans.ts).
// Parameters: `points` is a record PointRows, `run` a record ClusterRun.

import { Flag } from '../layouts';
import { distance, distances } from './distances';
import { ClusterRun, PointRows } from './layouts';
import { rowWeight } from './sums';

/** Distance of row i to its own centre. */
function ownDistance(points: PointRows, run: ClusterRun, i: u32): f64 {
  const row = points.numeric + <usize>i * ((<usize>points.d) << 2);
  const code = points.codes + <usize>i * ((<usize>points.c) << 1);
  const cluster = <u32>load<u16>(run.label + ((<usize>i) << 1));
  return distance(row, code, points.d, points.c, run.kp, run.centres, run.costs, cluster);
}

/** Sum over the rows `from` .. `to` of weight x distance to the row's own centre. */
export function costOfRows(points: usize, run: usize, from: u32, to: u32): f64 {
  const given = changetype<PointRows>(points);
  const at = changetype<ClusterRun>(run);
  let sum: f64 = 0;
  for (let i = from; i < to; i++) sum += rowWeight(given, i) * ownDistance(given, at, i);
  return sum;
}

/**
 * Number of the row among `from` .. `to` with the greatest distance to its own centre; of equal distances the last row.
 * Returns `none` if every distance is 0. Stores the distance in `out`.
 * @param taken u32[count]: excluded rows
 * @param out f64[1] out
 */
export function farthestRow(points: usize, run: usize, from: u32, to: u32, taken: usize, count: u32, none: u32, out: usize): u32 {
  let farthest: f64 = 0;
  let row = none;
  for (let i = from; i < to; i++) {
    const value = ownDistance(changetype<PointRows>(points), changetype<ClusterRun>(run), i);
    if (value === 0 || value < farthest) continue;
    let free = true;
    for (let t: u32 = 0; t < count; t++) if (load<u32>(taken + ((<usize>t) << 2)) === i) free = false;
    if (!free) continue;
    farthest = value;
    row = i;
  }
  store<f64>(out, farthest);
  return row;
}

/**
 * Cost of each of kp candidate centres of k-means++, if it became the next centre:
 *   out_j = sum over rows i `from` .. `to` of weight_i min(closest_i, distance(i, j))
 * @param run record ClusterRun, of which kp, centres and costs are read
 * @param closest f64[rows]: distance of each row to the nearest chosen centre
 * @param keep 1: candidate 0 is chosen, and closest_i becomes min(closest_i, distance(i, 0))
 * @param out f64[kp] out
 * @param scratch f64[kp]
 */
export function candidateCosts(
  points: usize,
  run: usize,
  closest: usize,
  from: u32,
  to: u32,
  keep: Flag,
  out: usize,
  scratch: usize,
): void {
  const given = changetype<PointRows>(points);
  const at = changetype<ClusterRun>(run);
  const numeric: usize = given.numeric;
  const codes: usize = given.codes;
  const d = given.d;
  const c = given.c;
  const kp = at.kp;
  memory.fill(out, 0, (<usize>kp) << 3);
  for (let i = from; i < to; i++) {
    const row = numeric + <usize>i * ((<usize>d) << 2);
    distances(row, codes + <usize>i * ((<usize>c) << 1), d, c, kp, at.centres, at.costs, scratch);
    const w = rowWeight(given, i);
    const near = closest + ((<usize>i) << 3);
    const old = load<f64>(near);
    for (let j: usize = 0; j < (<usize>kp) << 3; j += 8) {
      store<f64>(out + j, load<f64>(out + j) + w * min(old, load<f64>(scratch + j)));
    }
    if (keep) store<f64>(near, min(old, load<f64>(scratch)));
  }
}
