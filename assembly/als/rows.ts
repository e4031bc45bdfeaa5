// Training rows of ALS, arranged once per fit. A short row (at most `longest` entries) is stored in dual form, as a record:
//   u32 n, f32 m (weight of the row), then n times { u32 packed entry, f32 w }, with w from the latest customer half-step
// A small basket takes one cache line. Records are sorted by falling n; records of equal n are in table order.
// Loops over neighbouring records therefore have equal lengths, and the blocks with the most work come first.
// Long rows stay in the table, and their factors x are in a matrix. Empty rows and rows of weight 0 are left out.

import { AlsRowCounts, AlsSource } from './layouts';

/** Training weight of a row: from `weight` if the source has weights, otherwise the row's multiplicity. */
function trainingWeight(source: AlsSource, row: u32): f32 {
  return source.weight ? load<f32>(source.weight + (row << 2)) : <f32>load<u32>(source.multiplicity + (row << 2));
}

/** Whether a row of n entries and weight m takes part in training. */
function trains(n: u32, m: f32): bool {
  return n > 0 && m > 0;
}

/**
 * Counts the rows `from` .. `to` that packAlsRows will write.
 * @param source record AlsSource
 * @param longest greatest number of entries of a short row
 * @param counts AlsRowCounts[2] out: counts of short rows, then of long rows
 * @param lengths u32[longest + 1] out: number of short rows with each number of entries
 */
export function countAlsRows(source: usize, from: u32, to: u32, longest: u32, counts: usize, lengths: usize): void {
  const given = changetype<AlsSource>(source);
  const start: usize = given.start;
  memory.fill(counts, 0, 2 * offsetof<AlsRowCounts>());
  memory.fill(lengths, 0, (longest + 1) << 2);
  for (let row = from; row < to; row++) {
    const n = load<u32>(start + (row << 2), 4) - load<u32>(start + (row << 2));
    if (!trains(n, trainingWeight(given, row))) continue;
    const kind = changetype<AlsRowCounts>(n > longest ? counts + offsetof<AlsRowCounts>() : counts);
    kind.rows = kind.rows + 1;
    kind.entries = kind.entries + n;
    if (n <= longest) addOne(lengths + (n << 2));
  }
}

/**
 * Writes the records of the short rows, and the list of the long rows.
 * @param source record AlsSource
 * @param longest greatest number of entries of a short row
 * @param lengths u32[longest + 1], from countAlsRows; overwritten
 * @param records out: records of the short rows
 * @param blockRows number of short rows per block
 * @param blockStart u32[blocks + 1] out: address of each block's first record, and end of the last record
 * @param longRow u32[long rows] out: table row of each long row
 * @param longWeight f32[long rows] out: weight of each long row
 */
export function packAlsRows(
  source: usize,
  from: u32,
  to: u32,
  longest: u32,
  lengths: usize,
  records: usize,
  blockRows: u32,
  blockStart: usize,
  longRow: usize,
  longWeight: usize,
): void {
  const given = changetype<AlsSource>(source);
  const start: usize = given.start;
  const entry: usize = given.entry;
  placeLengths(lengths, longest, records, blockRows, blockStart);
  for (let row = from; row < to; row++) {
    const first = load<u32>(start + (row << 2));
    const n = load<u32>(start + (row << 2), 4) - first;
    const m = trainingWeight(given, row);
    if (!trains(n, m)) continue;
    if (n > longest) {
      store<u32>(longRow, row);
      store<f32>(longWeight, m);
      longRow += 4;
      longWeight += 4;
      continue;
    }
    let record = <usize>load<u32>(lengths + (n << 2));
    store<u32>(record, n);
    store<f32>(record, m, 4);
    record += 8;
    for (let e: u32 = 0; e < n; e++, record += 8) store<u32>(record, load<u32>(entry + ((first + e) << 2)));
    store<u32>(lengths + (n << 2), <u32>record);
  }
}

/**
 * Replaces the number of rows of each length by the address of the first record of that length; the longest rows come first.
 * Also writes the start address of each block, and the end of the last block.
 */
function placeLengths(lengths: usize, longest: u32, records: usize, blockRows: u32, blockStart: usize): void {
  let row: u32 = 0;
  for (let n = longest; n > 0; n--) {
    const count = load<u32>(lengths + (n << 2));
    store<u32>(lengths + (n << 2), <u32>records);
    // Blocks start at rows that are multiples of blockRows.
    for (let first = ((row + blockRows - 1) / blockRows) * blockRows; first < row + count; first += blockRows) {
      store<u32>(blockStart, <u32>(records + (first - row) * ((n + 1) << 3)));
      blockStart += 4;
    }
    records += count * ((n + 1) << 3);
    row += count;
  }
  store<u32>(blockStart, <u32>records);
}

/**
 * Lists, for each column, the records that hold it, in the order of the records.
 * @param from, to addresses of the first record and of the end of the last
 * @param columnStart u32[columns + 1] out: start of each column's list
 * @param place u32[entries] out: addresses of the records
 * @param band u8[entries] out: recency band of the column in each record
 */
export function indexAlsRows(from: usize, to: usize, columns: u32, columnStart: usize, place: usize, band: usize): void {
  memory.fill(columnStart, 0, (columns + 1) << 2);
  for (let record = from; record < to; record = nextRecord(record)) {
    const end = nextRecord(record);
    for (let e = record + 8; e < end; e += 8) addOne(columnStart + ((load<u32>(e) >>> 8) << 2));
  }
  startsFromCounts(columnStart, columns);
  for (let record = from; record < to; record = nextRecord(record)) {
    const end = nextRecord(record);
    for (let e = record + 8; e < end; e += 8) {
      const packed = load<u32>(e);
      const at = addOne(columnStart + ((packed >>> 8) << 2));
      store<u32>(place + (at << 2), <u32>record);
      store<u8>(band + at, <u8>packed);
    }
  }
  shiftStarts(columnStart, columns);
}

/**
 * Lists, for each column, the long rows that hold it, in table order.
 * @param columnStart u32[columns + 1] out: start of each column's list
 * @param place (u32 long row, u32 recency band)[entries] out
 */
export function indexAlsLongRows(
  start: usize,
  entry: usize,
  longRow: usize,
  rows: u32,
  columns: u32,
  columnStart: usize,
  place: usize,
): void {
  memory.fill(columnStart, 0, (columns + 1) << 2);
  for (let i: u32 = 0; i < rows; i++) {
    const row = load<u32>(longRow + (i << 2));
    const end = load<u32>(start + (row << 2), 4);
    for (let e = load<u32>(start + (row << 2)); e < end; e++) addOne(columnStart + ((load<u32>(entry + (e << 2)) >>> 8) << 2));
  }
  startsFromCounts(columnStart, columns);
  for (let i: u32 = 0; i < rows; i++) {
    const row = load<u32>(longRow + (i << 2));
    const end = load<u32>(start + (row << 2), 4);
    for (let e = load<u32>(start + (row << 2)); e < end; e++) {
      const packed = load<u32>(entry + (e << 2));
      const at = place + (addOne(columnStart + ((packed >>> 8) << 2)) << 3);
      store<u32>(at, i);
      store<u32>(at, packed & 0xff, 4);
    }
  }
  shiftStarts(columnStart, columns);
}

/** Address of the next record. */
export function nextRecord(record: usize): usize {
  return record + 8 + (load<u32>(record) << 3);
}

/** Adds 1 to a counter; returns its previous value. */
function addOne(at: usize): u32 {
  const value = load<u32>(at);
  store<u32>(at, value + 1);
  return value;
}

/** Replaces the count of each column by the start of its list: the sum of the counts before it. */
function startsFromCounts(columnStart: usize, columns: u32): void {
  let sum: u32 = 0;
  for (let i: u32 = 0; i <= columns; i++) {
    const count = load<u32>(columnStart + (i << 2));
    store<u32>(columnStart + (i << 2), sum);
    sum += count;
  }
}

/** Shifts the starts by one column, because filling the lists has moved each start to the start of the next column. */
function shiftStarts(columnStart: usize, columns: u32): void {
  for (let i = columns; i > 0; i--) store<u32>(columnStart + (i << 2), load<u32>(columnStart + ((i - 1) << 2)));
  store<u32>(columnStart, 0);
}

/** Plan "held by all": all short rows hold the column in the same recency band, such as the constant. */
export const heldByAll: u32 = 0xffffffff;

/**
 * Plans the item half-step of one column. Finds the set of columns that occur together with it in short rows, itself included.
 * Chooses the cheapest way to compute its sums (see items.ts).
 * @param places u32[count]: addresses of the records that hold the column
 * @param bands u8[count]: recency band of the column in each record
 * @param shortRows number of all records
 * @param set u32[words] out: bit set of the columns that occur together with the column
 * @param words number of 32-bit words of a bit set of all columns
 * @param width padded number of factors
 * @returns way "by sets": number of columns in the set; way "by factors": 0; way "held by all": heldByAll
 */
export function planAlsItem(places: usize, bands: usize, count: u32, shortRows: u32, set: usize, words: u32, width: u32): u32 {
  if (count && count === shortRows && allEqual(bands, count)) return heldByAll;
  memory.fill(set, 0, words << 2);
  let entries: f64 = 0;
  let pairs: f64 = 0;
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++, places += 4) {
    if (i % ahead === 0) touched |= fetchRecords(places, min(ahead, count - i));
    const record = load<u32>(places);
    const n = load<u32>(record);
    for (let e: u32 = 0; e < n; e++) {
      const column = load<u32>(record + 8 + (e << 3)) >>> 8;
      const at = set + ((column >>> 5) << 2);
      store<u32>(at, load<u32>(at) | (1 << (column & 31)));
    }
    entries += n;
    pairs += 0.5 * (<f64>n * n);
  }
  let neighbours: u32 = 0;
  for (let i: u32 = 0; i < words; i++) neighbours += popcnt(load<u32>(set + (i << 2)));
  // Costs in multiply-adds, for k columns of the set and f factors.
  // By sets: 4 per pair of entries (scattered writes), then T Z with at most min(pairs, k^2 / 2) elements in half of T, then Z'(T Z).
  // By factors: 3 f per entry for x = Z_b'w (short sums are slow), then 0.6 f^2 per record for half of x x'.
  const k = <f64>neighbours;
  const f = <f64>width;
  const bySets = 4 * pairs + min(pairs, (k * k) / 2) * f + k * f * f;
  const byFactors = 3 * entries * f + 0.6 * (<f64>count * f * f);
  // `touched` is never 0, because it contains the records' lengths. Using it prevents the compiler from removing the prefetch.
  return bySets <= byFactors && touched ? neighbours : 0;
}

function allEqual(bands: usize, count: u32): bool {
  const first = load<u8>(bands);
  for (let i: u32 = 1; i < count; i++) if (load<u8>(bands + i) !== first) return false;
  return true;
}

/** Number of records that are prefetched together, so that their cache misses overlap. Single misses would cost more than the arithmetic. */
export const ahead: u32 = 16;

/** Prefetches `count` records. The caller must use the result, or the compiler removes the reads. @param places u32[count]: addresses */
export function fetchRecords(places: usize, count: u32): u32 {
  let touched: u32 = 0;
  for (const end = places + (count << 2); places < end; places += 4) {
    const record = load<u32>(places);
    touched |= load<u32>(record) | load<u32>(record, 56);
  }
  return touched;
}
