// Candidates that may have a share (shares.ts) at some prices in a box, packed class by class. Between low and high prices an offer
// of value w has a reduced value between w - high and w - low: it may have a share if w - low > (the greatest w - high) - 12 widths. A
// class is decided if exactly one candidate, or "no offer", may have a share.

import { real, word } from '../numbers/memory';
import { rests, touchedClasses, touchLists } from './offers';

/** Distance to the best, in widths, beyond which the share is 0. */
export const farthest: f64 = 12;

/** Whether the reduced value of an entry may reach `least` at the low prices. */
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
 * Packs the candidates of the classes from .. to that may have a share at some prices between low and high, in the order of lists; classes
 * without candidates are dropped. Called twice: without `cell` it counts.
 * @param list u32[classes x columns]: lists of each class; start u32[lists + 1], listed and worth: item and f32 value of each entry
 * @param group u32[classes]; low and high: f64[groups x items]; offered: u32[classes] customers
 * @param rest u32[classes]: set of items in cool-off, restStart u32[sets + 1], restItem; set 0: none
 * @param width e of the shares, as a share of a class's greatest value
 * @param kept u32[classes]: candidates of each class: written if `cell` is 0, else read
 * @param packed position of the first packed class, and `at` of the first packed candidate
 * @param classOf u32, begin u32, customers u32, top f32: class, first candidate, customers and greatest value of each packed class
 * @param cell u32, entry u32, value f32: pair of group and item, entry and value of each candidate
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
  top: usize,
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
    if (cell === 0 && (c - from) % touchedClasses === 0) {
      store<u32>(kept + ((<usize>c) << 2), touchLists(lists, min(touchedClasses, to - c) * columns, start, listed, worth));
    }
    const set = word(rest, c);
    let best: f64 = 0;
    let most: f64 = 0;
    for (let l: u32 = 0; l < columns; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        const own = <f64>load<f32>(worth + ((<usize>e) << 2));
        if (!(own > 0) || (set !== 0 && rests(restStart, restItem, set, word(listed, e)))) continue;
        most = max<f64>(most, own);
        best = max<f64>(best, own - real(high + (line << 3), word(listed, e)));
      }
    }
    for (let l: u32 = 0; l < columns; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        if (!isNear(e, listed, worth, low + (line << 3), best - farthest * width * most, set, restStart, restItem)) continue;
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
      store<f32>(top + ((<usize>packed) << 2), <f32>most);
      at += count;
    }
    if (count > 0) packed++;
  }
  return packed - first;
}

/**
 * Packs the remaining candidates of packed classes from .. to in a narrower box, and counts classes decided there instead of packing them;
 * classes of the control alone are dropped. Called twice: without `toCell` it counts.
 * @param begin u32[classes + 1], customers u32[classes], top f32[classes]; cell u32, value f32 of each candidate
 * @param low and high: f64[cells]
 * @param width e of the shares, as a share of a class's greatest value
 * @param kept u32[classes]: remaining candidates of each class, 0 for decided classes: written if `toCell` is 0, else read
 * @param decided f64[cells]: customers of decided classes are added if `toCell` is 0; decidedWorth f64[1]: their value is added
 * @param packed position of the first class, and `at` of the first candidate
 * @param toBegin, toCustomers, toTop, toCell and toWorth: output, in the format of the input
 * @returns remaining classes
 */
export function narrowOffers(
  from: u32,
  to: u32,
  begin: usize,
  customers: usize,
  top: usize,
  cell: usize,
  worth: usize,
  low: usize,
  high: usize,
  width: f64,
  kept: usize,
  decided: usize,
  decidedWorth: usize,
  packed: u32,
  at: u32,
  toBegin: usize,
  toCustomers: usize,
  toTop: usize,
  toCell: usize,
  toWorth: usize,
): u32 {
  const first = packed;
  for (let c = from; c < to; c++) {
    if (toCell === 0 && word(customers, c) === 0) store<u32>(kept + ((<usize>c) << 2), 0);
    if (word(customers, c) === 0 || (toCell !== 0 && word(kept, c) === 0)) continue;
    const end = word(begin, c + 1);
    const far = farthest * width * <f64>load<f32>(top + ((<usize>c) << 2));
    let best: f64 = 0;
    for (let i = word(begin, c); i < end; i++) {
      best = max<f64>(best, <f64>load<f32>(worth + ((<usize>i) << 2)) - real(high, word(cell, i)));
    }
    let count: u32 = 0;
    let only: u32 = 0;
    for (let i = word(begin, c); i < end; i++) {
      if (<f64>load<f32>(worth + ((<usize>i) << 2)) - real(low, word(cell, i)) <= best - far) continue;
      if (toCell !== 0) {
        store<u32>(toCell + ((<usize>(at + count)) << 2), word(cell, i));
        store<f32>(toWorth + ((<usize>(at + count)) << 2), load<f32>(worth + ((<usize>i) << 2)));
      }
      only = i;
      count++;
    }
    if (toCell === 0) {
      if (count === 1 && best > far) {
        const n = <f64>word(customers, c);
        const offer = word(cell, only);
        store<f64>(decided + ((<usize>offer) << 3), real(decided, offer) + n);
        store<f64>(decidedWorth, load<f64>(decidedWorth) + n * <f64>load<f32>(worth + ((<usize>only) << 2)));
        count = 0;
      }
      store<u32>(kept + ((<usize>c) << 2), count);
    } else {
      store<u32>(toBegin + ((<usize>packed) << 2), at);
      store<u32>(toCustomers + ((<usize>packed) << 2), word(customers, c));
      store<f32>(toTop + ((<usize>packed) << 2), load<f32>(top + ((<usize>c) << 2)));
      at += count;
    }
    if (count > 0) packed++;
  }
  return packed - first;
}
