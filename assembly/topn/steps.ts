// Top-N by the result of scoring steps, for models composed of others and models that are not sums.
//
// Scratch of one call: f32[padded] penalties, f32[padded] scores, the scratch of `select`, then lines, data for reasons, and
// space for solves.

import { real, word } from '../numbers/memory';
import { rowsAhead, ScoreStep } from '../scores/layouts';
import { reasonOf } from '../scores/reasons';
import { exactSums, lookAhead, takeSteps } from '../scores/steps';
import { boundOf } from './bound';
import { ListRequest, StepPlan } from './layouts';
import { clearPenalties, setHeld } from './penalties';
import { find, writeList } from './select';

/** Writes scores, f32[padded]: the line, f64[padded], plus the penalties. */
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
 * Writes the reasons of a row's list of `found` columns: the held product that adds most to each score. All ones: no
 * product adds any. @param last line of the last step
 */
function writeStepReasons(
  request: ListRequest,
  plan: StepPlan,
  row: u32,
  found: u32,
  entries: usize,
  end: usize,
  last: usize,
  kept: usize,
): void {
  const list = (<usize>(row - request.base) * request.n) << 2;
  const reason: usize = request.reason + list;
  if (plan.partCount === 0) {
    memory.fill(reason, 0xff, (<usize>found) << 2);
    return;
  }
  for (let i: usize = 0; i < (<usize>found) << 2; i += 4) {
    const position = word(request.candidateOf, load<u32>(request.column + list + i));
    const sum = real(last, position);
    store<u32>(reason + i, reasonOf(plan.steps, plan.parts, plan.partCount, request.products, entries, end, position, sum, kept));
  }
}

/**
 * Lists for rows from .. to of a table, from the line of the last step. The line has a position for each candidate.
 * @param request a ListRequest
 * @param plan a StepPlan, whose steps are taken for each row
 * @param slack greatest error of a sum from approximate logarithms; 0: there are none
 * @returns 1, or 0 if a system cannot be solved
 */
export function topNStepRows(request: usize, plan: usize, slack: f64, from: u32, to: u32, scratch: usize): u32 {
  const given = changetype<ListRequest>(request);
  const taken = changetype<StepPlan>(plan);
  const start: usize = given.start;
  const entry: usize = given.entry;
  const penalty = scratch;
  const bytes = (<usize>given.padded) << 2;
  const scores = scratch + bytes;
  const kept = scratch + taken.lines;
  const work = scratch + taken.work;
  const last = kept + changetype<ScoreStep>(taken.steps + (taken.count - 1) * offsetof<ScoreStep>()).line;
  clearPenalties(penalty, given.candidates, given.padded);
  for (let row = from; row < to; row++) {
    const ahead = (row - from) % rowsAhead;
    if (ahead === 0) lookAhead(taken.steps, taken.count, given.products, start, entry, row, min(to, row + rowsAhead), kept);
    const entries = entry + (word(start, row) << 2);
    const end = entry + (word(start, row + 1) << 2);
    if (!takeSteps(taken.steps, taken.count, given.products, entries, end, ahead, kept, work)) return 0;
    setHeld(penalty, given.candidateOf, entries, end, -Infinity);
    narrow(last, penalty, scores, given.padded);
    if (slack > 0) mend(taken.steps, taken.count, kept, last, scores, given.padded, given.n, slack, scores + bytes);
    const found = writeList(given, row, scores, scores + bytes);
    setHeld(penalty, given.candidateOf, entries, end, 0);
    if (given.reason !== 0) writeStepReasons(given, taken, row, found, entries, end, last, kept);
  }
  return 1;
}
