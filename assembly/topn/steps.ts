// Top-N by the result of scoring steps, for models composed of others and models that are not sums.
//
// Scratch of one call: f32[padded] penalties, f32[padded] scores, the scratch of `select`, then lines, data for reasons, and
// space for solves.

import { Bytes, rowsAhead, ScoreStep } from '../layouts';
import { reasonOf } from '../scores/reasons';
import { exactSums, lookAhead, takeSteps } from '../scores/steps';
import { boundOf } from './bound';
import { clearPenalties, setHeld } from './penalties';
import { find, select } from './select';

/** Writes f32 scores: f64[padded] of the line plus penalties. */
function narrow(line: usize, penalty: usize, scores: usize, padded: u32): void {
  for (let i: usize = 0; i < (<usize>padded) << 2; i += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(line + (i << 1)));
    const high = f32x4.demote_f64x2_zero(v128.load(line + (i << 1), 16));
    v128.store(scores + i, f32x4.add(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.load(penalty + i)));
  }
}

/**
 * Recomputes exactly all sums that may be among the n best. Their approximate sums are at most twice the slack below the n-th
 * largest one.
 */
function mend(
  steps: usize,
  count: u32,
  kept: usize,
  line: usize,
  scores: usize,
  padded: u32,
  n: u32,
  slack: f64,
  scratch: usize,
): void {
  const bound = <f64>boundOf(scores, padded, n, scratch + ((<usize>padded) << 2) + 16);
  // The rounding of f32 is below a millionth, too.
  const least = <f32>(bound - 2 * slack - 1e-6 * Math.abs(bound));
  const found = find(scores, padded, bound > -Infinity ? least : -Infinity, scratch);
  if (found === 0) return;
  // Two at a time; for an odd number the last one twice.
  store<u32>(scratch + (found << 2), load<u32>(scratch + (found << 2) - 4));
  for (let at = scratch; at < scratch + (found << 2); at += 8) {
    const position = load<u32>(at);
    const position2 = load<u32>(at, 4);
    const sums = exactSums(steps, count, position, position2, kept);
    store<f64>(line + (position << 3), f64x2.extract_lane(sums, 0));
    store<f64>(line + (position2 << 3), f64x2.extract_lane(sums, 1));
    store<f32>(scores + (position << 2), <f32>f64x2.extract_lane(sums, 0));
    store<f32>(scores + (position2 << 2), <f32>f64x2.extract_lane(sums, 1));
  }
}

/**
 * Lists for rows from .. to of a table by the line of the last step, which has a position for each candidate.
 * @param steps `stepCount` records, which are taken for each row
 * @param parts u32[partCount]: numbers of the steps that are sums whose terms are reasons
 * @param lines position of the lines in the scratch; work: of the space for solves
 * @param slack greatest error of a sum from approximate logarithms; 0: there are none
 * @param reason u32 by position in the lists, out: the held product that adds most to each score, all ones without any; 0: not
 * requested
 * @returns 1, or 0 if a system cannot be solved
 */
export function topNStepRows(
  start: usize,
  entry: usize,
  steps: usize,
  stepCount: u32,
  parts: usize,
  partCount: u32,
  lines: Bytes,
  work: Bytes,
  slack: f64,
  from: u32,
  to: u32,
  base: u32,
  products: u32,
  candidates: u32,
  padded: u32,
  candidateOf: usize,
  columnOf: usize,
  n: u32,
  count: usize,
  column: usize,
  score: usize,
  reason: usize,
  scratch: usize,
): u32 {
  const penalty = scratch;
  const bytes = (<usize>padded) << 2;
  const scores = scratch + bytes;
  const kept = scratch + lines;
  const last = kept + changetype<ScoreStep>(steps + (stepCount - 1) * offsetof<ScoreStep>()).line;
  clearPenalties(penalty, candidates, padded);
  for (let row = from; row < to; row++) {
    const ahead = (row - from) % rowsAhead;
    if (ahead === 0) lookAhead(steps, stepCount, products, start, entry, row, min(to, row + rowsAhead), kept);
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const end = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    if (!takeSteps(steps, stepCount, products, entries, end, ahead, kept, scratch + work)) return 0;
    setHeld(penalty, candidateOf, entries, end, -Infinity);
    narrow(last, penalty, scores, padded);
    if (slack > 0) mend(steps, stepCount, kept, last, scores, padded, n, slack, scores + bytes);
    const place = <usize>(row - base);
    const list = (place * n) << 2;
    const found = select(scores, padded, n, columnOf, column + list, score + list, scores + bytes);
    store<u32>(count + (place << 2), found);
    setHeld(penalty, candidateOf, entries, end, 0);
    if (reason === 0) continue;
    if (partCount === 0) {
      memory.fill(reason + list, 0xff, (<usize>found) << 2);
      continue;
    }
    for (let i: usize = 0; i < (<usize>found) << 2; i += 4) {
      const position = load<u32>(candidateOf + ((<usize>load<u32>(column + list + i)) << 2));
      const sum = load<f64>(last + (position << 3));
      store<u32>(reason + list + i, reasonOf(steps, parts, partCount, products, entries, end, position, sum, kept));
    }
  }
  return 1;
}
