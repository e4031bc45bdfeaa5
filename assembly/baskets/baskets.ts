// Collapses rows (customers) into distinct baskets, in four steps:
// 1. hashRows projects each row to the columns of a campaign and hashes it.
// 2. recordRows writes each row as a record to a partition, selected by the upper bits of the hash.
// 3. collapsePartition merges equal records, with a hash table that fits the cache.
// 4. gatherPartition copies the distinct records, and resolveRows numbers the basket of each row.
// Two rows are equal if their groups and entries are equal. The hash only selects the slot.
//
// A record is a BasketRecord and its packed entries (column << 8 | recency band).
// Collapsing moves the records of distinct baskets to the front of their partition.

import { Flag, none } from '../layouts';
import { mix } from '../numbers/hash';
import { keepFirstOfColumn, sortU32 } from '../numbers/sort';
import { CollapseSource, PartitionCounts, PartitionSums } from './layouts';
import { entriesAt, groupAt, headWords, lengthAt, multiplicityAt } from './record';

function partitionOf(hash: u32, shift: u32): u32 {
  return <u32>(<u64>hash >> <u64>shift);
}

function groupOf(group: usize, row: u32): u32 {
  return group ? load<u32>(group + ((<usize>row) << 2)) : 0;
}

/**
 * Writes the projected entries of a row to `target`, sorted and one per column, then its extra entry. Returns the number of entries.
 */
function projectRow(source: CollapseSource, row: u32, target: usize): u32 {
  const start: usize = source.start;
  const entry: usize = source.entry;
  const projection: usize = source.projection;
  const extra: usize = source.extra;
  const at = (<usize>row) << 2;
  const end = entry + ((<usize>load<u32>(start + at, 4)) << 2);
  let length: u32 = 0;
  let last: i32 = -1;
  let ascending = true;
  for (let from = entry + ((<usize>load<u32>(start + at)) << 2); from < end; from += 4) {
    const value = load<u32>(from);
    const column = load<i32>(projection + ((<usize>(value >>> 8)) << 2));
    if (column < 0) continue;
    if (column <= last) ascending = false;
    last = column;
    store<u32>(target + ((<usize>length) << 2), ((<u32>column) << 8) | (value & 0xff));
    length++;
  }
  if (!ascending) {
    sortU32(target, length);
    length = keepFirstOfColumn(target, length);
  }
  if (extra === 0 || load<u32>(extra + at) === none) return length;
  store<u32>(target + ((<usize>length) << 2), load<u32>(extra + at) + (source.extraBase << 8));
  return length + 1;
}

/**
 * Hashes the rows `from` .. `to` and counts them by partition.
 * @param source record CollapseSource
 * @param hashMask bits of the hash that are used
 * @param counts PartitionCounts[partitions], zeroed; out: words of the records, and rows
 * @param scratch u32[entries of the longest row]
 */
export function hashRows(source: usize, from: u32, to: u32, hashMask: u32, counts: usize, scratch: usize): void {
  const given = changetype<CollapseSource>(source);
  const group: usize = given.group;
  const hashes: usize = given.hashes;
  const shift = given.shift;
  for (let row = from; row < to; row++) {
    const rowGroup = groupOf(group, row);
    if (rowGroup === none) continue;
    const length = projectRow(given, row, scratch);
    let state = mix(length, rowGroup);
    for (let i: usize = 0; i < (<usize>length) << 2; i += 4) state = mix(state, load<u32>(scratch + i));
    const hash = <u32>(mix(state, 0) >> 32) & hashMask;
    store<u32>(hashes + ((<usize>row) << 2), hash);
    const counter = counts + ((<usize>partitionOf(hash, shift)) << 3);
    store<u32>(counter, load<u32>(counter) + headWords + length);
    store<u32>(counter, load<u32>(counter, offsetof<PartitionCounts>('rows')) + 1, offsetof<PartitionCounts>('rows'));
  }
}

/**
 * Writes the records of the rows `from` .. `to` into their partitions.
 * @param source record CollapseSource
 * @param places PartitionCounts[partitions]: `words` is the position of the next record of this block of rows; advanced
 * @param records u32[words of all records] out
 * @param scratch u32[entries of the longest row]. A row has more entries than its record until its equivalent products are merged
 */
export function recordRows(source: usize, from: u32, to: u32, places: usize, records: usize, scratch: usize): void {
  const given = changetype<CollapseSource>(source);
  const group: usize = given.group;
  const hashes: usize = given.hashes;
  const shift = given.shift;
  for (let row = from; row < to; row++) {
    const rowGroup = groupOf(group, row);
    if (rowGroup === none) continue;
    const hash = load<u32>(hashes + ((<usize>row) << 2));
    const cursor = places + ((<usize>partitionOf(hash, shift)) << 3);
    const place = load<u32>(cursor);
    const record = records + ((<usize>place) << 2);
    const length = projectRow(given, row, scratch);
    for (let i: usize = 0; i < (<usize>length) << 2; i += 4) store<u32>(record + i, load<u32>(scratch + i), entriesAt);
    store<u32>(record, hash);
    store<u32>(record, row, multiplicityAt);
    store<u32>(record, rowGroup, groupAt);
    store<u32>(record, length, lengthAt);
    store<u32>(cursor, place + headWords + length);
  }
}

/** Whether two records have the same group, length and entries. */
function sameBasket(a: usize, b: usize): bool {
  if (load<u64>(a, groupAt) !== load<u64>(b, groupAt)) return false;
  const end = a + entriesAt + ((<usize>load<u32>(a, lengthAt)) << 2);
  for (a += entriesAt, b += entriesAt; a < end; a += 4, b += 4) if (load<u32>(a) !== load<u32>(b)) return false;
  return true;
}

/**
 * Collapses the records of a partition in place. Returns the number of distinct baskets.
 * @param words length of the records in words
 * @param weight u32[rows]: customers that a row stands for; 0: one
 * @param local u32[rows] out: number of the row's basket within the partition
 * @param sums PartitionSums out: words and entries of the distinct records
 * @param slots a power of 2, at least twice the number of rows
 * @param scratch u32[slots]: hash table
 */
export function collapsePartition(
  records: usize,
  words: u32,
  weight: usize,
  local: usize,
  sums: usize,
  slots: u32,
  scratch: usize,
): u32 {
  const end = records + ((<usize>words) << 2);
  const mask = slots - 1;
  let distinct: u32 = 0;
  let kept = records;
  memory.fill(scratch, 0, (<usize>slots) << 2);
  for (let record = records; record < end; ) {
    const row = load<u32>(record, multiplicityAt);
    const length = load<u32>(record, lengthAt);
    const times = weight ? load<u32>(weight + ((<usize>row) << 2)) : 1;
    let slot = load<u32>(record) & mask;
    let distinctRecord: usize = 0;
    for (;;) {
      distinctRecord = <usize>load<u32>(scratch + ((<usize>slot) << 2));
      if (distinctRecord === 0 || sameBasket(record, distinctRecord)) break;
      slot = (slot + 1) & mask;
    }
    const next = record + entriesAt + ((<usize>length) << 2);
    if (distinctRecord === 0) {
      distinctRecord = kept;
      store<u32>(scratch + ((<usize>slot) << 2), <u32>distinctRecord);
      store<u32>(kept, distinct++);
      store<u32>(kept, times, multiplicityAt);
      for (let at = record + groupAt; at < next; at += 4) store<u32>(kept + (at - record), load<u32>(at));
      kept += next - record;
    } else store<u32>(distinctRecord, load<u32>(distinctRecord, multiplicityAt) + times, multiplicityAt);
    store<u32>(local + ((<usize>row) << 2), load<u32>(distinctRecord));
    record = next;
  }
  const keptWords = <u32>((kept - records) >> 2);
  store<u32>(sums, keptWords);
  store<u32>(sums, keptWords - headWords * distinct, offsetof<PartitionSums>('entries'));
  return distinct;
}

/**
 * Copies the distinct records of a partition to `target`, numbers them from `first`, and appends the same packed entries to each.
 * @param words length of the distinct records in words
 * @param constant u32[constants]: packed entries to append
 * @param sorting 1: the extra entry of a row may lie above the appended entries, so each row is sorted again
 */
export function gatherPartition(
  records: usize,
  words: u32,
  first: u32,
  constant: usize,
  constants: u32,
  sorting: Flag,
  target: usize,
): void {
  const end = records + ((<usize>words) << 2);
  for (let record = records; record < end; ) {
    const length = load<u32>(record, lengthAt);
    const bytes: usize = entriesAt + ((<usize>length) << 2);
    store<u32>(target, first + load<u32>(record));
    for (let at: usize = multiplicityAt; at < bytes; at += 4) store<u32>(target + at, load<u32>(record + at));
    store<u32>(target, length + constants, lengthAt);
    for (let i: usize = 0; i < (<usize>constants) << 2; i += 4) store<u32>(target + bytes + i, load<u32>(constant + i));
    if (sorting) sortU32(target + entriesAt, length + constants);
    record += bytes;
    target += bytes + ((<usize>constants) << 2);
  }
}

/**
 * Turns the numbers within partitions, local[from .. to], into numbers of distinct baskets over all partitions.
 * @param first u32[partitions]: number of each partition's first basket
 */
export function resolveRows(from: u32, to: u32, group: usize, hashes: usize, shift: u32, first: usize, local: usize): void {
  for (let row = from; row < to; row++) {
    const at = (<usize>row) << 2;
    let basket = none;
    if (groupOf(group, row) !== none) {
      basket = load<u32>(local + at) + load<u32>(first + ((<usize>partitionOf(load<u32>(hashes + at), shift)) << 2));
    }
    store<u32>(local + at, basket);
  }
}
