// Best offers of a customer at given prices. Candidates are the entries of the customer's lists outside their cool-off period.
// Each is of an item, a product in a campaign.
//
// Scratch of one call, for `room` candidates: f64 net[room], f64 sum[room + 1], f64 value[most + 1], then u32 entry[room],
// item[room], path[most], best[most].

import { none } from '../layouts';
import { real, word } from '../numbers/memory';
import { mostVisits, OfferClasses } from './layouts';

/** Whether an item is in a set of items in cool-off. */
export function rests(restStart: usize, restItem: usize, set: u32, item: u32): bool {
  for (let i = word(restStart, set), end = word(restStart, set + 1); i < end; i++) if (word(restItem, i) === item) return true;
  return false;
}

/** Number of classes whose lists are prefetched together. */
export const touchedClasses: u32 = 16;

/**
 * Reads the starts of the lists of `count` classes, then the first entry of each list. For an empty list it reads the next entry.
 * The independent reads overlap and fill the cache. The caller must use the returned sum, or the compiler would remove the reads.
 */
export function touchLists(list: usize, count: u32, start: usize, listed: usize, worth: usize): u32 {
  let sum: u32 = 0;
  for (let l: u32 = 0; l < count; l++) sum += word(start, word(list, l));
  for (let l: u32 = 0; l < count; l++) {
    const entry = word(start, word(list, l));
    sum += word(listed, entry) + word(worth, entry);
  }
  return sum;
}

/**
 * Reason why candidate `a` cannot be added to the `depth` candidates of the path. 0: none; 1: limit of its campaign; 2: same
 * product; 4: exclusive set.
 */
function refusal(items: usize, item: usize, path: usize, depth: u32, a: u32): u32 {
  const mine = items + ((<usize>word(item, a)) << 4);
  let left = load<u32>(mine, 12);
  for (let i: u32 = 0; i < depth; i++) {
    const other = items + ((<usize>word(item, word(path, i))) << 4);
    if (load<u32>(other, 4) === load<u32>(mine, 4)) return 2;
    if ((load<u32>(other, 8) & load<u32>(mine, 8)) !== 0) return 4;
    if (load<u32>(other) === load<u32>(mine) && --left === 0) return 1;
  }
  return 0;
}

/**
 * Collects the candidates of a class with a reduced value above 0, by falling reduced value, equal ones in the order of lists:
 *   reduced value = value - price of (group, item)
 * With at most one offer per customer, only the two best are collected.
 * @returns number of candidates
 */
function collect(
  classes: OfferClasses,
  lists: usize,
  rest: u32,
  prices: usize,
  keep: u32,
  net: usize,
  entry: usize,
  item: usize,
): u32 {
  const width = classes.width;
  const start: usize = classes.start;
  const listed: usize = classes.listed;
  const worth: usize = classes.worth;
  let count: u32 = 0;
  for (let l: u32 = 0; l < width; l++) {
    const list = word(lists, l);
    for (let e = word(start, list), end = word(start, list + 1); e < end; e++) {
      const offer = word(listed, e);
      const own = <f64>load<f32>(worth + ((<usize>e) << 2));
      const value = own - real(prices, offer);
      // An offer of value 0 is not made for a minimum either.
      if (!(own > 0) || !(value > 0) || (count === keep && value <= real(net, keep - 1))) continue;
      if (rest !== 0 && rests(classes.restStart, classes.restItem, rest, offer)) continue;
      let at = count === keep ? keep - 1 : count++;
      while (at > 0 && real(net, at - 1) < value) {
        store<f64>(net + ((<usize>at) << 3), real(net, at - 1));
        store<u32>(entry + ((<usize>at) << 2), word(entry, at - 1));
        store<u32>(item + ((<usize>at) << 2), word(item, at - 1));
        at--;
      }
      store<f64>(net + ((<usize>at) << 3), value);
      store<u32>(entry + ((<usize>at) << 2), e);
      store<u32>(item + ((<usize>at) << 2), offer);
    }
  }
  return count;
}

/**
 * Finds the set of candidates with the greatest reduced value, by a depth-first search in falling order.
 * A branch is cut when the remaining candidates cannot close the gap.
 * The first set is the greedy choice, which is optimal if refusals are of one nested kind.
 * @returns its reduced value; an upper bound if the search was ended. `best` u32[most] are its candidates, then `count`
 */
function search(
  items: usize,
  count: u32,
  most: u32,
  net: usize,
  sum: usize,
  value: usize,
  item: usize,
  path: usize,
  best: usize,
): f64 {
  store<f64>(sum, 0);
  for (let i: u32 = 0; i < count; i++) store<f64>(sum + ((<usize>(i + 1)) << 3), real(sum, i) + real(net, i));
  memory.fill(best, 0xff, (<usize>most) << 2);
  store<f64>(value, 0);
  let depth: u32 = 0;
  let i: u32 = 0;
  let found: f64 = 0;
  let visits: u32 = 0;
  let refused: u32 = 0;
  while (true) {
    const rest = real(sum, min(count, i + most - depth)) - real(sum, min(i, count));
    if (depth < most && i < count && real(value, depth) + rest > found) {
      if (++visits > mostVisits) return real(sum, min(count, most));
      const why = refusal(items, item, path, depth, i);
      refused |= why;
      if (why === 0) {
        store<u32>(path + ((<usize>depth) << 2), i);
        store<f64>(value + ((<usize>(depth + 1)) << 3), real(value, depth) + real(net, i));
        depth++;
        if (real(value, depth) > found) {
          found = real(value, depth);
          memory.copy(best, path, (<usize>depth) << 2);
          if (depth < most) memory.fill(best + ((<usize>depth) << 2), 0xff, (<usize>(most - depth)) << 2);
        }
      }
      i++;
    } else {
      // The greedy choice is optimal with only limits of campaigns, or only one offer per product.
      if (refused < 3 || depth === 0) return found;
      depth--;
      i = word(path, depth) + 1;
    }
  }
}

/**
 * Chooses the offers of greatest reduced value at given prices, for the classes from .. to. A class stands for `offered`
 * customers.
 * @param problem record OfferClasses
 * @param prices f64[groups x items]
 * @param room most candidates of a class
 * @param cells groups x items
 * @param counts u32[cells]: customers with an offer of each item, written; 0: not written
 * @param chosen u32[classes x most] entries by falling reduced value, padded with `none`; 0: not written
 * @param margin f32[classes]: the least chosen reduced value less the best one not chosen; infinite without a choice
 * @returns sum of the reduced values
 */
export function chooseOffers(
  from: u32,
  to: u32,
  problem: usize,
  prices: usize,
  room: u32,
  cells: u32,
  counts: usize,
  chosen: usize,
  margin: usize,
  scratch: usize,
): f64 {
  const classes = changetype<OfferClasses>(problem);
  const list: usize = classes.list;
  const width = classes.width;
  const group: usize = classes.group;
  const rest: usize = classes.rest;
  const offered: usize = classes.offered;
  const itemCount = classes.itemCount;
  const most = classes.most;
  const net = scratch;
  const sum = net + ((<usize>room) << 3);
  const value = sum + ((<usize>(room + 1)) << 3);
  const entry = value + ((<usize>(most + 1)) << 3);
  const item = entry + ((<usize>room) << 2);
  const path = item + ((<usize>room) << 2);
  const best = path + ((<usize>most) << 2);
  const keep = most === 1 ? 2 : room;
  let total: f64 = 0;
  if (counts !== 0) memory.fill(counts, 0, (<usize>cells) << 2);
  for (let c = from; c < to; c++) {
    const line = <usize>word(group, c) * itemCount;
    const lists = list + ((<usize>(c * width)) << 2);
    if ((c - from) % touchedClasses === 0) {
      store<u32>(scratch, touchLists(lists, min(touchedClasses, to - c) * width, classes.start, classes.listed, classes.worth));
    }
    const count = collect(classes, lists, word(rest, c), prices + (line << 3), keep, net, entry, item);
    let found: f64 = 0;
    if (most === 1) {
      store<u32>(best, count > 0 ? 0 : none);
      if (count > 0) found = real(net, 0);
    } else found = search(classes.items, count, most, net, sum, value, item, path, best);
    const customers = word(offered, c);
    total += found * <f64>customers;
    let taken: u32 = 0;
    for (; taken < most && word(best, taken) !== none; taken++) {
      const cell = counts + ((line + word(item, word(best, taken))) << 2);
      if (counts !== 0) store<u32>(cell, load<u32>(cell) + customers);
    }
    if (chosen === 0) continue;
    const mine = chosen + ((<usize>(c * most)) << 2);
    for (let i: u32 = 0; i < most; i++) {
      store<u32>(mine + ((<usize>i) << 2), i < taken ? word(entry, word(best, i)) : none);
    }
    store<f32>(margin + ((<usize>c) << 2), <f32>marginOf(net, best, taken, count));
  }
  return total;
}

/** Margin: the least chosen reduced value less the best one not chosen. Infinite without a choice. */
function marginOf(net: usize, best: usize, taken: u32, count: u32): f64 {
  if (taken === 0) return Infinity;
  // Candidates fall, so that the first one not chosen is the best of these.
  let open: u32 = 0;
  while (open < taken && word(best, open) === open) open++;
  const left = open < count ? real(net, open) : 0;
  return max<f64>(0, real(net, word(best, taken - 1)) - left);
}
