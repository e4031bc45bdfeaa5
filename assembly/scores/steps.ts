// Steps of scoring one row. Each step writes a line of scores, f64[padded], in the scratch of the call.
// Sums run over the row's entries in their order, so that results are reproducible.

import { logarithms } from '../numbers/elementary';
import { alsScoresOf } from './als';
import { countsOf, findCounts, foundAt, newestOf } from './counts';
import {
  ScoreStep,
  smallestShare,
  stepAdd,
  stepAddLog,
  stepAls,
  stepBands,
  stepClear,
  stepCounts,
  stepFirst,
  stepRoot,
  stepRules,
  stepShares,
} from './layouts';
import { addLine, addRoughLogarithms, firstLine, sumEntries } from './lines';
import { bestRules } from './rules';

/** Copies the line of shares for the recency band of the newest holding. Rows without products get the first line, the shares of all customers. */
function sharesOf(step: ScoreStep, products: u32, entries: usize, end: usize, line: usize): void {
  let shareLine: u32 = 0;
  if (step.byRecency) {
    const newest = newestOf(entries, end, products);
    shareLine = newest === 255 ? 0 : newest + 1;
  }
  const bytes = step.padded << 3;
  memory.copy(line, step.values + shareLine * bytes, bytes);
}

/**
 * Writes the scores s = base + sum over entries e of w_e x values[column_e, :], with w_e the value of the entry's recency band.
 * Stores the weights w_e, f64[entries], in `kept`.
 */
function bandsOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize): void {
  let weight = kept;
  for (let e = entries; e < end; e += 4, weight += 8) store<f64>(weight, load<f64>(step.bands + ((load<u32>(e) & 255) << 3)));
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
}

/** Writes the scores of bandsOf with equal weights w_e = n^-1/2, n the number of entries. */
function rootOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize): void {
  const root = 1 / Math.sqrt(<f64>((end - entries) >>> 2));
  let weight = kept;
  for (let e = entries; e < end; e += 4, weight += 8) store<f64>(weight, root);
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
}

/** Looks up the counts of exact baskets of the rows `from` .. `to` of a table (at most `rowsAhead` rows), for each step that needs them. */
export function lookAhead(
  steps: usize,
  count: u32,
  products: u32,
  start: usize,
  entry: usize,
  from: u32,
  to: u32,
  scratch: usize,
): void {
  for (let i: u32 = 0; i < count; i++, steps += offsetof<ScoreStep>()) {
    const step = changetype<ScoreStep>(steps);
    if (step.kind === stepCounts) findCounts(step, products, start, entry, from, to, scratch + step.kept);
  }
}

/**
 * Runs the steps of one row in order. Logarithms are approximate; `exactSums` recomputes the sums that matter.
 * @param steps ScoreStep[count]
 * @param entries address of the row's first packed entry, and `end` the address after the last
 * @param ahead number of rows between the first row of `lookAhead` and this row
 * @param scratch address to which the offsets of lines and reasons' data are added
 * @param work scratch for the solves of ALS
 * @returns false if a system cannot be solved
 */
export function takeSteps(
  steps: usize,
  count: u32,
  products: u32,
  entries: usize,
  end: usize,
  ahead: u32,
  scratch: usize,
  work: usize,
): bool {
  for (let i: u32 = 0; i < count; i++, steps += offsetof<ScoreStep>()) {
    const step = changetype<ScoreStep>(steps);
    const kind = step.kind;
    const padded = step.padded;
    const line = scratch + step.line;
    if (kind === stepShares) sharesOf(step, products, entries, end, line);
    else if (kind === stepBands) bandsOf(step, entries, end, line, scratch + step.kept);
    else if (kind === stepRoot) rootOf(step, entries, end, line, scratch + step.kept);
    else if (kind === stepAls) {
      if (!alsScoresOf(step, entries, end, line, scratch + step.kept, work)) return false;
    } else if (kind === stepRules) bestRules(step, entries, end, line, scratch + step.kept);
    else if (kind === stepCounts) {
      countsOf(step, products, entries, end, scratch + step.from, line, foundAt(scratch + step.kept, ahead));
    } else if (kind === stepClear) memory.fill(line, 0, padded << 3);
    else if (kind === stepFirst) firstLine(line, padded, load<f64>(step.weight), scratch + step.from);
    else if (kind === stepAdd) addLine(line, line, padded, load<f64>(step.weight), scratch + step.from);
    else if (kind === stepAddLog) addRoughLogarithms(line, padded, load<f64>(step.weight), scratch + step.from, smallestShare);
  }
  return true;
}

/** Sums of the last step's line at two positions, with exact logarithms, bit-equal to packages/core/src/numbers/elementary.ts. */
export function exactSums(steps: usize, count: u32, position: u32, position2: u32, scratch: usize): v128 {
  const floor = f64x2.splat(smallestShare);
  let sum = f64x2.splat(0);
  for (let i: u32 = 0; i < count; i++, steps += offsetof<ScoreStep>()) {
    const step = changetype<ScoreStep>(steps);
    const kind = step.kind;
    if (kind !== stepFirst && kind !== stepAdd && kind !== stepAddLog) continue;
    const line = scratch + step.from;
    const pair = v128.load64_lane(line + (position2 << 3), v128.load64_zero(line + (position << 3)), 1);
    const score = kind === stepAddLog ? logarithms(f64x2.max(pair, floor)) : pair;
    sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(step.weight), score));
  }
  return sum;
}
