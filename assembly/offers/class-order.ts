// Sorts classes of customers by their lists, one column after the other, the last one first. Each column takes a counting sort,
// which is stable.
import { word } from '../numbers/memory';

/** Key of a number in a column, from 1; 0 for none. */
function keyOf(keys: usize, words: u32, column: u32, number: u32): u32 {
  return word(keys, number * words + column) + 1;
}

/**
 * Sorts by all columns the numbers whose key in the first column is at least low and below high. Stable.
 * @param numbers u32[count]
 * @param keys u32[.. x words] by number, the columns' words first; none (2^32 - 1) comes before all others
 * @param sorted u32[number of sorted ones]: written
 * @param room u32[4 x number of sorted ones]: the numbers, a column of theirs, and their positions before and after it
 * @param scratch u32[the greatest word of any column + 3]
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
