// Offers of greatest total reduced value for a customer, at given shadow prices.
// The candidates are the entries of the customer's lists whose items are not in cool-off. An item is a product in a campaign.
//
// Scratch of one call, for up to `room` candidates and `most` offers per customer:
//   f64 net[room]       reduced value of each candidate, falling
//   f64 sum[room + 1]   running sums of net
//   f64 value[most + 1] reduced value of the first candidates of the search path
//   u32 entry[room], item[room]   list entry and item of each candidate
//   u32 path[most], best[most]    positions of candidates: the search path, and the best set found

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
 * Prefetches the start of each of `count` lists, then each list's first entry (for an empty list, the entry that follows).
 * The reads are independent, so cache misses overlap. The caller must use the returned sum, or the compiler removes the reads.
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
 * Reason why candidate `a` cannot be added to the `depth` candidates of the path:
 * - 0: it can be added
 * - 1: the limit of its campaign is reached
 * - 2: the path has an offer of the same product
 * - 4: the path has an item of one of its exclusive sets
 */
function refusal(items: usize, item: usize, path: usize, depth: u32, a: u32): u32 {
  const mine = items + ((<usize>word(item, a)) << 4);
  let left = load<u32>(mine, 12);
  for (let i: u32 = 0; i < depth; i++) {
    const chosenItem = items + ((<usize>word(item, word(path, i))) << 4);
    if (load<u32>(chosenItem, 4) === load<u32>(mine, 4)) return 2;
    if ((load<u32>(chosenItem, 8) & load<u32>(mine, 8)) !== 0) return 4;
    if (load<u32>(chosenItem) === load<u32>(mine) && --left === 0) return 1;
  }
  return 0;
}

/**
 * Collects the candidates of a class with a reduced value above 0, by falling reduced value. Ties stay in the order of the lists.
 *   reduced value = value - shadow price of (group, item)
 * @param lists u32[width]: lists of the class
 * @param rest set of items in cool-off; 0: no item
 * @param prices f64[items]: shadow prices of the class's group
 * @param keep greatest number of collected candidates: 2 if a customer gets at most one offer, otherwise the scratch's room
 * @param net f64[keep] out: reduced values
 * @param entry u32[keep] out: list entries
 * @param item u32[keep] out: items
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
      const gain = <f64>load<f32>(worth + ((<usize>e) << 2));
      const value = gain - real(prices, offer);
      // An offer of value 0 is never made, even if a negative price (from a minimum of offers) makes its reduced value positive.
      if (!(gain > 0) || !(value > 0) || (count === keep && value <= real(net, keep - 1))) continue;
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
 * Finds the set of at most `most` candidates with the greatest sum of reduced values, by a depth-first search.
 * The search tries candidates by falling reduced value. It cuts a branch whose upper bound does not exceed the best set found:
 *   bound = value of the path + sum of the next (most - depth) reduced values
 * The first set found is the greedy choice. It is optimal if only campaign limits, or only equal products, refuse candidates.
 * @param best u32[most] out: positions of the set's candidates, padded with `none`
 * @returns sum of reduced values of the set, or an upper bound of that sum if the search reached `mostVisits`
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
  let highest: f64 = 0;
  let visits: u32 = 0;
  let refused: u32 = 0;
  while (true) {
    const rest = real(sum, min(count, i + most - depth)) - real(sum, min(i, count));
    if (depth < most && i < count && real(value, depth) + rest > highest) {
      if (++visits > mostVisits) return real(sum, min(count, most));
      const why = refusal(items, item, path, depth, i);
      refused |= why;
      if (why === 0) {
        store<u32>(path + ((<usize>depth) << 2), i);
        store<f64>(value + ((<usize>(depth + 1)) << 3), real(value, depth) + real(net, i));
        depth++;
        if (real(value, depth) > highest) {
          highest = real(value, depth);
          memory.copy(best, path, (<usize>depth) << 2);
          if (depth < most) memory.fill(best + ((<usize>depth) << 2), 0xff, (<usize>(most - depth)) << 2);
        }
      }
      i++;
    } else {
      // Below 3, refusals were only campaign limits (1) or only equal products (2). The greedy choice is then optimal.
      if (refused < 3 || depth === 0) return highest;
      depth--;
      i = word(path, depth) + 1;
    }
  }
}

/**
 * Chooses the offers of greatest total reduced value at given shadow prices, for each of the classes `from` .. `to`.
 * @param problem record OfferClasses
 * @param prices f64[groups x items]: shadow prices
 * @param room greatest number of candidates of a class
 * @param cells number of cells: groups x items
 * @param counts u32[cells] out: customers of each cell with an offer; 0: not written
 * @param chosen u32[classes x most] out: list entries by falling reduced value, padded with `none`; 0: not written
 * @param margin f32[classes] out if `chosen` is written: see marginOf
 * @param scratch see the top of this file
 * @returns sum over the customers of the reduced values of their offers
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
    let highest: f64 = 0;
    if (most === 1) {
      store<u32>(best, count > 0 ? 0 : none);
      if (count > 0) highest = real(net, 0);
    } else highest = search(classes.items, count, most, net, sum, value, item, path, best);
    const customers = word(offered, c);
    total += highest * <f64>customers;
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

/**
 * Margin of a choice: its least reduced value minus the greatest reduced value of a candidate that was not chosen (0 without one).
 * At least 0; infinite if no candidate was chosen.
 */
function marginOf(net: usize, best: usize, taken: u32, count: u32): f64 {
  if (taken === 0) return Infinity;
  // Candidates are sorted by falling reduced value, so the first candidate outside the choice is the best one outside it.
  let open: u32 = 0;
  while (open < taken && word(best, open) === open) open++;
  const left = open < count ? real(net, open) : 0;
  return max<f64>(0, real(net, word(best, taken - 1)) - left);
}
