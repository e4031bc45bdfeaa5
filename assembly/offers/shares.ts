// Fractional offers at given shadow prices, for at most one offer per customer: a softmax over the candidates of a class.
// A class is divided among the offers that are nearly as good as its best offer.
// v_i: reduced value of candidate i (value minus price; 0 for "no offer"). w: greatest value in the class. e: smoothing width.
//   share  p_i = exp(v_i / (e w)) / sum_j exp(v_j / (e w));   shares below exp(-12) times the greatest are set to 0
//   value    f = e w ln(sum_j exp(v_j / (e w))),   max v <= f <= max v + e w ln(candidates + 1)
// The sum of f over classes is smooth in the prices, with the derivatives
//   dp_i / dprice_j = (p_i p_j - [i = j] p_i) / (e w);   dp_i / de = -p_i (ln p_i - sum_j p_j ln p_j) / e

import { none } from '../layouts';
import { logarithm, storeExponentials } from '../numbers/elementary';
import { real, word } from '../numbers/memory';
import { CountedCells, PackedOffers, powerBytes, ShareSums, shareBytes } from './layouts';
import { farthest } from './near';

/** Smallest share for which derivatives are computed. */
const leastBent: f64 = 1e-3;
/** Bytes of a candidate's record in the scratch space. */
const recordBytes: usize = shareBytes;

/**
 * Adds the second derivative `by` of a pair of cells to the Hessian in the prices of the free capacities.
 * It is added for each pair of a capacity that counts cell `cell1` and a capacity that counts cell `cell2`.
 * @param curvature f64[free x free]: lower triangle of the Hessian
 */
function addCurvature(counting: CountedCells, cell1: u32, cell2: u32, by: f64, curvature: usize): void {
  const start: usize = counting.start;
  const capacity: usize = counting.capacity;
  const freeOf: usize = counting.freeOf;
  const free = counting.free;
  for (let i = word(start, cell1), end = word(start, cell1 + 1); i < end; i++) {
    const row = word(freeOf, word(capacity, i));
    if (row === none) continue;
    const line = curvature + ((<usize>row * free) << 3);
    for (let j = word(start, cell2), last = word(start, cell2 + 1); j < last; j++) {
      const column = word(freeOf, word(capacity, j));
      if (column > row) continue;
      const to = line + ((<usize>column) << 3);
      store<f64>(to, load<f64>(to) + by);
    }
  }
}

/**
 * Replaces each reduced value v by (v - highest) / wide, and drops the records at or below -12. Returns the number of remaining records.
 * @param wide e w
 */
function keepNear(records: usize, count: u32, highest: f64, wide: f64): u32 {
  let to = records;
  for (let k: u32 = 0; k < count; k++) {
    const record = records + <usize>k * recordBytes;
    const behind = (load<f64>(record) - highest) / wide;
    if (!(behind > -farthest)) continue;
    store<f64>(to, behind);
    store<u32>(to, load<u32>(record, 16), 16);
    to += recordBytes;
  }
  return <u32>((to - records) / recordBytes);
}

/** Distances (v - highest) / (e w) of a record and the next one. */
function pair(record: usize): v128 {
  return f64x2.replace_lane(f64x2.splat(load<f64>(record)), 1, load<f64>(record + recordBytes));
}

/**
 * Writes the exponential of each record's distance into the record. Returns the sum of the exponentials.
 * @param four f64[4] scratch. Four exponentials are computed at a time; those beyond the last record are not used
 */
function storePowers(records: usize, count: u32, four: usize): f64 {
  let sum: f64 = 0;
  for (let k: u32 = 0; k < count; k += 4) {
    const record = records + <usize>k * recordBytes;
    storeExponentials(four, pair(record), pair(record + 2 * recordBytes));
    for (let i: usize = 0; i < <usize>min<u32>(4, count - k); i++) {
      const power = load<f64>(four + (i << 3));
      store<f64>(record + i * recordBytes, power, 8);
      sum += power;
    }
  }
  return sum;
}

/** Replaces the exponential in each record by the share, exponential / sum. Returns the mean of the distances, weighted by share. */
function storeShares(records: usize, count: u32, sum: f64): f64 {
  let mean: f64 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const record = records + <usize>k * recordBytes;
    const share = load<f64>(record, 8) / sum;
    store<f64>(record, share, 8);
    mean += share * load<f64>(record);
  }
  return mean;
}

/**
 * Adds the shares of a class of n customers to the sums and, if requested, their derivatives.
 * @param shares f32[candidates] out: share of each candidate; 0: not written
 * @param wide e w
 * @param mean mean of the records' distances, weighted by share
 * @param spread value of the fractional offers of earlier classes
 * @returns `spread` plus the value of this class's fractional offers
 */
function addShares(
  into: ShareSums,
  counting: CountedCells,
  candidates: PackedOffers,
  shares: usize,
  records: usize,
  count: u32,
  n: f64,
  wide: f64,
  mean: f64,
  spread: f64,
): f64 {
  const drift: usize = into.drift;
  const cell: usize = candidates.cell;
  for (let k: u32 = 0; k < count; k++) {
    const record = records + <usize>k * recordBytes;
    const i = load<u32>(record, 16);
    const share = load<f64>(record, 8);
    if (i === none || share === 0) continue;
    spread += n * share * <f64>load<f32>(candidates.worth + ((<usize>i) << 2));
    const offer = word(cell, i);
    const offerSum = into.sums + ((<usize>offer) << 3);
    store<f64>(offerSum, load<f64>(offerSum) + n * share);
    if (shares !== 0) store<f32>(shares + ((<usize>i) << 2), <f32>share);
    if (drift === 0 || share < leastBent || share === 1) continue;
    const apart = load<f64>(record) - mean;
    store<f64>(drift + ((<usize>offer) << 3), real(drift, offer) + n * share * apart);
    for (let j: u32 = 0; j < count; j++) {
      const another = records + <usize>j * recordBytes;
      const offer2 = load<u32>(another, 16);
      if (offer2 === none || load<f64>(another, 8) < leastBent) continue;
      const by = ((n * share) / wide) * ((k === j ? 1 : 0) - load<f64>(another, 8));
      addCurvature(counting, offer, word(cell, offer2), by, into.curvature);
    }
  }
  return spread;
}

/**
 * Computes the shares of the packed classes `from` .. `to` at given shadow prices, and their sums.
 * @param packed record PackedOffers
 * @param counted record CountedCells
 * @param prices f64[cells]: shadow prices
 * @param width smoothing width e, relative to the class's greatest value
 * @param into record ShareSums
 * @param shares f32[candidates] out: share of each candidate; 0: not written
 * @param scratch powerBytes, then shareBytes for each candidate of the largest class, "no offer" and `sharesBehind` more
 */
export function shareOffers(
  from: u32,
  to: u32,
  packed: usize,
  counted: usize,
  prices: usize,
  width: f64,
  into: usize,
  shares: usize,
  scratch: usize,
): void {
  const candidates = changetype<PackedOffers>(packed);
  const counting = changetype<CountedCells>(counted);
  const sum = changetype<ShareSums>(into);
  const sums: usize = sum.sums;
  const drift: usize = sum.drift;
  const begin: usize = candidates.begin;
  const customers: usize = candidates.customers;
  const top: usize = candidates.top;
  const cell: usize = candidates.cell;
  const worth: usize = candidates.worth;
  let value: f64 = 0;
  let greatest: f64 = 0;
  let spread: f64 = 0;
  const records = scratch + powerBytes;
  memory.fill(sums, 0, (<usize>counting.cells) << 3);
  if (drift !== 0) memory.fill(drift, 0, (<usize>counting.cells) << 3);
  for (let c = from; c < to; c++) {
    const first = word(begin, c);
    const end = word(begin, c + 1);
    const n = <f64>word(customers, c);
    const wide = width * <f64>load<f32>(top + ((<usize>c) << 2));
    if (shares !== 0) memory.fill(shares + ((<usize>first) << 2), 0, (<usize>(end - first)) << 2);
    // A record holds f64 reduced value (later distance), f64 exponential (later share), u32 candidate. Record 0 is "no offer".
    let count: u32 = 1;
    let highest: f64 = 0;
    store<f64>(records, 0);
    store<u32>(records, none, 16);
    for (let i = first; i < end; i++) {
      const net = <f64>load<f32>(worth + ((<usize>i) << 2)) - real(prices, word(cell, i));
      if (net <= highest - farthest * wide) continue;
      highest = max<f64>(highest, net);
      const record = records + <usize>count * recordBytes;
      store<f64>(record, net);
      store<u32>(record, i, 16);
      count++;
    }
    if (count === 1) continue;
    greatest += n * highest;
    count = keepNear(records, count, highest, wide);
    if (count === 1) {
      // The only remaining record has share 1.
      const i = load<u32>(records, 16);
      value += n * highest;
      if (i === none) continue;
      const offerSum = sums + ((<usize>word(cell, i)) << 3);
      spread += n * <f64>load<f32>(worth + ((<usize>i) << 2));
      store<f64>(offerSum, load<f64>(offerSum) + n);
      if (shares !== 0) store<f32>(shares + ((<usize>i) << 2), 1);
      continue;
    }
    const powers = storePowers(records, count, scratch);
    value += n * (highest + wide * logarithm(powers));
    const mean = storeShares(records, count, powers);
    spread = addShares(sum, counting, candidates, shares, records, count, n, wide, mean, spread);
  }
  const totals: usize = sum.totals;
  store<f64>(totals, value);
  store<f64>(totals, greatest, 8);
  store<f64>(totals, spread, 16);
}
