// Top-N lists by scores from scoring steps (scores/steps.ts), for models that combine other models and models that are not sums.
//
// Scratch of one call: f32[padded] penalties, f32[padded] scores, the scratch of `select`, the lines of the steps with data for reasons,
// and space for solving ALS systems.

import { real, word } from '../numbers/memory';
import { rowsAhead, ScoreStep } from '../scores/layouts';
import { reasonOf } from '../scores/reasons';
import { exactSums, lookAhead, takeSteps } from '../scores/steps';
import { boundOf } from './bound';
import { ListRequest, StepPlan } from './layouts';
import { clearPenalties, setHeld } from './penalties';
import { find, writeList } from './select';

/** scores = line rounded to f32 + penalty. @param line f64[padded] @param penalty f32[padded] @param scores f32[padded] out */
function narrow(line: usize, penalty: usize, scores: usize, padded: u32): void {
  for (let i: usize = 0; i < (<usize>padded) << 2; i += 16) {
    const low = f32x4.demote_f64x2_zero(v128.load(line + (i << 1)));
    const high = f32x4.demote_f64x2_zero(v128.load(line + (i << 1), 16));
    v128.store(scores + i, f32x4.add(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.load(penalty + i)));
  }
}

/**
 * Recomputes with exact logarithms all scores that may be among the n best.
 * Such a score's approximate value is at most 2 x slack below the n-th largest approximate value.
 * @param slack greatest error of an approximate score
 * @param line f64[padded], and `scores` f32[padded]: updated
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
  // 1e-6 |bound| covers the rounding of scores to f32.
  const least = <f32>(bound - 2 * slack - 1e-6 * Math.abs(bound));
  const survivors = find(scores, padded, bound > -Infinity ? least : -Infinity, scratch);
  if (survivors === 0) return;
  // Scores are recomputed in pairs. With an odd number of scores, the last one is computed twice.
  store<u32>(scratch + (survivors << 2), load<u32>(scratch + (survivors << 2) - 4));
  for (let at = scratch; at < scratch + (survivors << 2); at += 8) {
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
 * Writes the reason of each of the `length` entries of a row's list: the held product that contributes most to the score, or popularReason.
 * @param last f64[padded]: line of the last step
 */
function writeStepReasons(
  request: ListRequest,
  plan: StepPlan,
  row: u32,
  length: u32,
  entries: usize,
  end: usize,
  last: usize,
  kept: usize,
): void {
  const list = (<usize>(row - request.base) * request.n) << 2;
  const reason: usize = request.reason + list;
  if (plan.partCount === 0) {
    memory.fill(reason, 0xff, (<usize>length) << 2);
    return;
  }
  for (let i: usize = 0; i < (<usize>length) << 2; i += 4) {
    const position = word(request.candidateOf, load<u32>(request.column + list + i));
    const sum = real(last, position);
    store<u32>(reason + i, reasonOf(plan.steps, plan.parts, plan.partCount, request.products, entries, end, position, sum, kept));
  }
}

/**
 * Writes the lists of the rows `from` .. `to` of a table. The scores are the line of the last step, with one position per candidate.
 * @param request record ListRequest
 * @param plan record StepPlan, whose steps are run for each row
 * @param slack greatest error of a score from approximate logarithms; 0: no step has logarithms
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
    const length = writeList(given, row, scores, scores + bytes);
    setHeld(penalty, given.candidateOf, entries, end, 0);
    if (given.reason !== 0) writeStepReasons(given, taken, row, length, entries, end, last, kept);
  }
  return 1;
}
