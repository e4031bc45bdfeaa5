// Top-N selection. Columns that may be recommended are "candidates": numbered in product-code order and padded to 16, so that
// scanning upwards with a strict comparison gives ties to the lower code, and what may not be recommended costs nothing.
//
// Scratch of one call: f32[padded] penalties (0, or -infinity: held by this row, or padding), then f32[padded] scores.

/** Marks a column that is not a candidate. */
const noCandidate: u32 = 0xffffffff;

/** Penalties at the start of a block: none held, padding out. */
function clearPenalties(penalty: usize, candidates: u32, padded: u32): void {
  memory.fill(penalty, 0, (<usize>candidates) << 2);
  for (let i = candidates; i < padded; i++) store<f32>(penalty + ((<usize>i) << 2), -Infinity);
}

/** Writes `value` at the candidates that the entries e .. end hold. */
function setHeld(penalty: usize, candidateOf: usize, e: usize, end: usize, value: f32): void {
  for (; e < end; e += 4) {
    const candidate = load<u32>(candidateOf + ((<usize>(load<u32>(e) >>> 8)) << 2));
    if (candidate !== noCandidate) store<f32>(penalty + ((<usize>candidate) << 2), value);
  }
}

/** Puts (score, column) into a list of at most n kept in falling order; returns its new length. Equal scores: the first in stays first. */
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
 * A lower bound of the n-th best of 16 or more scores, from their maxima by lane (4 x 4 lanes): sort each of the four columns
 * of lanes; then 4k of the scores are at least the least of the k-th row. -infinity for n > 16.
 */
function boundOf(a: v128, b: v128, c: v128, d: v128, n: u32): f32 {
  if (n > 16) return -Infinity;
  const high = f32x4.pmax(a, b);
  const low = f32x4.pmin(a, b);
  const high2 = f32x4.pmax(c, d);
  const low2 = f32x4.pmin(c, d);
  const first = f32x4.pmax(high, high2);
  const middle = f32x4.pmin(high, high2);
  const middle2 = f32x4.pmax(low, low2);
  const last = f32x4.pmin(low, low2);
  let row = first;
  if (n > 12) row = last;
  else if (n > 8) row = f32x4.pmin(middle, middle2);
  else if (n > 4) row = f32x4.pmax(middle, middle2);
  row = f32x4.pmin(row, i8x16.shuffle(row, row, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return min<f32>(f32x4.extract_lane(row, 0), f32x4.extract_lane(row, 1));
}

/** The n best of f32[padded] scores that are above -infinity and at least `bound`; NaN is never among them. Returns how many. */
function select(scores: usize, padded: u32, bound: f32, n: u32, columnOf: usize, columns: usize, listed: usize): u32 {
  let count: u32 = 0;
  let least = f32x4.splat(bound);
  const lastScore = listed + ((<usize>(n - 1)) << 2);
  for (let i: u32 = 0; i < padded; i += 16) {
    const at = scores + ((<usize>i) << 2);
    const a = f32x4.ge(v128.load(at), least);
    const b = f32x4.ge(v128.load(at, 16), least);
    const c = f32x4.ge(v128.load(at, 32), least);
    const d = f32x4.ge(v128.load(at, 48), least);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    let mask = i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(c) << 8) | (i32x4.bitmask(d) << 12);
    do {
      const j = i + ctz(mask);
      mask &= mask - 1;
      const score = load<f32>(scores + ((<usize>j) << 2));
      const worst: f32 = count === n ? load<f32>(lastScore) : -Infinity;
      if (score > worst) count = insert(columns, listed, n, count, load<u32>(columnOf + ((<usize>j) << 2)), score);
    } while (mask);
    if (count === n) least = f32x4.pmax(least, f32x4.splat(load<f32>(lastScore)));
  }
  return count;
}

/**
 * Lists for rows from .. to of a table under a linear model: s = sum over entries e of weight_e * matrix[column_e, :].
 * matrix: f32[columns x padded], candidates only; candidateOf: u32[columns]; columnOf: u32[candidates].
 * Lists go to place row - base of count, column, score.
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
    const first = load<u32>(start + ((<usize>row) << 2));
    const end = load<u32>(start + ((<usize>row) << 2), 4);
    const entries = entry + ((<usize>first) << 2);
    const entriesEnd = entry + ((<usize>end) << 2);
    const weights = weight - entry;
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    let a = f32x4.splat(-Infinity);
    let b = a;
    let c = a;
    let d = a;
    for (let j: usize = 0; j < bytes; j += 64) {
      let sa = v128.load(penalty + j);
      let sb = v128.load(penalty + j, 16);
      let sc = v128.load(penalty + j, 32);
      let sd = v128.load(penalty + j, 48);
      for (let e = entries; e < entriesEnd; e += 4) {
        const w = v128.load32_splat(weights + e);
        const m = matrix + <usize>(load<u32>(e) >>> 8) * bytes + j;
        sa = f32x4.add(sa, f32x4.mul(w, v128.load(m)));
        sb = f32x4.add(sb, f32x4.mul(w, v128.load(m, 16)));
        sc = f32x4.add(sc, f32x4.mul(w, v128.load(m, 32)));
        sd = f32x4.add(sd, f32x4.mul(w, v128.load(m, 48)));
      }
      v128.store(scores + j, sa);
      v128.store(scores + j, sb, 16);
      v128.store(scores + j, sc, 32);
      v128.store(scores + j, sd, 48);
      a = f32x4.pmax(a, sa);
      b = f32x4.pmax(b, sb);
      c = f32x4.pmax(c, sc);
      d = f32x4.pmax(d, sd);
    }
    const place = <usize>(row - base);
    const list = (place * n) << 2;
    store<u32>(count + (place << 2), select(scores, padded, boundOf(a, b, c, d, n), n, columnOf, column + list, score + list));
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}

/**
 * Lists for rows from .. to whose scores are given: dense f32[(to - base) x stride] over all columns, row - base being the place.
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
  const scores = scratch + ((<usize>padded) << 2);
  clearPenalties(penalty, candidates, padded);
  memory.copy(scores, penalty, (<usize>padded) << 2);
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
    store<u32>(count + (place << 2), select(scores, padded, -Infinity, n, columnOf, column + list, score + list));
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
  }
}

/**
 * Lists for rows from .. to that differ only by what is held: ranked u32[length] are the candidates, best first, with their
 * scores f32[length]. Other arguments as for topNLinearRows.
 */
export function topNConstantRows(
  start: usize,
  entry: usize,
  from: u32,
  to: u32,
  base: u32,
  ranked: usize,
  rankedScore: usize,
  length: u32,
  n: u32,
  count: usize,
  column: usize,
  score: usize,
): void {
  for (let row = from; row < to; row++) {
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const entriesEnd = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    const place = <usize>(row - base);
    const list = (place * n) << 2;
    let found: u32 = 0;
    for (let i: usize = 0; i < (<usize>length) << 2 && found < n; i += 4) {
      const candidate = load<u32>(ranked + i);
      let e = entries;
      while (e < entriesEnd && load<u32>(e) >>> 8 !== candidate) e += 4;
      if (e < entriesEnd) continue;
      store<u32>(column + list + ((<usize>found) << 2), candidate);
      store<f32>(score + list + ((<usize>found) << 2), load<f32>(rankedScore + i));
      found++;
    }
    store<u32>(count + (place << 2), found);
  }
}
