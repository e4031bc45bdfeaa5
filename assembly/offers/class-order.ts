// Sorts classes of equal customers lexicographically by the numbers of their lists: a radix sort.
// One stable counting sort per column, from the last column to the first.
import { word } from '../numbers/memory';

/** Sort key of class `number` in a column: its word plus 1. An absent word (2^32 - 1) wraps to key 0. */
function keyOf(keys: usize, words: u32, column: u32, number: u32): u32 {
  return word(keys, number * words + column) + 1;
}

/**
 * Selects the numbers whose key in the first column is at least `low` and below `high`, and sorts them by all columns. Stable.
 * @param numbers u32[count]: class numbers
 * @param keys u32[classes x words]: words of each class, the sorted columns first. An absent word (2^32 - 1) sorts before all other words
 * @param sorted u32[selected] out: selected numbers in order
 * @param room u32[4 x selected]: selected numbers, the keys of one column, and two arrays of positions that alternate as source and target
 * @param scratch u32[greatest word of any column + 3]: counters
 */
export function orderByColumns(
  numbers: usize,
  count: u32,
  keys: usize,
  words: u32,
  columns: u32,
  low: u32,
  high: u32,
  sorted: usize,
  room: usize,
  scratch: usize,
): void {
  let bytes: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const number = word(numbers, i);
    const key = keyOf(keys, words, 0, number);
    if (key < low || key >= high) continue;
    store<u32>(room + bytes, number);
    bytes += 4;
  }
  const column = room + bytes;
  let from = column + bytes;
  let to = from + bytes;
  for (let i: usize = 0; i < bytes; i += 4) store<u32>(from + i, <u32>i);
  for (let c = columns; c-- > 0; ) {
    let most: u32 = 0;
    for (let i: usize = 0; i < bytes; i += 4) {
      const key = keyOf(keys, words, c, load<u32>(room + i));
      store<u32>(column + i, key);
      most = max(most, key);
    }
    const end = scratch + ((<usize>(most + 2)) << 2);
    memory.fill(scratch, 0, end - scratch);
    for (let i: usize = 0; i < bytes; i += 4) {
      const at = scratch + ((<usize>(load<u32>(column + i) + 1)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
    let sum: u32 = 0;
    for (let at = scratch; at < end; at += 4) {
      sum += load<u32>(at);
      store<u32>(at, sum);
    }
    for (let i: usize = 0; i < bytes; i += 4) {
      const position = load<u32>(from + i);
      const at = scratch + ((<usize>load<u32>(column + position)) << 2);
      const place = load<u32>(at);
      store<u32>(at, place + 1);
      store<u32>(to + ((<usize>place) << 2), position);
    }
    const next = to;
    to = from;
    from = next;
  }
  for (let i: usize = 0; i < bytes; i += 4) store<u32>(sorted + i, load<u32>(room + load<u32>(from + i)));
}
