// Writes results as pages of Parquet. Lists are stored once per basket row, and written for each customer of the basket row.
// Rows are ordered by customer, then by rank. A row group is a run of customers.
// Encodings: https://parquet.apache.org/docs/file-format/data-pages/encodings/

import { ResultGroup } from './layouts';

/**
 * Finds the start and length of each customer's list, once for all columns of the results.
 * (Customers' basket rows are in random order, so each lookup is a cache miss.)
 * @param units i32[customers]: basket row of each customer, -1 for none
 * @param start u32[basket rows + 1]: start of each basket row's list. A 0 stands before the array, so that row -1 has an empty list
 * @param first, length u32[customers] out: start and number of entries of each customer's list
 */
export function customerLists(units: usize, customers: u32, start: usize, first: usize, length: usize): void {
  for (let at: usize = 0; at < (<usize>customers) << 2; at += 4) {
    const list = start + ((<usize>load<u32>(units + at)) << 2);
    const begin = load<u32>(list);
    store<u32>(first + at, begin);
    store<u32>(length + at, load<u32>(list, 4) - begin);
  }
}

/** Whether text `a` precedes text `b` in the order of bytes. A text is a u32 length, then its bytes. */
function isBefore(a: usize, b: usize): bool {
  const length = min<u32>(load<u32>(a), load<u32>(b));
  for (let i: u32 = 0; i < length; i++) {
    const x = load<u8>(a + i, 4);
    const y = load<u8>(b + i, 4);
    if (x !== y) return x < y;
  }
  return load<u32>(a) < load<u32>(b);
}

/**
 * Divides customers into row groups, without splitting a customer's list. Returns the number of groups.
 * A group has at most `most` rows, and spans at most `span` customers (with or without a list).
 * The last group is incomplete and may be empty: the caller continues it with later customers.
 * @param length u32[customers]: number of entries of each list
 * @param ids id of each customer: a u32 length, then its bytes
 * @param groups ResultGroup[] out
 */
export function planResultGroups(length: usize, customers: u32, ids: usize, most: u32, span: u32, groups: usize): u32 {
  let group = groups;
  let at = ids;
  memory.fill(group, 0, offsetof<ResultGroup>());
  let served: u32 = 0;
  let rows: u32 = 0;
  let texts: u32 = 0;
  let longest: u32 = 0;
  for (let customer: u32 = 0; customer < customers; customer++) {
    const bytes = 4 + load<u32>(at);
    const entries = load<u32>(length + ((<usize>customer) << 2));
    // `span` counts customers without a list, too. Otherwise the last group would grow without limit where lists are rare.
    if (served > 0 && (rows + entries > most || customer - changetype<ResultGroup>(group).customer >= span)) {
      group += offsetof<ResultGroup>();
      memory.fill(group, 0, offsetof<ResultGroup>());
      changetype<ResultGroup>(group).customer = customer;
      served = rows = texts = longest = 0;
    }
    if (entries > 0) {
      const open = changetype<ResultGroup>(group);
      if (served === 0) {
        open.customer = customer;
        open.id = <u32>(at - ids);
        open.least = <u32>(at - ids);
      }
      // Each id is usually the greatest so far, but this is not guaranteed.
      if (served === 0 || isBefore(ids + open.greatest, at)) open.greatest = <u32>(at - ids);
      else if (isBefore(at, ids + open.least)) open.least = <u32>(at - ids);
      served++;
      rows += entries;
      texts += bytes;
      longest = max<u32>(longest, entries);
      open.served = served;
      open.rows = rows;
      open.textBytes = texts;
      open.longest = longest;
    }
    at += bytes;
  }
  return <u32>(group - groups) / <u32>offsetof<ResultGroup>() + 1;
}

/**
 * Writes, for each result row of the customers `from` .. `to`, its list entry, rank - 1 and cluster.
 * @param units i32[customers]: basket row of each customer
 * @param first, length u32[customers]: start and number of entries of each list
 * @param clusterOf u32[basket rows]: cluster of each basket row; address 0: no clusters
 * @param place, rank, cluster u32[result rows] out; cluster is not written if `clusterOf` is 0
 */
export function resultRows(
  units: usize,
  first: usize,
  length: usize,
  from: u32,
  to: u32,
  clusterOf: usize,
  place: usize,
  rank: usize,
  cluster: usize,
): void {
  for (let customer = from; customer < to; customer++) {
    const at = (<usize>customer) << 2;
    const entries = load<u32>(length + at);
    if (entries === 0) continue;
    const begin = load<u32>(first + at);
    const value: u32 = clusterOf === 0 ? 0 : load<u32>(clusterOf + ((<usize>load<u32>(units + at)) << 2));
    for (let i: u32 = 0; i < entries; i++) {
      store<u32>(place, begin + i);
      store<u32>(rank, i);
      if (clusterOf !== 0) store<u32>(cluster, value);
      place += 4;
      rank += 4;
      cluster += 4;
    }
  }
}

function emitVarint(target: usize, value: u32): usize {
  for (; value > 0x7f; value >>>= 7) store<u8>(target++, (value & 0x7f) | 0x80);
  store<u8>(target++, value);
  return target;
}

/** Writes a run of `length` equal values of `width` bits in Parquet's run-length encoding; returns its end. */
function emitRun(target: usize, value: u32, length: u32, width: u32): usize {
  target = emitVarint(target, length << 1);
  for (let bits: u32 = 0; bits < width; bits += 8) store<u8>(target++, value >>> bits);
  return target;
}

/**
 * Writes the dictionary-encoded column of customer ids, for the customers `from` .. `to` with a list.
 * The dictionary has the ids in order. Each customer's rows are one run of the id's dictionary index.
 * @param length u32[customers]: number of entries of each list
 * @param ids address of the id of customer `from`
 * @param width bits of a dictionary index
 * @param texts out: the dictionary
 * @param runs out: the runs
 * @returns bytes of the runs
 */
export function resultCustomers(length: usize, from: u32, to: u32, ids: usize, width: u32, texts: usize, runs: usize): u32 {
  const begin = runs;
  let number: u32 = 0;
  for (let customer = from; customer < to; customer++) {
    const bytes = 4 + <usize>load<u32>(ids);
    const entries = load<u32>(length + ((<usize>customer) << 2));
    if (entries > 0) {
      memory.copy(texts, ids, bytes);
      texts += bytes;
      runs = emitRun(runs, number++, entries, width);
    }
    ids += bytes;
  }
  return <u32>(runs - begin);
}

/**
 * Copies the list entry of each result row into columns: target[word, i] = entries[place_i, word].
 * One pass serves all columns: the words of an entry share a cache line, and the entries of different customers are in random order.
 * @param place u32[rows]: list entry of each result row
 * @param entries u32[entries x words]
 * @param target u32[words x rows] out
 */
export function gatherEntries(place: usize, rows: u32, entries: usize, words: u32, target: usize): void {
  const column = (<usize>rows) << 2;
  for (const end = place + column; place < end; place += 4, target += 4) {
    let entry = entries + ((<usize>load<u32>(place) * <usize>words) << 2);
    const last = target + column * <usize>words;
    for (let at = target; at < last; at += column, entry += 4) store<u32>(at, load<u32>(entry));
  }
}

/**
 * Moves the numbers from 0 up to the front of an array, in order. Returns their count. Negative numbers and NaN mean null.
 * @param present u32[rows] out: 1 for a number, 0 for null
 */
function keepPresent<T>(values: usize, rows: u32, present: usize): u32 {
  let kept = values;
  for (let i: usize = 0; i < (<usize>rows) << 2; i += 4) {
    const value = load<T>(values + i);
    const isThere = value >= <T>0;
    store<u32>(present + i, isThere ? 1 : 0);
    if (!isThere) continue;
    store<T>(kept, value);
    kept += 4;
  }
  return <u32>(kept - values) >>> 2;
}

/** keepPresent for values i32[rows]. */
export function keepNumbers(values: usize, rows: u32, present: usize): u32 {
  return keepPresent<i32>(values, rows, present);
}

/** keepPresent for values f32[rows]. */
export function keepFractions(values: usize, rows: u32, present: usize): u32 {
  return keepPresent<f32>(values, rows, present);
}

/**
 * Replaces each number by its index in a dictionary of the distinct numbers, ascending. Returns the number of distinct numbers.
 * @param values u32[count], all below `bound`; out: indices
 * @param dictionary u32[distinct numbers] out
 * @param scratch u32[bound]
 */
export function numberDistinct(values: usize, count: u32, bound: u32, dictionary: usize, scratch: usize): u32 {
  const seen = scratch;
  memory.fill(seen, 0, (<usize>bound) << 2);
  const end = values + ((<usize>count) << 2);
  for (let at = values; at < end; at += 4) store<u32>(seen + ((<usize>load<u32>(at)) << 2), 1);
  let places: u32 = 0;
  for (let value: u32 = 0; value < bound; value++) {
    const at = seen + ((<usize>value) << 2);
    if (load<u32>(at) === 0) continue;
    store<u32>(dictionary + ((<usize>places) << 2), value);
    store<u32>(at, places++);
  }
  for (let at = values; at < end; at += 4) store<u32>(at, load<u32>(seen + ((<usize>load<u32>(at)) << 2)));
  return places;
}

/** Whether all values are equal. */
function areEqual(values: usize, count: u32): bool {
  const first = load<u32>(values);
  for (let i: usize = 4; i < (<usize>count) << 2; i += 4) if (load<u32>(values + i) !== first) return false;
  return true;
}

/**
 * Packs values u32[count] of `width` bits in Parquet's hybrid encoding. Returns the number of bytes.
 * Equal values are written as one run; otherwise all values are bit-packed in groups of eight.
 */
export function packWords(values: usize, count: u32, width: u32, target: usize): u32 {
  if (areEqual(values, count)) return <u32>(emitRun(target, load<u32>(values), count, width) - target);
  const begin = target;
  const groups = (count + 7) >>> 3;
  target = emitVarint(target, (groups << 1) + 1);
  const end = target + <usize>groups * <usize>width;
  let buffer: u64 = 0;
  let filled: u64 = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    buffer |= (<u64>load<u32>(values + i)) << filled;
    filled += <u64>width;
    if (filled < 32) continue;
    store<u32>(target, <u32>buffer);
    target += 4;
    buffer >>>= 32;
    filled -= 32;
  }
  for (; target < end; target++, buffer >>>= 8) store<u8>(target, <u8>buffer);
  return <u32>(end - begin);
}
