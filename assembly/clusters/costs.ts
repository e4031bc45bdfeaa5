// Costs of rows: weights times distances to centres.

import { Flag } from '../layouts';
import { distance, distances } from './distances';

/** Cost of rows from .. to: sum of weight * distance to the own centre. */
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
 * Row of from .. to that is farthest from its own centre, the last of equal ones, except those in `taken` u32[count].
 * Returns its number, or `none` if every distance is 0. Stores the distance to `out`.
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

/**
 * Sums for k-means++: out[j] = sum over rows from .. to of weight * min(closest, distance(row, j)), for kp candidate centres.
 * With `keep` the minimum over the first centre becomes the row's `closest` f64[rows]. `scratch`: f64[kp].
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
