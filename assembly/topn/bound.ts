// Lower bound of the n-th best score, from the best scores of each of 16 lanes. Few scores exceed it, so few must be sorted.
import { rankValues } from './ranks';

/** Greatest list length for which the bound comes from the maxima of the 16 lanes. For longer lists, too many scores would exceed this bound. */
const mostByMaxima: u32 = 12;

/** Greatest list length for which the bound comes from the two best scores of each lane. For longer lists, it comes from the four best. */
const mostByTwo: u32 = 24;

/**
 * Lower bound of the n-th best score: the n-th best of a subset of the scores. NaN is ignored.
 * @param scores f32[padded]
 * @param scratch f32[3 x 68]
 */
export function boundOf(scores: usize, padded: u32, n: u32, scratch: usize): f32 {
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

/** Writes the `taken` (2 or 4) best scores of each of 16 lanes to `best`, f32[taken x 16]; -infinity if a lane has fewer scores. */
function bestByLane(scores: usize, padded: u32, taken: u32, best: usize): void {
  const end = scores + ((<usize>padded) << 2);
  for (let lane: usize = 0; lane < 64; lane += 16, best += (<usize>taken) << 4) {
    let a = f32x4.splat(-Infinity);
    let b = a;
    let c = a;
    let d = a;
    // A better score displaces the stored one, which moves to the next rank. NaN displaces nothing and is not stored.
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
 * n-th best (n at most 16) of the maxima of 16 lanes. Sorts and merges by networks (Batcher, Sorting networks and their applications,
 * 1968).
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
  // The maxima are a 4 x 4 matrix with rows a, b, c, d. Sorts each column, falling from line1 to line4.
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
  // Transposes the columns to vectors, and merges pairs of vectors into two sorted sequences of eight.
  // Then selects the eight numbers that contain the n-th best, and of these the four that contain it.
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

function reverse(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0);
}

/** Sorts a bitonic vector of four numbers in falling order. (Bitonic: the numbers first rise and then fall, or first fall and then rise.) */
function sortBitonic(v: v128): v128 {
  let swapped = v128.shuffle<f32>(v, v, 2, 3, 0, 1);
  v = v128.shuffle<f32>(f32x4.pmax(v, swapped), f32x4.pmin(v, swapped), 0, 1, 6, 7);
  swapped = v128.shuffle<f32>(v, v, 1, 0, 3, 2);
  return v128.shuffle<f32>(f32x4.pmax(v, swapped), f32x4.pmin(v, swapped), 0, 5, 2, 7);
}
