/**
 * Frequent sets of products over distinct baskets with multiplicities. Depth-first, from rare products to popular ones,
 * delivering occurrences (after T. Uno's LCM).
 * A set grows by products that are more popular than all its own.
 * Its occurrences are a list of (row, position of its most popular product in the row). It can grow by the products before that
 * position.
 * Occurrences at the beginning of a row are in no list: they are only counted.
 * row u32[]: its multiplicity, then its products ascending (0: the most popular).
 * heads: for product i, heads + head[i] .. head[i + 1] (u32, counted in pairs) are its occurrences: u32 address of the row's
 * first product, u32 address of the product.
 * Supports are sums of multiplicities below 2^32 in the upper half of a u64. Its lower half counts occurrences: one addition
 * serves both.
 * Output, one after another: u32 length, u32[length] products (rare first), f64 support.
 * state (scratch): u32 next output address, u32 end of output, u32 bytes needed, u32 end of scratch, u32[64] prefix, then the
 * stack.
 */

import { none } from '../layouts';
import { frequentStateWords } from './layouts';

/**
 * Finds the sets whose rarest product is `root`, held by at least `support` customers, of at most `longest` (1 .. 64) products.
 * Returns the bytes of output needed; output beyond `capacity` is not written. -1: the scratch is too small.
 */
export function frequentSets(
  heads: usize,
  head: usize,
  root: u32,
  support: u32,
  minimum: u32,
  longest: u32,
  output: usize,
  capacity: u32,
  scratchBytes: u32,
  scratch: usize,
): f64 {
  const state = scratch;
  store<u32>(state, <u32>output);
  store<u32>(state + 4, <u32>output + capacity);
  store<u32>(state + 8, 0);
  store<u32>(state + 12, <u32>state + scratchBytes);
  if (support < minimum) return 0;
  store<u32>(state + 16, root);
  emit(state, 1, support);
  const from = heads + ((<usize>load<u32>(head + ((<usize>root) << 2))) << 3);
  const to = heads + ((<usize>load<u32>(head + ((<usize>root) << 2) + 4)) << 3);
  if (longest > 1 && from < to && !grow(state, from, to, 1, root, minimum, longest, state + ((<usize>frequentStateWords) << 2)))
    return -1;
  return <f64>load<u32>(state + 8);
}

/** Writes the set of the first `length` products of the prefix. */
function emit(state: usize, length: u32, support: u32): void {
  const bytes = 4 + (length << 2) + 8;
  store<u32>(state + 8, load<u32>(state + 8) + bytes);
  const at = <usize>load<u32>(state);
  if (at + bytes > <usize>load<u32>(state + 4)) return;
  store<u32>(at, length);
  memory.copy(at + 4, state + 16, length << 2);
  store<f64>(at + 4 + (length << 2), <f64>support);
  store<u32>(state, <u32>at + bytes);
}

/**
 * Writes all frequent sets that extend the first `length` products of the prefix by products below `limit`. The occurrences of the
 * prefix are at from .. to. Returns false if the scratch is too small.
 * Stack: u64[limit] supports and counts, u32[limit] places, then the occurrences of the grown sets.
 */
function grow(state: usize, from: usize, to: usize, length: u32, limit: u32, minimum: u32, longest: u32, stack: usize): bool {
  const end = <usize>load<u32>(state + 12);
  const supports = (stack + 7) & ~7;
  const places = supports + ((<usize>limit) << 3);
  const lists = (places + ((<usize>limit) << 2) + 7) & ~7;
  if (lists > end) return false;
  memory.fill(supports, 0, places - supports);
  for (let at = from; at < to; at += 8) {
    const first = <usize>load<u32>(at);
    const last = <usize>load<u32>(at + 4);
    const multiplicity = (<u64>load<u32>(first - 4)) << 32;
    const s = supports + ((<usize>load<u32>(first)) << 3);
    store<u64>(s, load<u64>(s) + multiplicity);
    for (let p = first + 4; p < last; p += 4) {
      const s = supports + ((<usize>load<u32>(p)) << 3);
      store<u64>(s, load<u64>(s) + (multiplicity | 1));
    }
  }
  const canGrow = length + 1 < longest;
  let total: u32 = 0;
  let highest: u32 = 0;
  for (let i: u32 = 0; i < limit; i++) {
    const both = load<u64>(supports + ((<usize>i) << 3));
    const isFrequent = <u32>(both >>> 32) >= minimum;
    const grows = isFrequent && canGrow && <u32>both !== 0;
    store<u32>(places + ((<usize>i) << 2), grows ? total : none);
    if (!grows) continue;
    total += <u32>both;
    highest = i;
  }
  const top = lists + ((<usize>total) << 3);
  if (top > end) return false;
  if (total > 0) deliver(from, to, places, highest, lists);
  // Each position is now the end of its list, the start of the next one.
  let first = lists;
  for (let i: u32 = 0; i < limit; i++) {
    const support = <u32>(load<u64>(supports + ((<usize>i) << 3)) >>> 32);
    if (support < minimum) continue;
    store<u32>(state + 16 + ((<usize>length) << 2), i);
    emit(state, length + 1, support);
    const place = load<u32>(places + ((<usize>i) << 2));
    if (place === none) continue;
    const last = lists + ((<usize>place) << 3);
    if (!grow(state, first, last, length + 1, i, minimum, longest, top)) return false;
    first = last;
  }
  return true;
}

/** Lists the occurrences of the grown sets, each product's at its position. No product is above `highest`. */
function deliver(from: usize, to: usize, places: usize, highest: u32, lists: usize): void {
  for (let at = from; at < to; at += 8) {
    const first = <usize>load<u32>(at);
    const last = <usize>load<u32>(at + 4);
    for (let p = first + 4; p < last; p += 4) {
      const product = load<u32>(p);
      if (product > highest) break;
      const n = places + ((<usize>product) << 2);
      const place = load<u32>(n);
      if (place === none) continue;
      store<u32>(lists + ((<usize>place) << 3), <u32>first);
      store<u32>(lists + ((<usize>place) << 3) + 4, <u32>p);
      store<u32>(n, place + 1);
    }
  }
}
