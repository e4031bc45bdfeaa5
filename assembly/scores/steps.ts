// Steps of scoring one row. Each writes a line of scores, f64[padded], in the scratch of the call. Sums run over entries in the
// order of the row.

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

/** Shares: the line for the band of the newest holding (the first is for all customers), or the common line. */
function sharesOf(step: ScoreStep, products: u32, entries: usize, end: usize, line: usize): void {
  let found: u32 = 0;
  if (step.byRecency) {
    const newest = newestOf(entries, end, products);
    found = newest === 255 ? 0 : newest + 1;
  }
  const bytes = step.padded << 3;
  memory.copy(line, step.values + found * bytes, bytes);
}

/**
 * Scores s = base + sum over entries e of w_e x values[column_e], where w_e is the value of its band. The weights are stored in
 * `kept`.
 */
function bandsOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize): void {
  let weight = kept;
  for (let e = entries; e < end; e += 4, weight += 8) store<f64>(weight, load<f64>(step.bands + ((load<u32>(e) & 255) << 3)));
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
}

/** Scores as in bandsOf, with w_e = n^-1/2 for the n entries. */
function rootOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize): void {
  const root = 1 / Math.sqrt(<f64>((end - entries) >>> 2));
  let weight = kept;
  for (let e = entries; e < end; e += 4, weight += 8) store<f64>(weight, root);
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
}

/** Looks up the counts for the steps of the rows from .. to of a table, at most `rowsAhead`. */
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
 * Runs the steps of one row in order. Logarithms are approximate; `exactSums` corrects them.
 * @param steps the first of `count` records; ahead: number of rows since the start of `lookAhead`
 * @param scratch base of the positions of lines and of reasons' data; work: space for the solves of ALS
 * @returns 0 if a system cannot be solved
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

/** Sums of the last step at two positions, with logarithms bit-equal to numbers/elementary.ts. */
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
