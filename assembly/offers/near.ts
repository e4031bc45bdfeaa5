// Packs, class by class, the candidates that can have a positive share (shares.ts) at some prices in a box.
// A box gives a low and a high shadow price for each cell (pair of group and item).
// A candidate of value v and prices low .. high has a reduced value between v - high and v - low. It can have a share only if
//   v - low > max over the class's candidates and 0 of (v - high) - 12 e w
// with the smoothing width e and w the greatest value of a candidate of the class.
// A class is decided if exactly one candidate, or only "no offer", can have a share.

import { real, word } from '../numbers/memory';
import { OfferClasses, PackedOffers } from './layouts';
import { rests, touchedClasses, touchLists } from './offers';

/** Distance to the greatest reduced value, in multiples of e w (see shares.ts), from which the share of a candidate is 0. */
export const farthest: f64 = 12;

/** Low price of a cell. @param box f64[cells x 2]: low and high price of each cell */
function lowPrice(box: usize, cell: u32): f64 {
  return load<f64>(box + ((<usize>cell) << 4));
}

/** High price of a cell. @param box f64[cells x 2]: low and high price of each cell */
function highPrice(box: usize, cell: u32): f64 {
  return load<f64>(box + ((<usize>cell) << 4), 8);
}

/** Writes packed candidate `at`: its cell, its value and, if requested, its list entry. */
function addCandidate(into: PackedOffers, at: u32, cell: u32, entry: u32, worth: f32): void {
  store<u32>(<usize>into.cell + ((<usize>at) << 2), cell);
  store<f32>(<usize>into.worth + ((<usize>at) << 2), worth);
  if (into.entry !== 0) store<u32>(<usize>into.entry + ((<usize>at) << 2), entry);
}

/** Writes packed class `packed`, whose first candidate is `at`. @param number number of the class in OfferClasses */
function addClass(into: PackedOffers, packed: u32, at: u32, number: u32, customers: u32, top: f32): void {
  store<u32>(<usize>into.begin + ((<usize>packed) << 2), at);
  store<u32>(<usize>into.customers + ((<usize>packed) << 2), customers);
  store<f32>(<usize>into.top + ((<usize>packed) << 2), top);
  if (into.classOf !== 0) store<u32>(<usize>into.classOf + ((<usize>packed) << 2), number);
}

/**
 * Packs the candidates of the classes `from` .. `to` that can have a share at some prices of a box, in the order of the lists.
 * Drops classes without candidates. The caller makes two calls: the first one, with `into` 0, only counts candidates.
 * @param problem record OfferClasses
 * @param box f64[cells x 2]: low and high price of each cell
 * @param width smoothing width e, relative to the class's greatest value
 * @param kept u32[classes]: number of candidates of each class. Written by the counting call, read by the packing call
 * @param packed position of the first packed class
 * @param at position of the first packed candidate
 * @param into record PackedOffers; 0 to count only
 * @returns number of packed classes
 */
export function packOffers(
  from: u32,
  to: u32,
  problem: usize,
  box: usize,
  width: f64,
  kept: usize,
  packed: u32,
  at: u32,
  into: usize,
): u32 {
  const classes = changetype<OfferClasses>(problem);
  const columns = classes.width;
  const start: usize = classes.start;
  const listed: usize = classes.listed;
  const worth: usize = classes.worth;
  const restStart: usize = classes.restStart;
  const restItem: usize = classes.restItem;
  const first = packed;
  for (let c = from; c < to; c++) {
    if (into !== 0 && word(kept, c) === 0) continue;
    const line = word(classes.group, c) * classes.itemCount;
    const priced = box + ((<usize>line) << 4);
    const lists = <usize>classes.list + ((<usize>(c * columns)) << 2);
    if (into === 0 && (c - from) % touchedClasses === 0) {
      store<u32>(kept + ((<usize>c) << 2), touchLists(lists, min(touchedClasses, to - c) * columns, start, listed, worth));
    }
    const set = word(classes.rest, c);
    let best: f64 = 0;
    let most: f64 = 0;
    for (let l: u32 = 0; l < columns; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        const gain = <f64>load<f32>(worth + ((<usize>e) << 2));
        if (!(gain > 0) || (set !== 0 && rests(restStart, restItem, set, word(listed, e)))) continue;
        most = max<f64>(most, gain);
        best = max<f64>(best, gain - highPrice(priced, word(listed, e)));
      }
    }
    const least = best - farthest * width * most;
    let count: u32 = 0;
    for (let l: u32 = 0; l < columns; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        const gain = load<f32>(worth + ((<usize>e) << 2));
        const item = word(listed, e);
        if (!(gain > 0) || <f64>gain - lowPrice(priced, item) <= least) continue;
        if (set !== 0 && rests(restStart, restItem, set, item)) continue;
        if (into !== 0) addCandidate(changetype<PackedOffers>(into), at + count, line + item, e, gain);
        count++;
      }
    }
    if (into === 0) store<u32>(kept + ((<usize>c) << 2), count);
    else {
      addClass(changetype<PackedOffers>(into), packed, at, c, word(classes.offered, c), <f32>most);
      at += count;
    }
    if (count > 0) packed++;
  }
  return packed - first;
}

/**
 * Packs the candidates of the packed classes `from` .. `to` that remain in a narrower box. Adds decided classes to `decided` instead.
 * Drops classes with only control customers. The caller makes two calls: the first one, with `into` 0, only counts candidates.
 * @param offers record PackedOffers
 * @param box f64[cells x 2]: low and high price of each cell
 * @param width smoothing width e, relative to the class's greatest value
 * @param kept u32[classes]: remaining candidates, 0 for a decided class. Written by the counting call, read by the packing call
 * @param decided f64[1 + cells]: total value of decided classes, then their customers by cell. The counting call adds to it
 * @param packed position of the first packed class
 * @param at position of the first packed candidate
 * @param into record PackedOffers; 0 to count only
 * @returns number of remaining classes
 */
export function narrowOffers(
  from: u32,
  to: u32,
  offers: usize,
  box: usize,
  width: f64,
  kept: usize,
  decided: usize,
  packed: u32,
  at: u32,
  into: usize,
): u32 {
  const classes = changetype<PackedOffers>(offers);
  const begin: usize = classes.begin;
  const customers: usize = classes.customers;
  const tops: usize = classes.top;
  const cell: usize = classes.cell;
  const worth: usize = classes.worth;
  const first = packed;
  for (let c = from; c < to; c++) {
    if (into === 0 && word(customers, c) === 0) store<u32>(kept + ((<usize>c) << 2), 0);
    if (word(customers, c) === 0 || (into !== 0 && word(kept, c) === 0)) continue;
    const end = word(begin, c + 1);
    const top = load<f32>(tops + ((<usize>c) << 2));
    const far = farthest * width * <f64>top;
    let best: f64 = 0;
    for (let i = word(begin, c); i < end; i++) {
      best = max<f64>(best, <f64>load<f32>(worth + ((<usize>i) << 2)) - highPrice(box, word(cell, i)));
    }
    let count: u32 = 0;
    let only: u32 = 0;
    for (let i = word(begin, c); i < end; i++) {
      const gain = load<f32>(worth + ((<usize>i) << 2));
      if (<f64>gain - lowPrice(box, word(cell, i)) <= best - far) continue;
      if (into !== 0) addCandidate(changetype<PackedOffers>(into), at + count, word(cell, i), 0, gain);
      only = i;
      count++;
    }
    if (into !== 0) {
      addClass(changetype<PackedOffers>(into), packed, at, 0, word(customers, c), top);
      at += count;
    } else {
      if (count === 1 && best > far) {
        decide(decided, word(cell, only), <f64>word(customers, c), <f64>load<f32>(worth + ((<usize>only) << 2)));
        count = 0;
      }
      store<u32>(kept + ((<usize>c) << 2), count);
    }
    if (count > 0) packed++;
  }
  return packed - first;
}

/** Adds the customers of a decided class to its only cell, and their value to the total. */
function decide(decided: usize, cell: u32, customers: f64, worth: f64): void {
  store<f64>(decided, load<f64>(decided) + customers * worth);
  store<f64>(decided + ((<usize>cell) << 3), real(decided, cell + 1) + customers, 8);
}
