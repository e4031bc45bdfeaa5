// Gives each distinct row of words a number. Equal rows share the number.
// The rows are divided into parts by a hash h of 64 bits. Each worker reads all rows and numbers the rows of its own part.
//   part = floor(upper half of h x parts / 2^32)
//   slot = lower half of h, modulo the number of slots; if it is occupied, the following slots are tried
import { Bytes, none } from '../layouts';
import { mix } from '../numbers/hash';
import { batchWords, NumberedWords, NumberSlots } from './layouts';

/** Log2 of the bytes of a slot. A slot has the lower half of the hash, and the number + 1 (0: free slot). */
const slotShift: usize = 3;

/** Whether a slot contains the number of a key. @param key u32[width]: words of a row */
function hasKey(slot: usize, hash: u32, key: usize, width: u32, keys: usize): bool {
  if (load<u32>(slot) !== hash) return false;
  const bytes = (<usize>width) << 2;
  const numberedKey = keys + <usize>(load<u32>(slot, 4) - 1) * (bytes + 4);
  for (let i: usize = 0; i < bytes; i += 4) if (load<u32>(numberedKey + i) !== load<u32>(key + i)) return false;
  return true;
}

/** Slot that contains the number of a key, or the first free slot, found by linear probing from the hash. */
function slotOfKey(hash: u32, key: usize, width: u32, keys: usize, table: usize, slots: u32): usize {
  const mask = slots - 1;
  let slot = hash & mask;
  let at = table + ((<usize>slot) << slotShift);
  while (load<u32>(at, 4) !== 0 && !hasKey(at, hash, key, width, keys)) {
    slot = (slot + 1) & mask;
    at = table + ((<usize>slot) << slotShift);
  }
  return at;
}

/** Log2 of the scratch bytes per row: row number within the batch, lower half of the hash, a prefetched word, an unused word. */
const rowShift: usize = 4;
/** Number of rows whose slots are looked up in one batch. */
const rowsPerLookup: u32 = batchWords >> 2;

/**
 * Hashes `rows` rows and stores the rows of one part. The call for part 0 writes `none` for rows that get no number.
 * @param kept (u32 row, u32 lower half of the hash, 8 unused bytes)[rows] out
 * @returns number of rows stored
 */
function hashPart(
  rows: u32,
  columns: usize,
  stride: Bytes,
  width: u32,
  lists: u32,
  part: u32,
  parts: u32,
  numbers: usize,
  kept: usize,
): u32 {
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    let from = columns + ((<usize>row) << 2);
    let all: u32 = none;
    let word: u32 = 0;
    let state: u64 = width;
    for (let i: u32 = 0; i < width; i++, from += stride) {
      word = load<u32>(from);
      if (i < lists) all &= word;
      state = mix(state, word);
    }
    if (all === none || word === none) {
      if (part === 0) store<u32>(numbers + ((<usize>row) << 2), none);
      continue;
    }
    state = mix(state, 0);
    if (<u32>(((state >> 32) * <u64>parts) >> 32) !== part) continue;
    const to = kept + ((<usize>count) << rowShift);
    store<u32>(to, row);
    store<u32>(to, <u32>state, 4);
    count++;
  }
  return count;
}

/**
 * Prefetches the first slot of each row of a batch, then the key stored for that slot. The reads are independent, so cache misses overlap.
 */
function touchKeys(kept: usize, count: u32, width: u32, keys: usize, table: usize, slots: u32): void {
  const bytes = (<usize>width) << 2;
  const end = kept + ((<usize>count) << rowShift);
  for (let at = kept; at < end; at += 1 << rowShift) {
    store<u32>(at, load<u32>(table + ((<usize>(load<u32>(at, 4) & (slots - 1))) << slotShift), 4), 8);
  }
  for (let at = kept; at < end; at += 1 << rowShift) {
    const key = keys + <usize>(max<u32>(load<u32>(at, 8), 1) - 1) * (bytes + 4);
    store<u32>(at, load<u32>(key) + load<u32>(key + bytes), 8);
  }
}

/**
 * Numbers the rows of one part among `rows` rows, in the order of first occurrence. Returns the new count of numbers.
 * A row gets no number if its first `lists` words are all `none`, or if its last word is `none`.
 * @param words record NumberedWords
 * @param first position of the first of these rows among all rows
 * @param place record NumberSlots, to which new numbers are added
 * @param count count of numbers before the call
 * @param numbers u32[rows] out: number x parts + part for rows of the part, and `none` for rows without a number
 * @param scratch u32[batchWords + width]
 */
export function numberRows(
  words: usize,
  rows: u32,
  first: u32,
  part: u32,
  parts: u32,
  place: usize,
  count: u32,
  numbers: usize,
  scratch: usize,
): u32 {
  const given = changetype<NumberedWords>(words);
  const columns: usize = given.columns;
  const stride: usize = given.stride;
  const width = given.width;
  const lists = given.lists;
  const into = changetype<NumberSlots>(place);
  const keys: usize = into.keys;
  const table: usize = into.table;
  const slots = into.slots;
  const bytes = (<usize>width) << 2;
  const key = scratch + ((<usize>batchWords) << 2);
  for (let begin: u32 = 0; begin < rows; begin += rowsPerLookup) {
    const from = columns + ((<usize>begin) << 2);
    const to = numbers + ((<usize>begin) << 2);
    const kept = hashPart(min(rowsPerLookup, rows - begin), from, stride, width, lists, part, parts, to, scratch);
    touchKeys(scratch, kept, width, keys, table, slots);
    for (let k: u32 = 0; k < kept; k++) {
      const row = load<u32>(scratch + ((<usize>k) << rowShift));
      const hash = load<u32>(scratch + ((<usize>k) << rowShift), 4);
      let word = from + ((<usize>row) << 2);
      for (let i: usize = 0; i < bytes; i += 4, word += stride) store<u32>(key + i, load<u32>(word));
      const slot = slotOfKey(hash, key, width, keys, table, slots);
      if (load<u32>(slot, 4) === 0) {
        const next = keys + <usize>count * (bytes + 4);
        memory.copy(next, key, bytes);
        store<u32>(next + bytes, first + begin + row);
        store<u32>(slot, hash);
        store<u32>(slot, ++count, 4);
      }
      store<u32>(to + ((<usize>row) << 2), (load<u32>(slot, 4) - 1) * parts + part);
    }
  }
  return count;
}

/**
 * Inserts all numbers of a hash table into a larger, zeroed table.
 * @param from u32[fromSlots x 2]: old table
 * @param table u32[slots x 2] out: new table
 */
export function moveNumbers(from: usize, fromSlots: u32, table: usize, slots: u32): void {
  const mask = slots - 1;
  for (let i: u32 = 0; i < fromSlots; i++) {
    const entry = load<u64>(from + ((<usize>i) << slotShift));
    if (entry >> 32 === 0) continue;
    let slot = <u32>entry & mask;
    while (load<u32>(table + ((<usize>slot) << slotShift), 4) !== 0) slot = (slot + 1) & mask;
    store<u64>(table + ((<usize>slot) << slotShift), entry);
  }
}
