// Compressed sparse rows from collected records (u32 customer, u32 entry = product << 8 | band), by counting sort:
//   count     start[c + 1] = records of customer c
//   (host)    start[c + 1] = records of the customers before c
//   scatter   entry of each record to its row; start[c + 1] ends as the end of row c
//   sort      each row ascending, then the first entry of each product: its most recent band
//   place     rows one after the other without the gaps; start[c] = where row c begins
// Counting and scattering are divided by ranges of customers: every call reads all records and handles its own range.
import { keepFirstOfColumn, sortU32 } from '../numbers/sort';

/** Filler of the gap that removed duplicates leave at the end of a row. Not a valid entry: its column would be 2^24 - 1. */
const gap: u32 = 0xffffffff;

/** Counts the records of customers from .. to: adds them to start[customer + 1]. */
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

/** Turns the counts in start[1 .. customers] into running sums. */
export function csrOffsets(customers: u32, start: usize): void {
  let sum: u32 = 0;
  for (let at = start + 4; at <= start + ((<usize>customers) << 2); at += 4) {
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
}

/** Writes the entries of customers from .. to into their rows. */
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

/** Sorts the rows from .. to and removes duplicate products. Returns the number of remaining entries. */
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
 * Moves rows from .. to, stored at begin .. end of `entry`, to target[place ..] without gaps. Writes start[from .. to - 1].
 * Begin and end are arguments, because start[from] and start[to] are written by two calls.
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
