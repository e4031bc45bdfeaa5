// Bound that few scores exceed, from the best scores of each lane.
import { rankValues } from './ranks';

/** Longest list with a bound from the maxima of 16 lanes. For longer lists, too many scores would exceed it. */
const mostByMaxima: u32 = 12;

/** Longest list with a bound from the two best scores of each lane. */
const mostByTwo: u32 = 24;

/**
 * Lower bound of the n-th best of f32[padded] scores: the n-th best of some of them. NaN is ignored. Scratch: three times 68
 * numbers.
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

/** The 2 or 4 best of each of 16 lanes, f32[taken x 16]; -infinity if a lane has fewer. */
function bestByLane(scores: usize, padded: u32, taken: u32, best: usize): void {
  const end = scores + ((<usize>padded) << 2);
  for (let lane: usize = 0; lane < 64; lane += 16, best += (<usize>taken) << 4) {
    let a = f32x4.splat(-Infinity);
    let b = a;
    let c = a;
    let d = a;
    // A displaced score moves to the next line. NaN displaces nothing and is not stored.
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
 * The n-th best, n at most 16, of the maxima of 4 x 4 lanes. Sorting and merging by networks (Batcher, Sorting networks and their
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
  // Sorts each of the four columns of lanes, falling from line 1 to 4.
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
  // Merges the columns, as vectors, in pairs into sorted eights; then takes the upper or the lower eight of both, and of these
  // four.
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

/** Sorts four numbers falling that first rise and then fall, or the reverse. */
function sortBitonic(v: v128): v128 {
  let other = v128.shuffle<f32>(v, v, 2, 3, 0, 1);
  v = v128.shuffle<f32>(f32x4.pmax(v, other), f32x4.pmin(v, other), 0, 1, 6, 7);
  other = v128.shuffle<f32>(v, v, 1, 0, 3, 2);
  return v128.shuffle<f32>(f32x4.pmax(v, other), f32x4.pmin(v, other), 0, 5, 2, 7);
}
