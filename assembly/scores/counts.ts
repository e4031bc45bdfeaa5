// Scores from counts of products among customers with exactly the same basket, shrunk towards a base of shares.
// The host builds the counts in packages/core/src/models/basket-index.ts and lookup.ts.

import { scatter, slotOf } from '../baskets/sets';
import { none } from '../layouts';
import { bytesAhead, ScoreStep } from './layouts';

/** Recency band of the newest holding, the lowest band of a row's products; 255 if the row has no products. */
export function newestOf(entries: usize, end: usize, products: u32): u32 {
  let newest: u32 = 255;
  for (let e = entries; e < end; e += 4) {
    const held = load<u32>(e);
    if (held >>> 8 < products) newest = min(newest, held & 255);
  }
  return newest;
}

/** Hash-table slot of the row's set of products: four words (see ScoreStep.slots). The last word is 0 if the set has no counts. */
function slotOfHeld(step: ScoreStep, products: u32, entries: usize, end: usize): usize {
  let low: u32 = 0;
  let high: u32 = 0;
  for (let e = entries; e < end; e += 4) {
    const column = load<u32>(e) >>> 8;
    if (column >= products) continue;
    low += scatter(column, 1);
    high += scatter(column, 2);
  }
  if (step.byRecency) {
    const newest = products + newestOf(entries, end, products);
    low += scatter(newest, 1);
    high += scatter(newest, 2);
  }
  return slotOf(step.slots, step.mask, low, high);
}

/** Sum of the positive numbers of f64[count]. Adds up every eighth number, then adds these eight sums in pairs. */
function sumAbove(at: usize, count: u32): f64 {
  const zero = f64x2.splat(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  const end = at + (count << 3);
  for (; at + 64 <= end; at += 64) {
    const v = v128.load(at);
    const w = v128.load(at, 16);
    const x = v128.load(at, 32);
    const y = v128.load(at, 48);
    a = f64x2.add(a, v128.and(v, f64x2.gt(v, zero)));
    b = f64x2.add(b, v128.and(w, f64x2.gt(w, zero)));
    c = f64x2.add(c, v128.and(x, f64x2.gt(x, zero)));
    d = f64x2.add(d, v128.and(y, f64x2.gt(y, zero)));
  }
  const left = end - at;
  a = f64x2.add(a, f64x2(above(at, left, 0), above(at, left, 8)));
  b = f64x2.add(b, f64x2(above(at, left, 16), above(at, left, 24)));
  c = f64x2.add(c, f64x2(above(at, left, 32), above(at, left, 40)));
  d = f64x2.add(d, f64x2(above(at, left, 48), 0));
  const ab = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1));
  return ab + (f64x2.extract_lane(c, 0) + f64x2.extract_lane(c, 1) + (f64x2.extract_lane(d, 0) + f64x2.extract_lane(d, 1)));
}

/** Number at offset `further` if the offset is below `left` bytes and the number above 0; otherwise 0. */
function above(at: usize, left: usize, further: usize): f64 {
  if (further >= left) return 0;
  const value = load<f64>(at + further);
  return select<f64>(value, 0, value > 0);
}

/**
 * Looks up the counts of the rows `from` .. `to` of a table (at most `rowsAhead` rows) before they are scored.
 * @param counted (f64 prior + sum of the row's counts, u32 start and u32 end of the counts)[rows] out
 */
export function findCounts(step: ScoreStep, products: u32, start: usize, entry: usize, from: u32, to: u32, counted: usize): void {
  let at = counted;
  for (let row = start + ((<usize>from) << 2); row < start + ((<usize>to) << 2); row += 4, at += bytesAhead) {
    const slot = slotOfHeld(step, products, entry + ((<usize>load<u32>(row)) << 2), entry + ((<usize>load<u32>(row, 4)) << 2));
    store<u32>(at, step.counts + (load<u32>(slot, 8) << 4), 8);
    store<u32>(at, step.counts + (load<u32>(slot, 12) << 4), 12);
  }
  const prior = load<f64>(step.weight);
  for (let row = counted; row < at; row += bytesAhead) {
    const last = load<u32>(row, 12);
    let total = prior;
    for (let record = load<u32>(row, 8); record < last; record += 16) total += load<f64>(record, 8);
    store<f64>(row, total);
  }
}

/** Address of the result of `findCounts` for the row that is `ahead` rows after its first row. */
export function foundAt(counted: usize, ahead: u32): usize {
  return counted + <usize>(ahead * bytesAhead);
}

/**
 * Scores from the counts of exactly this basket, shrunk towards the shares of a base b:
 *   s_j = (prior b_j / B + count_j) / (prior + sum of counts),   B = sum of positive b over the products not held
 * For b_j at or below 0, b_j / B is replaced by 1e-9 b_j.
 * @param base f64[columns]: b. Its held columns are set to 0
 * @param line f64[padded] out: s
 * @param counted result of `findCounts` for the row
 */
export function countsOf(
  step: ScoreStep,
  products: u32,
  entries: usize,
  end: usize,
  base: usize,
  line: usize,
  counted: usize,
): void {
  for (let e = entries; e < end; e += 4) store<f64>(base + ((load<u32>(e) >>> 8) << 3), 0);
  const sum = sumAbove(base, products);
  const scale = sum > 0 ? 1 / sum : 0;
  const prior = load<f64>(step.weight);
  const first = load<u32>(counted, 8);
  const last = load<u32>(counted, 12);
  const total = load<f64>(counted);
  const padded = step.padded;
  const placeOf = step.placeOf;
  const scales = f64x2.splat(scale);
  const priors = f64x2.splat(prior);
  const zero = f64x2.splat(0);
  const all = f64x2.splat(total);
  for (let i: u32 = 0; i < padded; i += 2) {
    const places = placeOf + (i << 2);
    const share = v128.load64_lane(base + (load<u32>(places, 4) << 3), v128.load64_zero(base + (load<u32>(places) << 3)), 1);
    const factor = v128.bitselect(scales, f64x2.splat(1e-9), f64x2.gt(share, zero));
    v128.store(line + (i << 3), f64x2.div(f64x2.mul(f64x2.mul(share, factor), priors), all));
  }
  for (let record = first; record < last; record += 16) {
    const position = load<u32>(step.positionOf + ((<u32>load<f64>(record)) << 2));
    if (position === none) continue;
    const share = load<f64>(base + (load<u32>(placeOf + (position << 2)) << 3));
    const pseudoCount = share * select<f64>(scale, 1e-9, share > 0) * prior;
    store<f64>(line + (position << 3), (pseudoCount + load<f64>(record, 8)) / total);
  }
}
