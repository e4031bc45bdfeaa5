// Offers by shares: at prices of the pairs of group and item (cells), a class of customers who are made one offer at most spreads over what is nearly worth as
// much as the best. With nets v (worth less price, and 0 for nothing), its best worth w and a width e,
//   shares p = exp(v / (e w)) / sum of exp(v / (e w));  what has less than e^-12 times the best has none
//   value    = e w ln(sum of exp(v / (e w))),  between max v and max v + e w ln(candidates + 1)
// so that the sum over classes is smooth in the prices:
//   d p of i / d price of j = (p of i p of j - [i = j] p of i) / (e w);   d p / d e = -p (ln p - sum of p ln p) / e

import { exponential, logarithm } from './elementary';
import { real, rests, word } from './offers';

/** Distance to the best, in widths, beyond which there is no share. */
const farthest: f64 = 12;
/** Shares below which the curvature does not count. */
const leastBent: f64 = 1e-3;
/** Bytes of a record of the scratch space. */
const recordBytes: usize = 24;

/** Whether an entry may be worth `least` at the low prices. */
function isNear(
  entry: u32,
  listed: usize,
  worth: usize,
  low: usize,
  least: f64,
  rest: u32,
  restStart: usize,
  restItem: usize,
): bool {
  const own = <f64>load<f32>(worth + ((<usize>entry) << 2));
  const item = word(listed, entry);
  if (!(own > 0) || own - real(low, item) <= least) return false;
  return rest === 0 || !rests(restStart, restItem, rest, item);
}

/**
 * Packs the candidates of the classes from .. to that may have a share at any prices between low and high, in the order of lists; classes without customers
 * or candidates are left out. Called twice: without `cell` it counts.
 * @param list u32[classes x columns]: lists of each class; start u32[lists + 1], listed and worth: item and f32 worth of each entry
 * @param group u32[classes]; low and high: f64[groups x items]; offered: u32[classes] customers
 * @param rest u32[classes]: set of items that rest, restStart u32[sets + 1], restItem; set 0: none
 * @param width e of the shares, as a share of a class's best worth
 * @param kept u32[classes]: candidates of each class: written where `cell` is 0, else read
 * @param packed first packed class, and `at` first packed candidate, that are written
 * @param classOf u32, begin u32, customers u32: class, first candidate and customers of each packed class
 * @param cell u32, entry u32, value f32: pair of group and item, entry and worth of each candidate
 * @returns packed classes
 */
export function packOffers(
  from: u32,
  to: u32,
  list: usize,
  columns: u32,
  start: usize,
  listed: usize,
  worth: usize,
  group: usize,
  low: usize,
  high: usize,
  rest: usize,
  restStart: usize,
  restItem: usize,
  itemCount: u32,
  offered: usize,
  width: f64,
  kept: usize,
  packed: u32,
  at: u32,
  classOf: usize,
  begin: usize,
  customers: usize,
  cell: usize,
  entry: usize,
  value: usize,
): u32 {
  const first = packed;
  for (let c = from; c < to; c++) {
    if (cell !== 0 && word(kept, c) === 0) continue;
    let count: u32 = 0;
    const line = <usize>word(group, c) * itemCount;
    const lists = list + ((<usize>(c * columns)) << 2);
    const set = word(rest, c);
    let best: f64 = 0;
    let top: f64 = 0;
    for (let l: u32 = 0; l < columns && word(offered, c) > 0; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        const own = <f64>load<f32>(worth + ((<usize>e) << 2));
        const net = own - real(high + (line << 3), word(listed, e));
        if (own > top) top = own;
        if (own > 0 && net > best && (set === 0 || !rests(restStart, restItem, set, word(listed, e)))) best = net;
      }
    }
    for (let l: u32 = 0; l < columns && word(offered, c) > 0; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        if (!isNear(e, listed, worth, low + (line << 3), best - farthest * width * top, set, restStart, restItem)) continue;
        if (cell !== 0) {
          store<u32>(cell + ((<usize>(at + count)) << 2), <u32>line + word(listed, e));
          store<u32>(entry + ((<usize>(at + count)) << 2), e);
          store<f32>(value + ((<usize>(at + count)) << 2), load<f32>(worth + ((<usize>e) << 2)));
        }
        count++;
      }
    }
    if (cell === 0) store<u32>(kept + ((<usize>c) << 2), count);
    else {
      store<u32>(classOf + ((<usize>packed) << 2), c);
      store<u32>(begin + ((<usize>packed) << 2), at);
      store<u32>(customers + ((<usize>packed) << 2), word(offered, c));
      at += count;
    }
    if (count > 0) packed++;
  }
  return packed - first;
}

/** Adds the curvature of a pair of candidates to the lower triangle of f64[free x free]: `by` for each pair of the free capacities that count them. */
function bend(
  one: u32,
  other: u32,
  by: f64,
  cellStart: usize,
  cellCapacity: usize,
  freeOf: usize,
  free: u32,
  curvature: usize,
): void {
  for (let i = word(cellStart, one), end = word(cellStart, one + 1); i < end; i++) {
    const row = word(freeOf, word(cellCapacity, i));
    if (row === 0xffffffff) continue;
    const line = curvature + ((<usize>row * free) << 3);
    for (let j = word(cellStart, other), last = word(cellStart, other + 1); j < last; j++) {
      const column = word(freeOf, word(cellCapacity, j));
      if (column > row) continue;
      const to = line + ((<usize>column) << 3);
      store<f64>(to, load<f64>(to) + by);
    }
  }
}

/**
 * Shares of the packed classes from .. to at given prices.
 * @param begin u32[classes + 1], customers u32[classes], cell u32, worth f32 of each candidate
 * @param prices f64[cells]
 * @param width e, as a share of a class's best worth
 * @param sums f64[cells]: customers times shares are added
 * @param drift f64[cells]: customers times p (ln p - sum of p ln p) are added; 0: not, nor the curvature
 * @param cellStart u32[cells + 1], cellCapacity u32: capacities of each cell; freeOf u32[capacities]: row of the curvature, or none
 * @param curvature f64[free x free], lower triangle: added to
 * @param shares f32 of each candidate; 0: not written
 * @param totals f64[3]: values, the greatest nets, and worth of the shares: written
 */
export function shareOffers(
  from: u32,
  to: u32,
  begin: usize,
  customers: usize,
  cell: usize,
  worth: usize,
  prices: usize,
  width: f64,
  sums: usize,
  drift: usize,
  cellStart: usize,
  cellCapacity: usize,
  freeOf: usize,
  free: u32,
  curvature: usize,
  shares: usize,
  totals: usize,
  scratch: usize,
): void {
  let value: f64 = 0;
  let greatest: f64 = 0;
  let spread: f64 = 0;
  for (let c = from; c < to; c++) {
    const first = word(begin, c);
    const end = word(begin, c + 1);
    const n = <f64>word(customers, c);
    let best: f64 = 0;
    for (let i = first; i < end; i++) best = max<f64>(best, <f64>load<f32>(worth + ((<usize>i) << 2)));
    const wide = width * best;
    // records of what may have a share: net, then its power, f64; number u32, none for nothing
    let count: u32 = 1;
    let highest: f64 = 0;
    store<f64>(scratch, 0);
    store<u32>(scratch, 0xffffffff, 16);
    for (let i = first; i < end; i++) {
      if (shares !== 0) store<f32>(shares + ((<usize>i) << 2), 0);
      const net = <f64>load<f32>(worth + ((<usize>i) << 2)) - real(prices, word(cell, i));
      if (net <= highest - farthest * wide) continue;
      highest = max<f64>(highest, net);
      const record = scratch + <usize>count * recordBytes;
      store<f64>(record, net);
      store<u32>(record, i, 16);
      count++;
    }
    if (count === 1) continue;
    greatest += n * highest;
    let sum: f64 = 0;
    for (let k: u32 = 0; k < count; k++) {
      const record = scratch + <usize>k * recordBytes;
      const behind = (load<f64>(record) - highest) / wide;
      const power = behind > -farthest ? (behind === 0 ? 1 : exponential(behind)) : 0;
      store<f64>(record, power, 8);
      sum += power;
    }
    value += n * (highest + wide * logarithm(sum));
    let mean: f64 = 0;
    for (let k: u32 = 0; k < count; k++) {
      const record = scratch + <usize>k * recordBytes;
      const share = load<f64>(record, 8) / sum;
      store<f64>(record, share, 8);
      mean += share * ((load<f64>(record) - highest) / wide);
    }
    for (let k: u32 = 0; k < count; k++) {
      const record = scratch + <usize>k * recordBytes;
      const i = load<u32>(record, 16);
      const share = load<f64>(record, 8);
      if (i === 0xffffffff || share === 0) continue;
      const offer = word(cell, i);
      spread += n * share * <f64>load<f32>(worth + ((<usize>i) << 2));
      store<f64>(sums + ((<usize>offer) << 3), real(sums, offer) + n * share);
      if (shares !== 0) store<f32>(shares + ((<usize>i) << 2), <f32>share);
      if (drift === 0 || share < leastBent || share === 1) continue;
      const apart = (load<f64>(record) - highest) / wide - mean;
      store<f64>(drift + ((<usize>offer) << 3), real(drift, offer) + n * share * apart);
      for (let j: u32 = 0; j < count; j++) {
        const another = scratch + <usize>j * recordBytes;
        const other = load<u32>(another, 16);
        if (other === 0xffffffff || load<f64>(another, 8) < leastBent) continue;
        const by = ((n * share) / wide) * ((k === j ? 1 : 0) - load<f64>(another, 8));
        bend(offer, word(cell, other), by, cellStart, cellCapacity, freeOf, free, curvature);
      }
    }
  }
  store<f64>(totals, value);
  store<f64>(totals, greatest, 8);
  store<f64>(totals, spread, 16);
}
