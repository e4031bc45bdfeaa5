// Canonical order of a basket table: columns by falling popularity, then rows by group and lexicographically by entries.
// The order depends only on the baskets, not on the order of customers, the shards or the number of workers.
//
// Rows are records as written by baskets.ts: a BasketRecord and its packed entries. `order` lists the records' offsets in words.

import { sortU32 } from '../numbers/sort';
import { entriesAt, groupAt, lengthAt, multiplicityAt } from './record';

/** Greatest number of rows for which insertion sort is faster than radix sort. */
const insertedRows: u32 = 40;

/** Adds the multiplicity of each record to counts[column], for each column of the record. @param from, to range of the records in words */
export function countColumns(records: usize, from: u32, to: u32, counts: usize): void {
  const last = records + ((<usize>to) << 2);
  for (let record = records + ((<usize>from) << 2); record < last; ) {
    const times = load<u32>(record, multiplicityAt);
    const end = record + entriesAt + ((<usize>load<u32>(record, lengthAt)) << 2);
    for (let at = record + entriesAt; at < end; at += 4) {
      const counter = counts + ((<usize>(load<u32>(at) >>> 8)) << 2);
      store<u32>(counter, load<u32>(counter) + times);
    }
    record = end;
  }
}

/** Replaces each column of the records `from` .. `to` (offsets in words) by its rank, u32[columns], and sorts the entries of each record. */
export function renameColumns(records: usize, from: u32, to: u32, rank: usize): void {
  const last = records + ((<usize>to) << 2);
  for (let record = records + ((<usize>from) << 2); record < last; ) {
    const length = load<u32>(record, lengthAt);
    const end = record + entriesAt + ((<usize>length) << 2);
    for (let at = record + entriesAt; at < end; at += 4) {
      const value = load<u32>(at);
      store<u32>(at, (load<u32>(rank + ((<usize>(value >>> 8)) << 2)) << 8) | (value & 0xff));
    }
    sortU32(record + entriesAt, length);
    record = end;
  }
}

/** Greatest group number of the records `from` .. `to` (offsets in words), times 256, plus the bitwise OR of their recency bands. */
export function surveyRecords(records: usize, from: u32, to: u32): f64 {
  const last = records + ((<usize>to) << 2);
  let group: u32 = 0;
  let bands: u32 = 0;
  for (let record = records + ((<usize>from) << 2); record < last; ) {
    const end = record + entriesAt + ((<usize>load<u32>(record, lengthAt)) << 2);
    group = max<u32>(group, load<u32>(record, groupAt));
    for (let at = record + entriesAt; at < end; at += 4) bands |= load<u32>(at);
    record = end;
  }
  return <f64>group * 256 + <f64>(bands & 0xff);
}

/** Bin of a record: its group or, with several bins per group, its group and first column. Empty rows are in the group's first bin. */
function binOf(record: usize, perGroup: u32): usize {
  const first = load<u32>(record, groupAt) * perGroup;
  if (perGroup === 1 || load<u32>(record, lengthAt) === 0) return <usize>first;
  return <usize>(first + (load<u32>(record, entriesAt) >>> 8) + 1);
}

/**
 * Sorts the records into bins by a stable counting sort.
 * @param words length of the records in words
 * @param perGroup number of bins per group
 * @param binStart u32[bins + 1], zeroed; out: start of each bin in `order`
 * @param order u32[rows] out: offset in words of each record, bin by bin
 */
export function binRows(records: usize, words: u32, perGroup: u32, bins: u32, binStart: usize, order: usize): void {
  const end = records + ((<usize>words) << 2);
  for (let record = records; record < end; record += entriesAt + ((<usize>load<u32>(record, lengthAt)) << 2)) {
    const at = binStart + (binOf(record, perGroup) << 2);
    store<u32>(at, load<u32>(at, 4) + 1, 4);
  }
  let sum: u32 = 0;
  for (let at = binStart + 4; at <= binStart + ((<usize>bins) << 2); at += 4) {
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
  for (let record = records; record < end; record += entriesAt + ((<usize>load<u32>(record, lengthAt)) << 2)) {
    const at = binStart + (binOf(record, perGroup) << 2);
    const place = load<u32>(at, 4);
    store<u32>(at, place + 1, 4);
    store<u32>(order + ((<usize>place) << 2), <u32>((record - records) >> 2));
  }
}

/**
 * Sort key of 64 bits: the codes of a record's entries from `position` on, as many as fit, the first one most significant.
 *   code of `bits` bits = (column << bandBits | band) + 1, or 0 after the end of the row
 */
function keyOf(record: usize, position: u32, bits: u32, bandBits: u32): u64 {
  const length = load<u32>(record, lengthAt);
  let key: u64 = 0;
  for (let left: u32 = 64; left >= bits && position < length; position++) {
    const entry = load<u32>(record + ((<usize>position) << 2), entriesAt);
    left -= bits;
    key |= ((((<u64>(entry >>> 8)) << (<u64>bandBits)) | <u64>(entry & 0xff)) + 1) << (<u64>left);
  }
  return key;
}

/** Insertion sort of keys u64[count]; moves rows u32[count] with their keys. */
function insertionSortKeys(keys: usize, rows: usize, count: u32): void {
  for (let i: u32 = 1; i < count; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    const row = load<u32>(rows + ((<usize>i) << 2));
    let at = i;
    while (at > 0 && load<u64>(keys + ((<usize>(at - 1)) << 3)) > key) {
      store<u64>(keys + ((<usize>at) << 3), load<u64>(keys + ((<usize>(at - 1)) << 3)));
      store<u32>(rows + ((<usize>at) << 2), load<u32>(rows + ((<usize>(at - 1)) << 2)));
      at--;
    }
    store<u64>(keys + ((<usize>at) << 3), key);
    store<u32>(rows + ((<usize>at) << 2), row);
  }
}

/** One stable counting pass of the radix sort, by the byte of each key at bit `shift`. @param counters u32[256] scratch */
function radixPass(keys: usize, rows: usize, toKeys: usize, toRows: usize, count: u32, shift: u64, counters: usize): void {
  memory.fill(counters, 0, 1024);
  for (let i: usize = 0; i < <usize>count; i++) {
    const counter = counters + ((<usize>((load<u64>(keys + (i << 3)) >> shift) & 0xff)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let sum: u32 = 0;
  for (let counter = counters; counter < counters + 1024; counter += 4) {
    const size = load<u32>(counter);
    store<u32>(counter, sum);
    sum += size;
  }
  for (let i: usize = 0; i < <usize>count; i++) {
    const key = load<u64>(keys + (i << 3));
    const counter = counters + ((<usize>((key >> shift) & 0xff)) << 2);
    const place = <usize>load<u32>(counter);
    store<u32>(counter, <u32>place + 1);
    store<u64>(toKeys + (place << 3), key);
    store<u32>(toRows + (place << 2), load<u32>(rows + (i << 2)));
  }
}

/**
 * Sorts rows u32[count] lexicographically by their entries from `position` on.
 * Sorts by keys of 64 bits first, then each run of equal keys by the entries that follow the key, recursively.
 * Scratch: keys and spareKeys u64[count], spareRows u32[count], counters u32[256].
 */
function sortRows(
  rows: usize,
  count: u32,
  position: u32,
  keys: usize,
  spareKeys: usize,
  spareRows: usize,
  counters: usize,
  records: usize,
  bits: u32,
  bandBits: u32,
): void {
  let varying: u64 = 0;
  let first: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = records + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 2);
    const key = keyOf(record, position, bits, bandBits);
    store<u64>(keys + ((<usize>i) << 3), key);
    if (i === 0) first = key;
    varying |= key ^ first;
  }
  let sortedKeys = keys;
  if (count <= insertedRows) insertionSortKeys(keys, rows, count);
  else {
    let toKeys = spareKeys;
    let sortedRows = rows;
    let toRows = spareRows;
    for (let shift: u64 = 0; shift < 64; shift += 8) {
      if (((varying >> shift) & 0xff) === 0) continue;
      radixPass(sortedKeys, sortedRows, toKeys, toRows, count, shift, counters);
      const fromKeys = sortedKeys;
      sortedKeys = toKeys;
      toKeys = fromKeys;
      const fromRows = sortedRows;
      sortedRows = toRows;
      toRows = fromRows;
    }
    if (sortedRows !== rows) memory.copy(rows, sortedRows, (<usize>count) << 2);
  }
  const perKey = 64 / bits;
  const lastShift = <u64>(64 - perKey * bits);
  const lastCode = ((<u64>1) << (<u64>bits)) - 1;
  for (let i: u32 = 0; i < count; ) {
    const key = load<u64>(sortedKeys + ((<usize>i) << 3));
    let j = i + 1;
    while (j < count && load<u64>(sortedKeys + ((<usize>j) << 3)) === key) j++;
    if (j - i > 1 && ((key >> lastShift) & lastCode) !== 0) {
      const at = <usize>i;
      sortRows(
        rows + (at << 2),
        j - i,
        position + perKey,
        keys + (at << 3),
        spareKeys + (at << 3),
        spareRows + (at << 2),
        counters,
        records,
        bits,
        bandBits,
      );
    }
    i = j;
  }
}

/**
 * Sorts the rows within each bin, for the bins `from` to below `to`.
 * @param largest number of rows of the largest bin
 * @param scratch 1024 bytes, then 20 bytes for each of `largest` rows
 */
export function sortBins(
  from: u32,
  to: u32,
  binStart: usize,
  order: usize,
  records: usize,
  bits: u32,
  bandBits: u32,
  largest: u32,
  scratch: usize,
): void {
  const keys = scratch + 1024;
  const spareKeys = keys + ((<usize>largest) << 3);
  const spareRows = spareKeys + ((<usize>largest) << 3);
  for (let bin = from; bin < to; bin++) {
    const begin = load<u32>(binStart + ((<usize>bin) << 2));
    const count = load<u32>(binStart + ((<usize>bin) << 2), 4) - begin;
    if (count < 2) continue;
    sortRows(order + ((<usize>begin) << 2), count, 0, keys, spareKeys, spareRows, scratch, records, bits, bandBits);
  }
}

/** Total number of entries of the rows order[from .. to]. */
export function measureRows(from: u32, to: u32, order: usize, records: usize): u32 {
  let sum: u32 = 0;
  for (let i = from; i < to; i++) sum += load<u32>(records + ((<usize>load<u32>(order + ((<usize>i) << 2))) << 2), lengthAt);
  return sum;
}

/**
 * Writes the rows order[from .. to] as rows `from` .. `to` of the basket table, with their entries at entry[place ..].
 * @param start, group, multiplicity u32[rows] out: columns of the table
 * @param rank u32[distinct baskets] out: table row of each basket number
 */
export function placeRows(
  from: u32,
  to: u32,
  order: usize,
  records: usize,
  place: u32,
  start: usize,
  entry: usize,
  group: usize,
  multiplicity: usize,
  rank: usize,
): void {
  let target = entry + ((<usize>place) << 2);
  for (let i = from; i < to; i++) {
    const at = (<usize>i) << 2;
    const record = records + ((<usize>load<u32>(order + at)) << 2);
    const end = record + entriesAt + ((<usize>load<u32>(record, lengthAt)) << 2);
    store<u32>(start + at, <u32>((target - entry) >> 2));
    for (let e = record + entriesAt; e < end; e += 4) {
      store<u32>(target, load<u32>(e));
      target += 4;
    }
    store<u32>(multiplicity + at, load<u32>(record, multiplicityAt));
    store<u32>(group + at, load<u32>(record, groupAt));
    store<u32>(rank + ((<usize>load<u32>(record)) << 2), i);
  }
}
