// Hamerly's two bounds for each row, f32: an upper bound on the distance to its own centre, and a lower bound on the distance to every
// other centre. While the upper bound is below the lower bound, the row keeps its label.

import { distance, transpose } from './distances';
import { CentreMove, ClusterRun, noLabel, PointRows } from './layouts';

/** Factors that widen an upper bound and a lower bound of f32 by more than their rounding errors. */
export const WIDER: f64 = 1.0 + 1.0 / 2097152.0;
export const NARROWER: f64 = 1.0 - 1.0 / 2097152.0;

/**
 * Rounds the moves of the k centres to f32 for `openRows`.
 * @param moves CentreMove[k]
 * @param out f32[k x 4] out: the centre's move and the greatest move of any other centre, both rounded up; half the distance to the
 * nearest other centre, rounded down; 0
 */
export function roundMoves(moves: usize, k: u32, out: usize): void {
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
 * Updates the bounds of the rows `from` .. `to` by the moves of the centres. Lists the rows whose label may change. Returns their number.
 * All rows are listed if they have no labels yet.
 * @param label u16[rows]
 * @param upper, lower f32[rows]: bounds; updated
 * @param near f32[k x 4], written by `roundMoves`
 * @param columns 64 bytes of scratch
 * @param list u32[to - from] out: row numbers
 */
export function openRows(
  label: usize,
  upper: usize,
  lower: usize,
  from: u32,
  to: u32,
  near: usize,
  columns: usize,
  list: usize,
): u32 {
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
    const movement = near + ((<usize>load<u16>(label + ((<usize>i) << 1))) << 4);
    const u = upper + ((<usize>i) << 2);
    const l = lower + ((<usize>i) << 2);
    const high = (load<f32>(u) + load<f32>(movement)) * <f32>WIDER;
    const low = (load<f32>(l) - load<f32>(movement, 4)) * <f32>NARROWER;
    store<f32>(u, high);
    store<f32>(l, low);
    store<u32>(list + ((<usize>count) << 2), i);
    count += u32(!(high < max(low, load<f32>(movement, 8))));
  }
  return count;
}

/**
 * Computes the exact distance of each listed row to its own centre. Removes the rows whose label this distance confirms.
 * Worthwhile only for many centres. Returns the number of remaining rows.
 * @param near f32[k x 4], written by `roundMoves`
 * @param list u32[count]: row numbers; updated
 */
export function stillOpen(points: PointRows, run: ClusterRun, near: usize, list: usize, count: u32): u32 {
  const numeric: usize = points.numeric;
  const codes: usize = points.codes;
  const d = points.d;
  const c = points.c;
  const label: usize = run.label;
  let kept: u32 = 0;
  for (let e: u32 = 0; e < count; e++) {
    const i = <usize>load<u32>(list + ((<usize>e) << 2));
    const cluster = <u32>load<u16>(label + (i << 1));
    if (cluster !== noLabel) {
      const code = codes + i * ((<usize>c) << 1);
      const exact = distance(numeric + i * ((<usize>d) << 2), code, d, c, run.kp, run.centres, run.costs, cluster);
      const high = <f32>(Math.sqrt(exact) * WIDER);
      store<f32>(run.upper + (i << 2), high);
      if (high < max(load<f32>(run.lower + (i << 2)), load<f32>(near + ((<usize>cluster) << 4), 8))) continue;
    }
    store<u32>(list + ((<usize>kept) << 2), <u32>i);
    kept++;
  }
  return kept;
}
