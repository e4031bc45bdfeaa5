// Top-N lists of rows, by the scores of a linear model or by given scores.
//
// Scratch of one call: f32[padded] penalties, f32[padded] scores, then the scratch of `select`.

import { word } from '../numbers/memory';
import { ListRequest } from './layouts';
import { clearPenalties, setHeld } from './penalties';
import { writeList } from './select';
import { sumLines } from './sums';

/**
 * Writes the lists of the rows `from` .. `to` of a table, by the scores of a linear model:
 *   s = sum over entries e of weight_e matrix[column_e, :]
 * @param request record ListRequest
 * @param weight f32[entries]: weight of each entry
 * @param matrix f32[columns x padded]: scores of the candidates for each held column
 * @param scratch see the top of this file
 */
export function topNLinearRows(request: usize, weight: usize, matrix: usize, from: u32, to: u32, scratch: usize): void {
  const given = changetype<ListRequest>(request);
  const start: usize = given.start;
  const entry: usize = given.entry;
  const candidateOf: usize = given.candidateOf;
  const penalty = scratch;
  const bytes = (<usize>given.padded) << 2;
  const scores = scratch + bytes;
  clearPenalties(penalty, given.candidates, given.padded);
  for (let row = from; row < to; row++) {
    const entries = entry + (word(start, row) << 2);
    const entriesEnd = entry + (word(start, row + 1) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    const sums = sumLines(penalty, scores, bytes, entries, entriesEnd, weight - entry, matrix);
    writeList(given, row, sums, scores + bytes);
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}

/**
 * Writes the lists of the rows `from` .. `to` of a table, by given scores.
 * @param request record ListRequest
 * @param dense f32[lists x stride]: score of each column for each row with a list
 * @param stride numbers from one row of `dense` to the next
 */
export function topNDenseRows(request: usize, dense: usize, stride: u32, from: u32, to: u32, scratch: usize): void {
  const given = changetype<ListRequest>(request);
  const start: usize = given.start;
  const entry: usize = given.entry;
  const candidateOf: usize = given.candidateOf;
  const columnOf: usize = given.columnOf;
  const candidates = (<usize>given.candidates) << 2;
  const penalty = scratch;
  const bytes = (<usize>given.padded) << 2;
  const scores = scratch + bytes;
  clearPenalties(penalty, given.candidates, given.padded);
  memory.copy(scores, penalty, bytes);
  for (let row = from; row < to; row++) {
    const entries = entry + (word(start, row) << 2);
    const entriesEnd = entry + (word(start, row + 1) << 2);
    const line = dense + <usize>(row - given.base) * ((<usize>stride) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    for (let i: usize = 0; i < candidates; i += 4) {
      const value = load<f32>(line + ((<usize>load<u32>(columnOf + i)) << 2));
      store<f32>(scores + i, value + load<f32>(penalty + i));
    }
    writeList(given, row, scores, scores + bytes);
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}
