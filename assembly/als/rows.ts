// Training rows of ALS, arranged once per fit. A row with fewer entries than factors is stored in dual form, as a record:
//   u32 n, f32 m (its multiplicity), then n times { u32 packed entry, f32 w } with w from the latest customer half-step
// A small basket takes one cache line. Records are sorted by falling n, in table order for equal n.
// Neighbouring records therefore have loops of equal length, and the blocks with most work come first.
// Longer rows stay in the table, with their factors x in a matrix. Rows of weight 0 and empty rows do not train.

import { AlsRowCounts, AlsSource } from './layouts';

/** Weight of a row: its f32 in `weight` if given, else its multiplicity. */
function trainingWeight(source: AlsSource, row: u32): f32 {
  return source.weight ? load<f32>(source.weight + (row << 2)) : <f32>load<u32>(source.multiplicity + (row << 2));
}

/** Whether a row takes part in training. */
function trains(n: u32, m: f32): bool {
  return n > 0 && m > 0;
}

/**
 * Counts the output of packAlsRows for rows from .. to.
 * @param source an AlsSource
 * @param longest most entries of a short row
 * @param counts AlsRowCounts[2] out: of short rows, of long rows
 * @param lengths u32[longest + 1] out: short rows of each length
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
 * Writes the records of the short rows and the list of the long ones.
 * @param source an AlsSource
 * @param lengths of countAlsRows; overwritten
 * @param records out: the records
 * @param blockRows short rows per block; blockStart u32[blocks + 1] out: address of each block's first record, and the end
 * @param longRow u32[long rows] out; longWeight f32[long rows] out
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
 * Turns counts of lengths into the address of each length's first record, longest first. Writes the starts of blocks and the end
 * of the last.
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
 * Indexes the records of each column, in table order.
 * @param from, to the records; columnStart u32[columns + 1] out
 * @param place u32[entries] out: addresses of records; band u8[entries] out: band of the column in each record
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
 * Indexes the long rows of each column, in table order.
 * @param columnStart u32[columns + 1] out; place {u32 long row, u32 band}[entries] out
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

/** Turns counts per column into starts per column. */
function startsFromCounts(columnStart: usize, columns: u32): void {
  let sum: u32 = 0;
  for (let i: u32 = 0; i <= columns; i++) {
    const count = load<u32>(columnStart + (i << 2));
    store<u32>(columnStart + (i << 2), sum);
    sum += count;
  }
}

/** Shifts the starts back by one column. Filling has moved each start to that of the next column. */
function shiftStarts(columnStart: usize, columns: u32): void {
  for (let i = columns; i > 0; i--) store<u32>(columnStart + (i << 2), load<u32>(columnStart + ((i - 1) << 2)));
  store<u32>(columnStart, 0);
}

/** Plan of a column that all short rows hold in one band, such as the constant. */
export const heldByAll: u32 = 0xffffffff;

/**
 * Plans the item half-step of one column: the columns that occur together with it in short rows (itself included), and the
 * cheapest sum (see alsItems).
 * @param places, bands, count addresses of the column's records, and its bands in them
 * @param shortRows number of records
 * @param words 32-bit words of a set of columns; set u32[words] out
 * @param width padded factors
 * @returns number of columns that occur together with it; 0 to sum its system over customer factors; or heldByAll
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
  // Costs in multiply-adds. By sets: pairs of entries (scattered ones count four), T_i Z with at most as many elements of a half
  // of T_i as pairs, and Z'(T_i Z).
  // By factors: x = Z_b'w (short sums, slower) and half of x x' per record.
  const k = <f64>neighbours;
  const f = <f64>width;
  const bySets = 4 * pairs + min(pairs, (k * k) / 2) * f + k * f * f;
  const byFactors = 3 * entries * f + 0.6 * (<f64>count * f * f);
  // An OR with a record's length is never 0. It only prevents the removal of the prefetch.
  return bySets <= byFactors && touched ? neighbours : 0;
}

function allEqual(bands: usize, count: u32): bool {
  const first = load<u8>(bands);
  for (let i: u32 = 1; i < count; i++) if (load<u8>(bands + i) !== first) return false;
  return true;
}

/** Records whose cache lines are prefetched together. One miss at a time would cost more than the arithmetic. */
export const ahead: u32 = 16;

/** Reads the next records, so that their cache lines load before the first is needed. The caller must use the result. */
export function fetchRecords(places: usize, count: u32): u32 {
  let touched: u32 = 0;
  for (const end = places + (count << 2); places < end; places += 4) {
    const record = load<u32>(places);
    touched |= load<u32>(record) | load<u32>(record, 56);
  }
  return touched;
}
