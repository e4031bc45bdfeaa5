// Terms of a next-purchase score from counts of exact baskets (packages/core/src/next-purchase/additive-part.ts).

import { scatter, slotOf } from '../baskets/sets';
import { none } from '../layouts';
import { logarithms } from '../numbers/elementary';
import { smallestShare } from '../scores/layouts';
import { CountedPart } from './layouts';

/** Line for the recency band of a row's newest holding (255: none). Line 0 is for all customers. */
export function lineOfNewest(newest: u32, lines: u32): u32 {
  return lines === 1 || newest === 255 ? 0 : newest + 1;
}

/** Total share of the products not held: 1 - sum of the shares of the held products, at least `smallestShare`. */
function freeShare(shares: usize, entries: usize, end: usize, productOf: usize): f64 {
  let held: f64 = 0;
  for (let e = entries; e < end; e += 4) {
    const product = load<u32>(productOf + ((load<u32>(e) >>> 8) << 2));
    if (product !== none) held += load<f64>(shares + (product << 3));
  }
  return max<f64>(smallestShare, 1 - held);
}

/** Adds an f64 to an f32. */
function addTo(at: usize, value: f64): void {
  store<f32>(at, load<f32>(at) + <f32>value);
}

/**
 * Adds the terms from the counts of exactly this basket to the scores of candidates, and to `extra`. For product j:
 *   term_j = weight ln(1 + count_j / (prior max(1e-6, share_j / S))),   S = sum of the shares of the products not held
 * Two logarithms at a time, bit-equal to packages/core/src/numbers/elementary.ts.
 * @param tier customer tier of the row, which selects the weight
 * @param newest recency band of the newest holding; 255: none
 * @param low, high hash words of the set of held products (see baskets/sets.ts)
 * @param productOf u32[columns]: product of each table column in the model, or `none`
 * @param scores f32[padded] in and out: the terms are added
 * @param extra f32[padded] in and out: the terms are added
 * @returns sum of the terms; 0 if no term was added
 */
export function addCounts(
  part: CountedPart,
  tier: u32,
  newest: u32,
  low: u32,
  high: u32,
  entries: usize,
  end: usize,
  productOf: usize,
  scores: usize,
  extra: usize,
): f64 {
  const weight = load<f64>(part.weights + (tier << 3));
  if (weight === 0) return 0;
  if (part.byRecency) {
    low += scatter(part.products + newest, 1);
    high += scatter(part.products + newest, 2);
  }
  const slot = slotOf(part.slots, part.mask, low, high);
  const counts = part.counts;
  const last = counts + (load<u32>(slot, 12) << 4);
  let at = counts + (load<u32>(slot, 8) << 4);
  if (at === last) return 0;
  const shares = part.shares + ((lineOfNewest(newest, part.lines) * part.width) << 3);
  const candidateOf = part.candidateOf;
  const free = f64x2.splat(freeShare(shares, entries, end, productOf));
  const prior = v128.load64_splat(part.prior);
  const weights = f64x2.splat(weight);
  const least = f64x2.splat(smallestShare);
  const ones = f64x2.splat(1);
  let waits: usize = 0;
  let waiting: u32 = none;
  let sum: f64 = 0;
  for (; ; at += 16) {
    let candidate: u32 = none;
    if (at < last) {
      candidate = load<u32>(candidateOf + ((<u32>load<f64>(at)) << 2));
      if (candidate === none) continue;
      if (waiting === none) {
        waits = at;
        waiting = candidate;
        continue;
      }
    } else if (waiting === none) break;
    // With an odd number of counts, the last one is in both lanes, and the second lane is not used.
    const second = candidate === none ? waits : at;
    const column = <u32>load<f64>(waits);
    const column2 = <u32>load<f64>(second);
    const share = v128.load64_lane(shares + (column2 << 3), v128.load64_zero(shares + (column << 3)), 1);
    const count = v128.load64_lane(second, v128.load64_zero(waits, 8), 1, 8);
    const pseudoCount = f64x2.mul(prior, f64x2.max(least, f64x2.div(share, free)));
    const added = f64x2.mul(weights, logarithms(f64x2.add(ones, f64x2.div(count, pseudoCount))));
    addTo(scores + (waiting << 2), f64x2.extract_lane(added, 0));
    addTo(extra + (waiting << 2), f64x2.extract_lane(added, 0));
    sum += f64x2.extract_lane(added, 0);
    waiting = none;
    if (candidate === none) break;
    addTo(scores + (candidate << 2), f64x2.extract_lane(added, 1));
    addTo(extra + (candidate << 2), f64x2.extract_lane(added, 1));
    sum += f64x2.extract_lane(added, 1);
  }
  return sum;
}
