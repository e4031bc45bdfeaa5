// Top-N selection. Columns that may be recommended are "candidates": numbered in product-code order and padded to 16, so that
// scanning upwards with a strict comparison gives ties to the lower code, and what may not be recommended costs nothing.
//
// Scratch of one call: f32[padded] penalties (0, or -infinity: held by this row, or padding), f32[padded] scores, then that of `select`.

/** Marks a column that is not a candidate. */
export const noCandidate: u32 = 0xffffffff;

/** Penalties at the start of a block: none held, padding out. */
export function clearPenalties(penalty: usize, candidates: u32, padded: u32): void {
  memory.fill(penalty, 0, (<usize>candidates) << 2);
  for (let i = candidates; i < padded; i++) store<f32>(penalty + ((<usize>i) << 2), -Infinity);
}

/** Writes `value` at the candidates that the entries e .. end hold. */
export function setHeld(penalty: usize, candidateOf: usize, e: usize, end: usize, value: f32): void {
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

function reverse(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0);
}

/** Four numbers that rise and then fall (or fall and then rise), sorted falling. */
function sortBitonic(v: v128): v128 {
  let other = v128.shuffle<f32>(v, v, 2, 3, 0, 1);
  v = v128.shuffle<f32>(f32x4.pmax(v, other), f32x4.pmin(v, other), 0, 1, 6, 7);
  other = v128.shuffle<f32>(v, v, 1, 0, 3, 2);
  return v128.shuffle<f32>(f32x4.pmax(v, other), f32x4.pmin(v, other), 0, 5, 2, 7);
}

/** Up to this length the maxima of 16 lanes give a bound that few scores reach. */
const mostByMaxima: u32 = 12;
/** Up to this length the two best of each lane do. */
const mostByTwo: u32 = 24;

/**
 * A lower bound of the n-th best of f32[padded] scores: the n-th best of some of them. NaN counts as nothing. Scratch: three times 68 numbers.
 */
function boundOf(scores: usize, padded: u32, n: u32, scratch: usize): f32 {
  if (n <= mostByMaxima) return boundOfMaxima(scores, padded, n);
  const taken: u32 = n > mostByTwo ? 4 : 2;
  bestByLane(scores, padded, taken, scratch);
  const ranks = scratch + 272;
  const ranked = scratch + 544;
  rankValues(scratch, taken << 4, ranks);
  for (let i: usize = 0; i < (<usize>taken) << 6; i += 4) {
    store<f32>(ranked + ((<usize>load<u32>(ranks + i)) << 2), load<f32>(scratch + i));
  }
  return load<f32>(ranked + ((<usize>(n - 1)) << 2));
}

/** The 2 or 4 best of each of 16 lanes, f32[taken x 16]; -infinity where a lane has fewer. */
function bestByLane(scores: usize, padded: u32, taken: u32, best: usize): void {
  const end = scores + ((<usize>padded) << 2);
  for (let lane: usize = 0; lane < 64; lane += 16, best += (<usize>taken) << 4) {
    let a = f32x4.splat(-Infinity);
    let b = a;
    let c = a;
    let d = a;
    // What a better one pushes out goes on to the next; NaN pushes nothing, nor is it kept.
    if (taken === 2) {
      for (let at = scores + lane; at < end; at += 64) {
        const value = v128.load(at);
        b = f32x4.pmax(b, f32x4.pmin(value, a));
        a = f32x4.pmax(a, value);
      }
    } else {
      for (let at = scores + lane; at < end; at += 64) {
        const value = v128.load(at);
        const second = f32x4.pmin(value, a);
        const third = f32x4.pmin(second, b);
        d = f32x4.pmax(d, f32x4.pmin(third, c));
        c = f32x4.pmax(c, third);
        b = f32x4.pmax(b, second);
        a = f32x4.pmax(a, value);
      }
      v128.store(best, c, 32);
      v128.store(best, d, 48);
    }
    v128.store(best, a);
    v128.store(best, b, 16);
  }
}

/**
 * The n-th best, n at most 16, of the maxima by lane, 4 x 4 lanes. Sorting and merging by networks (Batcher, Sorting networks and their
 * applications, 1968).
 */
function boundOfMaxima(scores: usize, padded: u32, n: u32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let c = a;
  let d = a;
  const end = scores + ((<usize>padded) << 2);
  for (let at = scores; at < end; at += 64) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
    c = f32x4.pmax(c, v128.load(at, 32));
    d = f32x4.pmax(d, v128.load(at, 48));
  }
  // Each of the four columns of lanes, sorted falling from line 1 to 4.
  const high = f32x4.pmax(a, b);
  const low = f32x4.pmin(a, b);
  const high2 = f32x4.pmax(c, d);
  const low2 = f32x4.pmin(c, d);
  const middle = f32x4.pmin(high, high2);
  const middle2 = f32x4.pmax(low, low2);
  const line1 = f32x4.pmax(high, high2);
  const line2 = f32x4.pmax(middle, middle2);
  const line3 = f32x4.pmin(middle, middle2);
  const line4 = f32x4.pmin(low, low2);
  // The columns as vectors, merged two and two into sorted eights; of both the upper or the lower eight, and of these four.
  const left = v128.shuffle<f32>(line1, line2, 0, 4, 1, 5);
  const left2 = v128.shuffle<f32>(line3, line4, 0, 4, 1, 5);
  const right = v128.shuffle<f32>(line1, line2, 2, 6, 3, 7);
  const right2 = v128.shuffle<f32>(line3, line4, 2, 6, 3, 7);
  a = v128.shuffle<f32>(left, left2, 0, 1, 4, 5);
  b = reverse(v128.shuffle<f32>(left, left2, 2, 3, 6, 7));
  c = v128.shuffle<f32>(right, right2, 0, 1, 4, 5);
  d = reverse(v128.shuffle<f32>(right, right2, 2, 3, 6, 7));
  const first = sortBitonic(f32x4.pmax(a, b));
  const second = sortBitonic(f32x4.pmin(a, b));
  const last = reverse(sortBitonic(f32x4.pmin(c, d)));
  const last2 = reverse(sortBitonic(f32x4.pmax(c, d)));
  const eight = n > 8 ? f32x4.pmin(first, last) : f32x4.pmax(first, last);
  const eight2 = n > 8 ? f32x4.pmin(second, last2) : f32x4.pmax(second, last2);
  const four = sortBitonic(((n - 1) & 4) === 0 ? f32x4.pmax(eight, eight2) : f32x4.pmin(eight, eight2));
  const lane = (n - 1) & 3;
  if (lane === 0) return f32x4.extract_lane(four, 0);
  if (lane === 1) return f32x4.extract_lane(four, 1);
  return lane === 2 ? f32x4.extract_lane(four, 2) : f32x4.extract_lane(four, 3);
}

/** target = source + w x matrix line, over `bytes` bytes. */
export function add1(source: usize, target: usize, bytes: usize, w: v128, m: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    v128.store(target + j, f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j))));
    v128.store(target + j, f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16))), 16);
    v128.store(target + j, f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32))), 32);
    v128.store(target + j, f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48))), 48);
  }
}

/** The same with two lines, added in their order. */
function add2(source: usize, target: usize, bytes: usize, w: v128, m: usize, w2: v128, m2: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    let a = f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j)));
    let b = f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16)));
    let c = f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32)));
    let d = f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48)));
    a = f32x4.add(a, f32x4.mul(w2, v128.load(m2 + j)));
    b = f32x4.add(b, f32x4.mul(w2, v128.load(m2 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w2, v128.load(m2 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w2, v128.load(m2 + j, 48)));
    v128.store(target + j, a);
    v128.store(target + j, b, 16);
    v128.store(target + j, c, 32);
    v128.store(target + j, d, 48);
  }
}

/** The same with three lines. */
function add3(source: usize, target: usize, bytes: usize, w: v128, m: usize, w2: v128, m2: usize, w3: v128, m3: usize): void {
  for (let j: usize = 0; j < bytes; j += 64) {
    let a = f32x4.add(v128.load(source + j), f32x4.mul(w, v128.load(m + j)));
    let b = f32x4.add(v128.load(source + j, 16), f32x4.mul(w, v128.load(m + j, 16)));
    let c = f32x4.add(v128.load(source + j, 32), f32x4.mul(w, v128.load(m + j, 32)));
    let d = f32x4.add(v128.load(source + j, 48), f32x4.mul(w, v128.load(m + j, 48)));
    a = f32x4.add(a, f32x4.mul(w2, v128.load(m2 + j)));
    b = f32x4.add(b, f32x4.mul(w2, v128.load(m2 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w2, v128.load(m2 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w2, v128.load(m2 + j, 48)));
    a = f32x4.add(a, f32x4.mul(w3, v128.load(m3 + j)));
    b = f32x4.add(b, f32x4.mul(w3, v128.load(m3 + j, 16)));
    c = f32x4.add(c, f32x4.mul(w3, v128.load(m3 + j, 32)));
    d = f32x4.add(d, f32x4.mul(w3, v128.load(m3 + j, 48)));
    v128.store(target + j, a);
    v128.store(target + j, b, 16);
    v128.store(target + j, c, 32);
    v128.store(target + j, d, 48);
  }
}

/**
 * scores = penalty + sum over the entries e .. end of weight x matrix line, added in their order, three at a time.
 * weights: distance from an entry to its f32 weight. Returns where the sums are: the penalties themselves for an empty row.
 */
export function sumLines(
  penalty: usize,
  scores: usize,
  bytes: usize,
  e: usize,
  end: usize,
  weights: usize,
  matrix: usize,
): usize {
  let source = penalty;
  while (e < end) {
    const w = v128.load32_splat(e + weights);
    const m = matrix + <usize>(load<u32>(e) >>> 8) * bytes;
    if (end - e === 4) {
      add1(source, scores, bytes, w, m);
      return scores;
    }
    const w2 = v128.load32_splat(e + weights + 4);
    const m2 = matrix + <usize>(load<u32>(e, 4) >>> 8) * bytes;
    if (end - e === 8) {
      add2(source, scores, bytes, w, m, w2, m2);
      return scores;
    }
    const w3 = v128.load32_splat(e + weights + 8);
    const m3 = matrix + <usize>(load<u32>(e, 8) >>> 8) * bytes;
    add3(source, scores, bytes, w, m, w2, m2, w3, m3);
    source = scores;
    e += 12;
  }
  return source;
}

/**
 * Lists in `found` u32[padded + 1], ascending, the candidates whose scores are at least `bound` and above -infinity; returns how many. NaN is
 * never among them. Written without a branch for the usual case of at most one in 16.
 */
function find(scores: usize, padded: u32, bound: f32, found: usize): u32 {
  const least = f32x4.splat(max<f32>(bound, -f32.MAX_VALUE));
  let count: u32 = 0;
  for (let i: u32 = 0; i < padded; i += 16) {
    const at = scores + ((<usize>i) << 2);
    const ab = i16x8.narrow_i32x4_s(f32x4.ge(v128.load(at), least), f32x4.ge(v128.load(at, 16), least));
    const cd = i16x8.narrow_i32x4_s(f32x4.ge(v128.load(at, 32), least), f32x4.ge(v128.load(at, 48), least));
    const mask = i8x16.bitmask(i8x16.narrow_i16x8_s(ab, cd));
    store<u32>(found + ((<usize>count) << 2), i + ctz(mask));
    count += <u32>(mask !== 0);
    for (let rest = mask & (mask - 1); rest; rest &= rest - 1) {
      store<u32>(found + ((<usize>count) << 2), i + ctz(rest));
      count++;
    }
  }
  return count;
}

/**
 * The places of f32[m] values in falling order, equal ones in the order they stand in: u32 ranks[m]. Four values at a time are held against
 * each one: no branch depends on them. The values must not be NaN; room for 3 more of each is overwritten.
 */
function rankValues(values: usize, m: u32, ranks: usize): void {
  const end = values + ((<usize>m) << 2);
  v128.store(end, f32x4.splat(-Infinity));
  for (let at = values; at < end; at += 16) {
    const mine = v128.load(at);
    let rank = i32x4.splat(0);
    let other = values;
    // A mask is -1 where it holds.
    for (; other < at; other += 4) rank = i32x4.sub(rank, f32x4.ge(v128.load32_splat(other), mine));
    let same = v128.load32_splat(at);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, -1, -1, -1))));
    same = v128.load32_splat(at, 4);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, 0, -1, -1))));
    same = v128.load32_splat(at, 8);
    rank = i32x4.sub(rank, v128.or(f32x4.gt(same, mine), v128.and(f32x4.eq(same, mine), i32x4(0, 0, 0, -1))));
    rank = i32x4.sub(rank, f32x4.gt(v128.load32_splat(at, 12), mine));
    for (other += 16; other < end; other += 4) rank = i32x4.sub(rank, f32x4.gt(v128.load32_splat(other), mine));
    v128.store(ranks + (at - values), rank);
  }
}

/** The n best of `found` u32[m], m at most 64, by their ranks. Scratch: four times 68 numbers. */
function rankFound(
  scores: usize,
  found: usize,
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
    const candidate = (<usize>load<u32>(found)) << 2;
    store<u32>(columns, load<u32>(columnOf + candidate));
    store<f32>(listed, load<f32>(scores + candidate));
    return 1;
  }
  const end = (<usize>m) << 2;
  for (let i: usize = 0; i < end; i += 4) store<f32>(scratch + i, load<f32>(scores + ((<usize>load<u32>(found + i)) << 2)));
  rankValues(scratch, m, ranks);
  for (let i: usize = 0; i < end; i += 4) {
    const rank = (<usize>load<u32>(ranks + i)) << 2;
    store<u32>(rankedColumn + rank, load<u32>(columnOf + ((<usize>load<u32>(found + i)) << 2)));
    store<f32>(rankedScore + rank, load<f32>(scratch + i));
  }
  const count = min<u32>(m, n);
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    store<u32>(columns + i, load<u32>(rankedColumn + i));
    store<f32>(listed + i, load<f32>(rankedScore + i));
  }
  return count;
}

/** The n best of `found` u32[m] one after the other. */
function insertFound(scores: usize, found: usize, m: u32, n: u32, columnOf: usize, columns: usize, listed: usize): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < m; i++) {
    const candidate = (<usize>load<u32>(found + ((<usize>i) << 2))) << 2;
    const score = load<f32>(scores + candidate);
    const worst: f32 = count === n ? load<f32>(listed + ((<usize>(n - 1)) << 2)) : -Infinity;
    if (score > worst) count = insert(columns, listed, n, count, load<u32>(columnOf + candidate), score);
  }
  return count;
}

/** The n best of f32[padded] scores. Scratch: u32[padded + 1], rounded up to 16 bytes, then 1088 bytes. Returns how many there are. */
export function select(scores: usize, padded: u32, n: u32, columnOf: usize, columns: usize, listed: usize, scratch: usize): u32 {
  const more = scratch + ((<usize>padded) << 2) + 16;
  const m = find(scores, padded, boundOf(scores, padded, n, more), scratch);
  if (m > 64) return insertFound(scores, scratch, m, n, columnOf, columns, listed);
  return rankFound(scores, scratch, m, n, columnOf, columns, listed, more);
}
