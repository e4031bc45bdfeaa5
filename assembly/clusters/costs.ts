// Costs of rows: weights times distances to centres. points is a PointRows, run a ClusterRun.

import { Flag } from '../layouts';
import { distance, distances } from './distances';
import { ClusterRun, PointRows } from './layouts';
import { rowWeight } from './sums';

/** Distance of row i to its own centre. */
function ownDistance(points: PointRows, run: ClusterRun, i: u32): f64 {
  const row = points.numeric + <usize>i * ((<usize>points.d) << 2);
  const code = points.codes + <usize>i * ((<usize>points.c) << 1);
  const own = <u32>load<u16>(run.label + ((<usize>i) << 1));
  return distance(row, code, points.d, points.c, run.kp, run.centres, run.costs, own);
}

/** Cost of rows from .. to: sum of weight * distance to the own centre. */
export function costOfRows(points: usize, run: usize, from: u32, to: u32): f64 {
  const given = changetype<PointRows>(points);
  const at = changetype<ClusterRun>(run);
  let sum: f64 = 0;
  for (let i = from; i < to; i++) sum += rowWeight(given, i) * ownDistance(given, at, i);
  return sum;
}

/**
 * Finds the row of from .. to that is farthest from its own centre, the last of equal ones. Rows in `taken` u32[count] are
 * excluded.
 * Returns its number, or `none` if every distance is 0. Stores the distance to `out`.
 */
export function farthestRow(points: usize, run: usize, from: u32, to: u32, taken: usize, count: u32, none: u32, out: usize): u32 {
  let farthest: f64 = 0;
  let found = none;
  for (let i = from; i < to; i++) {
    const value = ownDistance(changetype<PointRows>(points), changetype<ClusterRun>(run), i);
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

/**
 * Sums for k-means++: out[j] = sum over rows from .. to of weight * min(closest, distance(row, j)), for kp candidate centres.
 * With `keep` the minimum over the first centre becomes the row's `closest` f64[rows].
 * @param run its kp, centres and costs are read
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
