// Candidates that can have a share (shares.ts) at some prices in a box, packed class by class.
// Between low and high prices an offer of value w has a reduced value between w - high and w - low.
// It can have a share if w - low > (the greatest w - high) - 12 widths.
// A class is decided if exactly one candidate, or only "no offer", can have a share.

import { real, word } from '../numbers/memory';
import { OfferClasses, PackedOffers } from './layouts';
import { rests, touchedClasses, touchLists } from './offers';

/** Distance to the best, in widths, from which the share is 0. */
export const farthest: f64 = 12;

/** Low price of a cell in a box, f64[cells x 2]. The next function gives the high price. */
function lowPrice(box: usize, cell: u32): f64 {
  return load<f64>(box + ((<usize>cell) << 4));
}

function highPrice(box: usize, cell: u32): f64 {
  return load<f64>(box + ((<usize>cell) << 4), 8);
}

/** Writes a candidate of packed classes. */
function addCandidate(into: PackedOffers, at: u32, cell: u32, entry: u32, worth: f32): void {
  store<u32>(<usize>into.cell + ((<usize>at) << 2), cell);
  store<f32>(<usize>into.worth + ((<usize>at) << 2), worth);
  if (into.entry !== 0) store<u32>(<usize>into.entry + ((<usize>at) << 2), entry);
}

/** Writes a packed class, whose candidates begin at `at`. */
function addClass(into: PackedOffers, packed: u32, at: u32, number: u32, customers: u32, top: f32): void {
  store<u32>(<usize>into.begin + ((<usize>packed) << 2), at);
  store<u32>(<usize>into.customers + ((<usize>packed) << 2), customers);
  store<f32>(<usize>into.top + ((<usize>packed) << 2), top);
  if (into.classOf !== 0) store<u32>(<usize>into.classOf + ((<usize>packed) << 2), number);
}

/**
 * Packs the candidates of the classes from .. to that can have a share at some prices of a box, in the order of lists.
 * Classes without candidates are dropped. Called twice: the first call, without `into`, only counts.
 * @param problem record OfferClasses
 * @param box f64[cells x 2]: low and high price of each cell (groups x items)
 * @param width e of the shares, as a share of a class's greatest value
 * @param kept u32[classes]: candidates of each class: written if `into` is 0, else read
 * @param packed position of the first packed class, and `at` of the first packed candidate
 * @param into record PackedOffers
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
        const own = <f64>load<f32>(worth + ((<usize>e) << 2));
        if (!(own > 0) || (set !== 0 && rests(restStart, restItem, set, word(listed, e)))) continue;
        most = max<f64>(most, own);
        best = max<f64>(best, own - highPrice(priced, word(listed, e)));
      }
    }
    const least = best - farthest * width * most;
    let count: u32 = 0;
    for (let l: u32 = 0; l < columns; l++) {
      for (let e = word(start, word(lists, l)), end = word(start, word(lists, l) + 1); e < end; e++) {
        const own = load<f32>(worth + ((<usize>e) << 2));
        const item = word(listed, e);
        if (!(own > 0) || <f64>own - lowPrice(priced, item) <= least) continue;
        if (set !== 0 && rests(restStart, restItem, set, item)) continue;
        if (into !== 0) addCandidate(changetype<PackedOffers>(into), at + count, line + item, e, own);
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
 * Packs the remaining candidates of packed classes from .. to in a narrower box. Classes decided there are counted instead.
 * Classes with only control customers are dropped. Called twice: the first call, without `into`, only counts.
 * @param offers record PackedOffers
 * @param box f64[cells x 2]: low and high price of each cell
 * @param width e of the shares, as a share of a class's greatest value
 * @param kept u32[classes]: remaining candidates of each class, 0 for decided classes: written if `into` is 0, else read
 * @param decided f64[1 + cells]: the value and, by cell, the customers of decided classes, added if `into` is 0
 * @param packed position of the first class, and `at` of the first candidate
 * @param into record PackedOffers
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
      const own = load<f32>(worth + ((<usize>i) << 2));
      if (<f64>own - lowPrice(box, word(cell, i)) <= best - far) continue;
      if (into !== 0) addCandidate(changetype<PackedOffers>(into), at + count, word(cell, i), 0, own);
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

/** Adds the customers of a decided class, and their value. */
function decide(decided: usize, cell: u32, customers: f64, worth: f64): void {
  store<f64>(decided, load<f64>(decided) + customers * worth);
  store<f64>(decided + ((<usize>cell) << 3), real(decided, cell + 1) + customers, 8);
}
