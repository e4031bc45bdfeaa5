// Compressed sparse rows from records (u32 customer, u32 entry = product << 8 | recency band), by counting sort:
//   csrCount      start[c + 1] = number of records of customer c
//   csrOffsets    start[c + 1] = number of records of the customers before c
//   csrScatter    copies each entry to its customer's row; afterwards start[c + 1] is the end of row c
//   csrSortRows   sorts each row, and keeps the first entry of each product, which has the most recent band
//   csrPlaceRows  moves the rows together without gaps; start[c] = start of row c
// Workers count and scatter for disjoint ranges of customers. Each call reads all records and handles its own range.
import { keepFirstOfColumn, sortU32 } from '../numbers/sort';

/** Filler at the end of a row, in place of removed duplicates. It is no valid entry, because its column would be 2^24 - 1. */
const gap: u32 = 0xffffffff;

/** Adds the number of records of each customer `from` .. `to` to start[customer + 1]. @param records (u32 customer, u32 entry)[count] */
export function csrCount(records: usize, count: u32, from: u32, to: u32, start: usize): void {
  const end = records + ((<usize>count) << 3);
  const customers = to - from;
  for (let record = records; record < end; record += 8) {
    const customer = load<u32>(record);
    if (customer - from >= customers) continue;
    const at = start + ((<usize>customer) << 2);
    store<u32>(at, load<u32>(at, 4) + 1, 4);
  }
}

/** Replaces each count in start[1 .. customers] by the sum of the counts before it. */
export function csrOffsets(customers: u32, start: usize): void {
  let sum: u32 = 0;
  for (let at = start + 4; at <= start + ((<usize>customers) << 2); at += 4) {
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
}

/** Writes the entries of customers `from` .. `to` into their rows. */
export function csrScatter(records: usize, count: u32, from: u32, to: u32, start: usize, entry: usize): void {
  const end = records + ((<usize>count) << 3);
  const customers = to - from;
  for (let record = records; record < end; record += 8) {
    const customer = load<u32>(record);
    if (customer - from >= customers) continue;
    const at = start + ((<usize>customer) << 2);
    const place = load<u32>(at, 4);
    store<u32>(at, place + 1, 4);
    store<u32>(entry + ((<usize>place) << 2), load<u32>(record, 4));
  }
}

/** Sorts the rows `from` .. `to` and removes duplicate products. Returns the number of remaining entries. */
export function csrSortRows(from: u32, to: u32, start: usize, entry: usize): u32 {
  let kept: u32 = 0;
  let begin = load<u32>(start + ((<usize>from) << 2));
  for (let row = from; row < to; row++) {
    const end = load<u32>(start + ((<usize>row) << 2), 4);
    const entries = entry + ((<usize>begin) << 2);
    sortU32(entries, end - begin);
    const left = keepFirstOfColumn(entries, end - begin);
    for (let at = entries + ((<usize>left) << 2); at < entry + ((<usize>end) << 2); at += 4) store<u32>(at, gap);
    kept += left;
    begin = end;
  }
  return kept;
}

/**
 * Moves the rows `from` .. `to`, stored at entry[begin .. end], to target[place ..] without gaps. Writes start[from .. to - 1].
 * `begin` and `end` are arguments because calls for neighbouring ranges overwrite start[from] and start[to].
 */
export function csrPlaceRows(
  from: u32,
  to: u32,
  begin: u32,
  end: u32,
  start: usize,
  entry: usize,
  target: usize,
  place: u32,
): void {
  for (let row = from; row < to; row++) {
    const at = start + ((<usize>row) << 2);
    const rowEnd = row + 1 === to ? end : load<u32>(at, 4);
    store<u32>(at, place);
    for (; begin < rowEnd; begin++) {
      const value = load<u32>(entry + ((<usize>begin) << 2));
      if (value === gap) {
        begin = rowEnd;
        break;
      }
      store<u32>(target + ((<usize>place) << 2), value);
      place++;
    }
  }
}
