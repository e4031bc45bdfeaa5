// Lists of rows: from a linear model, or from given scores. select.ts selects the entries.
//
// Scratch of one call: f32[padded] penalties, f32[padded] scores, then the scratch of `select`.

import { clearPenalties, setHeld } from './penalties';
import { select } from './select';
import { sumLines } from './sums';

/**
 * Lists for rows from .. to of a table under a linear model: s = sum over entries e of weight_e * matrix[column_e, :].
 * matrix: f32[columns x padded], only candidates; candidateOf: u32[columns]; columnOf: u32[candidates].
 * Lists are written at position row - base of count, column, score.
 */
export function topNLinearRows(
  start: usize,
  entry: usize,
  weight: usize,
  from: u32,
  to: u32,
  base: u32,
  matrix: usize,
  candidates: u32,
  padded: u32,
  candidateOf: usize,
  columnOf: usize,
  n: u32,
  count: usize,
  column: usize,
  score: usize,
  scratch: usize,
): void {
  const penalty = scratch;
  const bytes = (<usize>padded) << 2;
  const scores = scratch + bytes;
  clearPenalties(penalty, candidates, padded);
  for (let row = from; row < to; row++) {
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const entriesEnd = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    const sums = sumLines(penalty, scores, bytes, entries, entriesEnd, weight - entry, matrix);
    const place = <usize>(row - base);
    const list = (place * n) << 2;
    store<u32>(count + (place << 2), select(sums, padded, n, columnOf, column + list, score + list, scores + bytes));
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}

/**
 * Lists for rows from .. to whose scores are given: dense f32[(to - base) x stride] over all columns, at position row - base.
 * Other arguments as for topNLinearRows.
 */
export function topNDenseRows(
  start: usize,
  entry: usize,
  dense: usize,
  stride: u32,
  from: u32,
  to: u32,
  base: u32,
  candidates: u32,
  padded: u32,
  candidateOf: usize,
  columnOf: usize,
  n: u32,
  count: usize,
  column: usize,
  score: usize,
  scratch: usize,
): void {
  const penalty = scratch;
  const bytes = (<usize>padded) << 2;
  const scores = scratch + bytes;
  clearPenalties(penalty, candidates, padded);
  memory.copy(scores, penalty, bytes);
  for (let row = from; row < to; row++) {
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const entriesEnd = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    const place = <usize>(row - base);
    const given = dense + place * ((<usize>stride) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    for (let i: usize = 0; i < (<usize>candidates) << 2; i += 4) {
      const value = load<f32>(given + ((<usize>load<u32>(columnOf + i)) << 2));
      store<f32>(scores + i, value + load<f32>(penalty + i));
    }
    const list = (place * n) << 2;
    store<u32>(count + (place << 2), select(scores, padded, n, columnOf, column + list, score + list, scores + bytes));
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}
