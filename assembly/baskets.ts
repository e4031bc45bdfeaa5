// Collapsing rows into distinct baskets. Rows (customers) are projected to a campaign's columns and hashed, shared out to partitions by
// the upper bits of the hash, and collapsed partition by partition in a hash table small enough for the cache. The hash only says where
// to look: rows are equal when their group and entries are.
//
// A projected row: u32 group, u32 length, then its entries; it lies at projected + 4 * (start[row] + row * header), where header is
// 2, or 3 with room for an extra entry. A partition's list has one record (u32 hash, u32 row) per row; the records of its
// distinct baskets (the first row of each) move to the front.
import { keepFirstOfColumn, sortU32 } from './sort';

/** In place of a group: the row takes no part. In place of an extra entry: there is none. In place of a basket: none. */
const none: u32 = 0xffffffff;

function projectedRow(projected: usize, start: usize, row: u32, header: u32): usize {
  return projected + ((<usize>(load<u32>(start + ((<usize>row) << 2)) + row * header)) << 2);
}

function groupOf(group: usize, row: u32): u32 {
  return group ? load<u32>(group + ((<usize>row) << 2)) : 0;
}

/** 2^64 divided by the golden ratio, odd. */
const multiplier: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;

/** Multiply and fold, one step per word. */
function mix(hash: u64, word: u32): u64 {
  const product = (hash ^ <u64>word) * multiplier;
  return product ^ (product >> 32);
}

function partitionOf(hash: u32, shift: u32): u32 {
  return <u32>(<u64>hash >> <u64>shift);
}

/** Copies the entries at .. end to `target` in the columns of the projection (i32, below 0: left out); sorted, one per column. */
function projectEntries(at: usize, end: usize, projection: usize, target: usize): u32 {
  let length: u32 = 0;
  let last: i32 = -1;
  let ascending = true;
  for (; at < end; at += 4) {
    const entry = load<u32>(at);
    const column = load<i32>(projection + ((<usize>(entry >>> 8)) << 2));
    if (column < 0) continue;
    if (column <= last) ascending = false;
    last = column;
    store<u32>(target + ((<usize>length) << 2), ((<u32>column) << 8) | (entry & 0xff));
    length++;
  }
  if (ascending) return length;
  sortU32(target, length);
  return keepFirstOfColumn(target, length);
}

/**
 * Projects and hashes rows from .. to, and counts them by partition in counts u32[partitions], which must be zero. group and extra
 * (packed entries): u32[rows] or 0. The extra column is numbered from extraBase.
 */
export function projectRows(
  start: usize,
  entry: usize,
  from: u32,
  to: u32,
  projection: usize,
  group: usize,
  extra: usize,
  extraBase: u32,
  header: u32,
  projected: usize,
  hashes: usize,
  hashMask: u32,
  shift: u32,
  counts: usize,
): void {
  for (let row = from; row < to; row++) {
    const at = (<usize>row) << 2;
    const rowGroup = groupOf(group, row);
    if (rowGroup === none) continue;
    const target = projectedRow(projected, start, row, header);
    const entries = target + 8;
    const first = entry + ((<usize>load<u32>(start + at)) << 2);
    const end = entry + ((<usize>load<u32>(start + at, 4)) << 2);
    let length = projectEntries(first, end, projection, entries);
    if (extra && load<u32>(extra + at) !== none) {
      store<u32>(entries + ((<usize>length) << 2), load<u32>(extra + at) + (extraBase << 8));
      length++;
    }
    store<u32>(target, rowGroup);
    store<u32>(target, length, 4);
    let state = mix(length, rowGroup);
    for (let i: u32 = 0; i < length; i++) state = mix(state, load<u32>(entries + ((<usize>i) << 2)));
    const hash = <u32>(mix(state, 0) >> 32) & hashMask;
    store<u32>(hashes + at, hash);
    const counter = counts + ((<usize>partitionOf(hash, shift)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** Appends rows from .. to to the lists of their partitions; place u32[partitions]: the next record of each, for this block. */
export function partitionRows(from: u32, to: u32, group: usize, hashes: usize, shift: u32, place: usize, lists: usize): void {
  for (let row = from; row < to; row++) {
    if (groupOf(group, row) === none) continue;
    const hash = load<u32>(hashes + ((<usize>row) << 2));
    const cursor = place + ((<usize>partitionOf(hash, shift)) << 2);
    const at = load<u32>(cursor);
    store<u32>(cursor, at + 1);
    const record = lists + ((<usize>at) << 3);
    store<u32>(record, hash);
    store<u32>(record, row, 4);
  }
}

/** True where two projected rows have the same group, length and entries. */
function sameRow(a: usize, b: usize): bool {
  if (load<u64>(a) !== load<u64>(b)) return false;
  const end = a + 8 + ((<usize>load<u32>(a, 4)) << 2);
  a += 8;
  b += 8;
  for (; a < end; a += 4, b += 4) if (load<u32>(a) !== load<u32>(b)) return false;
  return true;
}

/**
 * Collapses a partition's list of `count` records: local[row] = which distinct basket of the partition, multiplicity[that] = sum of the
 * weights of its rows (u32[rows], or 0: 1 each). Writes the number of entries of the distinct baskets to `entries` and returns how many baskets
 * there are. Scratch: u32[slots], slots a power of 2, at least twice count.
 */
export function collapsePartition(
  list: usize,
  count: u32,
  start: usize,
  header: u32,
  projected: usize,
  weight: usize,
  multiplicity: usize,
  local: usize,
  entries: usize,
  slots: u32,
  scratch: usize,
): u32 {
  let distinct: u32 = 0;
  let total: u32 = 0;
  const mask = slots - 1;
  memory.fill(scratch, 0, (<usize>slots) << 2);
  for (let i: u32 = 0; i < count; i++) {
    const record = list + ((<usize>i) << 3);
    const hash = load<u32>(record);
    const row = load<u32>(record, 4);
    const basket = projectedRow(projected, start, row, header);
    let slot = hash & mask;
    let found: u32 = 0;
    for (;;) {
      found = load<u32>(scratch + ((<usize>slot) << 2));
      if (found === 0) break;
      const other = list + ((<usize>(found - 1)) << 3);
      if (load<u32>(other) === hash && sameRow(basket, projectedRow(projected, start, load<u32>(other, 4), header))) break;
      slot = (slot + 1) & mask;
    }
    if (found === 0) {
      found = ++distinct;
      store<u32>(scratch + ((<usize>slot) << 2), found);
      const place = list + ((<usize>(found - 1)) << 3);
      store<u32>(place, hash);
      store<u32>(place, row, 4);
      store<u32>(multiplicity + ((<usize>(found - 1)) << 2), 0);
      total += load<u32>(basket, 4);
    }
    const counter = multiplicity + ((<usize>(found - 1)) << 2);
    store<u32>(counter, load<u32>(counter) + (weight ? load<u32>(weight + ((<usize>row) << 2)) : 1));
    store<u32>(local + ((<usize>row) << 2), found - 1);
  }
  store<u32>(entries, total);
  return distinct;
}

/**
 * Writes the `distinct` baskets of a partition as rows of a table from row `id` and entry `place` on: toStart, toEntry, toGroup,
 * toMultiplicity. The table's last start is the caller's.
 */
export function gatherPartition(
  list: usize,
  distinct: u32,
  start: usize,
  header: u32,
  projected: usize,
  multiplicity: usize,
  id: u32,
  place: u32,
  toStart: usize,
  toEntry: usize,
  toGroup: usize,
  toMultiplicity: usize,
): void {
  memory.copy(toMultiplicity + ((<usize>id) << 2), multiplicity, (<usize>distinct) << 2);
  for (let i: u32 = 0; i < distinct; i++) {
    const basket = projectedRow(projected, start, load<u32>(list + ((<usize>i) << 3), 4), header);
    const length = load<u32>(basket, 4);
    const at = (<usize>(id + i)) << 2;
    store<u32>(toStart + at, place);
    store<u32>(toGroup + at, load<u32>(basket));
    for (let e: u32 = 0; e < length; e++) {
      store<u32>(toEntry + ((<usize>(place + e)) << 2), load<u32>(basket + 8 + ((<usize>e) << 2)));
    }
    place += length;
  }
}

/** Turns local[from .. to] into row numbers of the table: first u32[partitions] is the row of each partition's first basket. */
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
