/**
 * Frequent sets of products over distinct baskets with multiplicities: depth first, from rare products to popular ones, delivering
 * occurrences (after T. Uno's LCM). A set grows by products that are more popular than all it has; who holds the set is a list of
 * (address of its most popular product inside a row, multiplicity), so that growing it walks back over the rest of the row.
 *
 * rows u32[]: for each row one word with the top bit set, then its products ascending (0: the most popular).
 * heads: for product i, heads + head[i] .. head[i + 1] (u32, counted in pairs) are its occurrences (u32 address, u32 multiplicity).
 * Supports are sums of multiplicities in f64: exact below 2^53.
 * Output, one after another: u32 length, u32[length] products (rare first), f64 support.
 * `state` (scratch): u32 next output address, u32 end of output, u32 bytes needed, u32 end of scratch, u32[64] prefix, then the stack.
 */
const rowMark: u32 = 0x8000_0000;
const stateWords: usize = 4 + 64;

/**
 * Finds the sets whose rarest product is `root`, of at most `longest` (1 .. 64) products. Returns the bytes of output that they take; what goes beyond
 * `capacity` is not written. -1: the scratch is too small.
 */
export function frequentSets(
  heads: usize,
  head: usize,
  root: u32,
  minimum: f64,
  longest: u32,
  output: usize,
  capacity: u32,
  scratchBytes: u32,
  state: usize,
): f64 {
  store<u32>(state, <u32>output);
  store<u32>(state + 4, <u32>output + capacity);
  store<u32>(state + 8, 0);
  store<u32>(state + 12, <u32>state + scratchBytes);
  const from = heads + ((<usize>load<u32>(head + ((<usize>root) << 2))) << 3);
  const to = heads + ((<usize>load<u32>(head + ((<usize>root) << 2) + 4)) << 3);
  let support: f64 = 0;
  for (let at = from; at < to; at += 8) support += <f64>load<u32>(at + 4);
  if (!(support >= minimum)) return 0;
  store<u32>(state + 16, root);
  emit(state, 1, support);
  if (longest > 1 && !grow(state, from, to, 1, root, minimum, longest, state + (stateWords << 2))) return -1;
  return <f64>load<u32>(state + 8);
}

/** Writes the set of the first `length` products of the prefix. */
function emit(state: usize, length: u32, support: f64): void {
  const bytes = 4 + (length << 2) + 8;
  store<u32>(state + 8, load<u32>(state + 8) + bytes);
  const at = <usize>load<u32>(state);
  if (at + bytes > <usize>load<u32>(state + 4)) return;
  store<u32>(at, length);
  memory.copy(at + 4, state + 16, length << 2);
  store<f64>(at + 4 + (length << 2), support);
  store<u32>(state, <u32>at + bytes);
}

/**
 * Grows the set of `length` products that occurs at from .. to by each product below `limit` with which it stays frequent.
 * On the stack: f64[limit] supports, u32[limit + 1] places, then the occurrences of the grown sets. False: no room.
 */
function grow(state: usize, from: usize, to: usize, length: u32, limit: u32, minimum: f64, longest: u32, stack: usize): bool {
  const end = <usize>load<u32>(state + 12);
  const supports = (stack + 7) & ~7;
  const places = supports + ((<usize>limit) << 3);
  const lists = (places + ((<usize>limit + 1) << 2) + 7) & ~7;
  if (lists > end) return false;
  memory.fill(supports, 0, lists - supports);
  for (let at = from; at < to; at += 8) {
    const multiplicity = <f64>load<u32>(at + 4);
    for (let p = <usize>load<u32>(at) - 4; ; p -= 4) {
      const product = load<u32>(p);
      if (product & rowMark) break;
      const s = supports + ((<usize>product) << 3);
      store<f64>(s, load<f64>(s) + multiplicity);
      const n = places + ((<usize>product) << 2);
      store<u32>(n, load<u32>(n) + 1);
    }
  }
  let total: u32 = 0;
  for (let i: u32 = 0; i < limit; i++) {
    const n = places + ((<usize>i) << 2);
    const occurrences = load<u32>(n);
    store<u32>(n, total);
    if (load<f64>(supports + ((<usize>i) << 3)) >= minimum) total += occurrences;
  }
  if (total === 0) return true;
  const top = lists + ((<usize>total) << 3);
  if (top > end) return false;
  for (let at = from; at < to; at += 8) {
    const multiplicity = load<u32>(at + 4);
    for (let p = <usize>load<u32>(at) - 4; ; p -= 4) {
      const product = load<u32>(p);
      if (product & rowMark) break;
      if (!(load<f64>(supports + ((<usize>product) << 3)) >= minimum)) continue;
      const n = places + ((<usize>product) << 2);
      const place = load<u32>(n);
      store<u32>(lists + ((<usize>place) << 3), <u32>p);
      store<u32>(lists + ((<usize>place) << 3) + 4, multiplicity);
      store<u32>(n, place + 1);
    }
  }
  // Each place now is the end of its list, which is where the next frequent product's list starts.
  let first = lists;
  for (let i: u32 = 0; i < limit; i++) {
    const support = load<f64>(supports + ((<usize>i) << 3));
    if (!(support >= minimum)) continue;
    const last = lists + ((<usize>load<u32>(places + ((<usize>i) << 2))) << 3);
    store<u32>(state + 16 + ((<usize>length) << 2), i);
    emit(state, length + 1, support);
    if (length + 1 < longest && !grow(state, first, last, length + 1, i, minimum, longest, top)) return false;
    first = last;
  }
  return true;
}
