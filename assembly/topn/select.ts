// Selects the n best of the candidates' scores, f32[padded]. Of equal scores, the candidate with the lower product code comes first.

import { boundOf } from './bound';
import { ListRequest } from './layouts';
import { rankValues } from './ranks';

/**
 * Lists the candidates with a finite score of at least `bound`, ascending. Returns their number. A NaN score is never listed.
 * The loop over 16 scores has no branch in the usual case of at most one listed candidate.
 * @param listing u32[padded + 1] out
 */
export function find(scores: usize, padded: u32, bound: f32, listing: usize): u32 {
  const least = f32x4.splat(max<f32>(bound, -f32.MAX_VALUE));
  let count: u32 = 0;
  for (let i: u32 = 0; i < padded; i += 16) {
    const at = scores + ((<usize>i) << 2);
    const ab = i16x8.narrow_i32x4_s(f32x4.ge(v128.load(at), least), f32x4.ge(v128.load(at, 16), least));
    const cd = i16x8.narrow_i32x4_s(f32x4.ge(v128.load(at, 32), least), f32x4.ge(v128.load(at, 48), least));
    const mask = i8x16.bitmask(i8x16.narrow_i16x8_s(ab, cd));
    store<u32>(listing + ((<usize>count) << 2), i + ctz(mask));
    count += <u32>(mask !== 0);
    for (let rest = mask & (mask - 1); rest; rest &= rest - 1) {
      store<u32>(listing + ((<usize>count) << 2), i + ctz(rest));
      count++;
    }
  }
  return count;
}

/**
 * Writes the n best of m candidates (m at most 64) by ranking their scores. Returns the length of the list.
 * @param candidates u32[m]: candidates
 * @param columns u32[n], and `listed` f32[n] out: columns and scores of the list
 * @param scratch u32[4 x 68]
 */
function rankFound(
  scores: usize,
  candidates: usize,
  m: u32,
  n: u32,
  columnOf: usize,
  columns: usize,
  listed: usize,
  scratch: usize,
): u32 {
  const ranks = scratch + 272;
  const rankedColumn = scratch + 544;
  const rankedScore = scratch + 816;
  if (m === 1) {
    const candidate = (<usize>load<u32>(candidates)) << 2;
    store<u32>(columns, load<u32>(columnOf + candidate));
    store<f32>(listed, load<f32>(scores + candidate));
    return 1;
  }
  const end = (<usize>m) << 2;
  for (let i: usize = 0; i < end; i += 4) store<f32>(scratch + i, load<f32>(scores + ((<usize>load<u32>(candidates + i)) << 2)));
  rankValues(scratch, m, ranks);
  for (let i: usize = 0; i < end; i += 4) {
    const rank = (<usize>load<u32>(ranks + i)) << 2;
    store<u32>(rankedColumn + rank, load<u32>(columnOf + ((<usize>load<u32>(candidates + i)) << 2)));
    store<f32>(rankedScore + rank, load<f32>(scratch + i));
  }
  const count = min<u32>(m, n);
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    store<u32>(columns + i, load<u32>(rankedColumn + i));
    store<f32>(listed + i, load<f32>(rankedScore + i));
  }
  return count;
}

/** Writes the n best of m candidates by inserting one after the other into a sorted list. Returns the length of the list. */
function insertFound(scores: usize, candidates: usize, m: u32, n: u32, columnOf: usize, columns: usize, listed: usize): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < m; i++) {
    const candidate = (<usize>load<u32>(candidates + ((<usize>i) << 2))) << 2;
    const score = load<f32>(scores + candidate);
    const worst: f32 = count === n ? load<f32>(listed + ((<usize>(n - 1)) << 2)) : -Infinity;
    if (score > worst) count = insert(columns, listed, n, count, load<u32>(columnOf + candidate), score);
  }
  return count;
}

/**
 * Inserts (score, column) into a list of at most n entries, sorted by falling score. Returns the new length of the list.
 * Of equal scores, the one inserted first stays first.
 */
function insert(columns: usize, scores: usize, n: u32, count: u32, column: u32, score: f32): u32 {
  let at = count;
  if (count === n) at--;
  while (at > 0 && load<f32>(scores + ((<usize>(at - 1)) << 2)) < score) {
    store<f32>(scores + ((<usize>at) << 2), load<f32>(scores + ((<usize>(at - 1)) << 2)));
    store<u32>(columns + ((<usize>at) << 2), load<u32>(columns + ((<usize>(at - 1)) << 2)));
    at--;
  }
  store<f32>(scores + ((<usize>at) << 2), score);
  store<u32>(columns + ((<usize>at) << 2), column);
  return count === n ? n : count + 1;
}

/**
 * Writes the n best candidates by score. Returns the length of the list, which is below n if fewer scores are finite.
 * @param scores f32[padded]
 * @param columnOf u32[candidates]: column of each candidate
 * @param columns u32[n], and `listed` f32[n] out: columns and scores of the list
 * @param scratch u32[padded + 1], rounded up to 16 bytes, then 1088 bytes
 */
export function select(scores: usize, padded: u32, n: u32, columnOf: usize, columns: usize, listed: usize, scratch: usize): u32 {
  const more = scratch + ((<usize>padded) << 2) + 16;
  const m = find(scores, padded, boundOf(scores, padded, n, more), scratch);
  if (m > 64) return insertFound(scores, scratch, m, n, columnOf, columns, listed);
  return rankFound(scores, scratch, m, n, columnOf, columns, listed, more);
}

/** Writes the list of a row, and the length of the list, from the row's scores. Returns the length. @param scratch as for `select` */
export function writeList(request: ListRequest, row: u32, scores: usize, scratch: usize): u32 {
  const place = <usize>(row - request.base);
  const list = (place * request.n) << 2;
  const length = select(
    scores,
    request.padded,
    request.n,
    request.columnOf,
    request.column + list,
    request.score + list,
    scratch,
  );
  store<u32>(request.count + (place << 2), length);
  return length;
}
