/**
 * Frequent sets of products over distinct baskets with multiplicities. Depth-first search with occurrence deliver (T. Uno's LCM).
 * Products are numbered by falling popularity, 0 the most popular. The search starts from each product, and adds only products that are
 * more popular than all products of the set.
 * An occurrence of a set is a row that contains it: u32 address of the row's first product, u32 address of the set's most popular product.
 * The products between both addresses can be added. An occurrence without such products is counted, and is in no list.
 * - row: u32 multiplicity, then u32 products, ascending
 * - heads (u32, u32)[]: occurrences of the sets with one product. Those of product i are heads[head[i]] .. heads[head[i + 1]]
 * - u64 sums: support (sum of multiplicities, below 2^32) in the upper half, number of listed occurrences in the lower half.
 *   One addition updates both
 * - output: for each set, u32 length, u32[length] products (the least popular first), f64 support
 * - state, at the start of the scratch: u32 next output address, u32 end of output, u32 bytes of output needed, u32 end of scratch,
 *   u32[64] prefix (the products of the current set), then the stack
 */

import { none } from '../layouts';
import { frequentStateWords } from './layouts';

/**
 * Finds the frequent sets whose least popular product is `root`.
 * @param support number of customers who hold `root`
 * @param minimum least support of a frequent set
 * @param longest greatest number of products of a set, 1 to 64
 * @param capacity bytes of space at `output`; output beyond it is not written
 * @returns bytes of output needed; -1 if the scratch is too small
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

/** Writes a set to the output: the first `length` products of the prefix, with its support. */
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
 * Writes all frequent sets that extend the first `length` products of the prefix by products below `limit`.
 * The occurrences of the prefix are at addresses `from` .. `to`. Returns false if the scratch is too small.
 * Stack: u64[limit] supports and counts, u32[limit] position of each extended set's list, then the lists of occurrences.
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
  // `deliver` has moved each list's position to the end of the list, which is the start of the next list.
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

/**
 * Writes the lists of occurrences of the sets that extend the prefix by one product.
 * @param places u32[]: position of each added product's list, advanced; `none` for a product that is not added
 * @param highest greatest (least popular) product that is added
 */
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
