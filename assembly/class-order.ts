// Orders classes of customers by their lists, one column after the other, the last one first, so that each pass keeps what those before have ordered
// (counting sort by each column).
import { word } from './offers';

/** Numbers of a column, from 1 on; 0: none. */
function keyOf(keys: usize, words: u32, column: u32, number: u32): u32 {
  return word(keys, number * words + column) + 1;
}

/**
 * Orders those of some numbers whose first column is from low to below high, by all columns; equal ones stay in the order that they have.
 * @param numbers u32[count]
 * @param keys u32[.. x words], columns first: by number; none (2^32 - 1) comes before all others. `most`: the greatest of any column, + 1
 * @param sorted u32[those numbers]: written; other: as much room
 * @param scratch u32[most + 2]
 */
export function orderByColumns(
  numbers: usize,
  count: u32,
  keys: usize,
  words: u32,
  columns: u32,
  low: u32,
  high: u32,
  most: u32,
  sorted: usize,
  other: usize,
  scratch: usize,
): void {
  // an odd number of passes ends where it did not begin
  let from = (columns & 1) === 0 ? sorted : other;
  let to = (columns & 1) === 0 ? other : sorted;
  let n: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = word(numbers, i);
    const key = keyOf(keys, words, 0, number);
    if (key < low || key >= high) continue;
    store<u32>(from + n, number);
    n += 4;
  }
  for (let column = columns; column-- > 0; ) {
    memory.fill(scratch, 0, (<usize>(most + 2)) << 2);
    for (let i: usize = 0; i < n; i += 4) {
      const at = scratch + ((<usize>(keyOf(keys, words, column, load<u32>(from + i)) + 1)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    let sum: u32 = 0;
    for (let key: u32 = 0; key <= most; key++) {
      const at = scratch + ((<usize>key) << 2);
      sum += load<u32>(at);
      store<u32>(at, sum);
    }
    for (let i: usize = 0; i < n; i += 4) {
      const number = load<u32>(from + i);
      const at = scratch + ((<usize>keyOf(keys, words, column, number)) << 2);
      const place = load<u32>(at);
      store<u32>(at, place + 1);
      store<u32>(to + ((<usize>place) << 2), number);
    }
    const next = to;
    to = from;
    from = next;
  }
}
