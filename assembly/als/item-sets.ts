// Sums of a product over the short rows that hold it: sum of m d x x' = Z'T Z, with T = sum of m d w w'.
// T is stored only for the set of columns that occur together with the product (compact form).

import { countUpper, symmetricProduct, triangularBytes, triangularProduct } from '../linalg/packed';
import { addProduct, addSymmetricProduct } from '../linalg/products';
import { addScaled } from '../linalg/vectors';
import { addWithTransposed } from './factors';
import { AlsMatrices, AlsRows } from './layouts';
import { ahead, fetchRecords } from './rows';

/**
 * Adds the short rows of a product i. Over the k columns that occur together with i:
 *   T = sum of m d w w',   v = sum of m c w,   system += Z'T Z,   right += Z'v
 * @param places u32[count]: addresses of the product's records
 * @param bands u8[count]: recency band of the product in each record
 * @param set bit set of the k columns
 * @returns sum of m c
 */
export function addBySets(
  places: usize,
  count: u32,
  bands: usize,
  set: usize,
  k: u32,
  rows: AlsRows,
  items: AlsMatrices,
  right: usize,
  system: usize,
  room: usize,
): f64 {
  const width = items.width;
  const row = width << 3;
  const size = (k + 7) & ~7;
  const sumRow = size << 3;
  // Layout of the scratch: U Z and Z of the set [size x width each], scratch of the product, W [width x width], v [size],
  // T [size x size], and the u32 position of each column in the set.
  const uz = room;
  const zSet = uz + size * row;
  const pairs = zSet + size * row;
  const w = pairs + ((triangularBytes(size) + 15) & ~15);
  const v = w + width * row;
  const t = v + sumRow;
  const position = t + size * sumRow;
  memory.fill(v, 0, position - v);
  memory.fill(zSet + k * row, 0, (size - k) * row);
  listSet(set, rows.words, position, zSet, items.z, row);
  const confidences = sumRecords(places, count, bands, rows.confidence, position, t, sumRow, v, uz);
  for (let a: u32 = 0; a < k; a++) addScaled(right, zSet + a * row, load<f64>(v + (a << 3)), width);
  // Two ways to compute Z'T Z; the cheaper one is used. u: nonzero elements in the upper triangle of T; f: number of factors.
  // 1. Z'(T Z): 2 u f + k f^2 / 2 multiply-adds (half of the symmetric result). T is read by columns; a read costs 12 multiply-adds.
  // 2. W + W' with W = Z'(U Z) and T = U + U': u f + k f^2 multiply-adds.
  const f = <f64>width;
  if (<f64>countUpper(t, sumRow, size) * f + 12 * (<f64>k * k) < 0.5 * (<f64>k * f * f)) {
    symmetricProduct(uz, row, t, sumRow, zSet, row, size, width, pairs);
    addSymmetricProduct(system, row, zSet, 8, row, uz, row, width, size);
    return confidences;
  }
  for (let a: u32 = 0; a < k; a++) {
    const at = t + a * sumRow + (a << 3);
    store<f64>(at, 0.5 * load<f64>(at));
  }
  triangularProduct(uz, row, t, sumRow, zSet, row, size, width, pairs);
  memory.fill(w, 0, width * row);
  addProduct(w, row, zSet, 8, row, uz, row, width, size, width);
  addWithTransposed(system, w, system, width);
  return confidences;
}

/**
 * Numbers the columns of a bit set in order, and copies their rows of Z one after the other.
 * @param position u32[columns] out: number of each column in the set
 * @param zSet f64[columns of the set x width] out
 */
function listSet(set: usize, words: u32, position: usize, zSet: usize, z: usize, row: usize): void {
  let a: u32 = 0;
  for (let word: u32 = 0; word < words; word++) {
    for (let bits = load<u32>(set + (word << 2)); bits; bits &= bits - 1) {
      const column = (word << 5) + ctz(bits);
      store<u32>(position + (column << 2), a);
      memory.copy(zSet + a * row, z + column * row, row);
      a++;
    }
  }
}

/**
 * Sums over the records of product i: T[a, b] += m d_i w_a w_b (upper triangle), v[a] += m c_i w_a. Returns sum of m c_i.
 * @param room scratch: 16 bytes for each entry of the longest record
 */
function sumRecords(
  places: usize,
  count: u32,
  bands: usize,
  confidence: usize,
  position: usize,
  t: usize,
  sumRow: usize,
  v: usize,
  room: usize,
): f64 {
  let confidences: f64 = 0;
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++, places += 4, bands++) {
    if (i % ahead === 0) touched |= fetchRecords(places, min(ahead, count - i));
    const record = load<u32>(places);
    const m = <f64>load<f32>(record, 4);
    const entries = record + 8;
    const last = load<u32>(record) << 4;
    const mc = m * load<f64>(confidence + ((<usize>load<u8>(bands)) << 3));
    const md = mc - m;
    confidences += mc;
    // Stores for each entry: its weight w, and the byte offset of its column in a row of T.
    for (let e: u32 = 0; e < last; e += 16) {
      const entry = entries + (e >> 1);
      const a = load<u32>(position + ((load<u32>(entry) >>> 8) << 2)) << 3;
      const weight = <f64>load<f32>(entry, 4);
      store<f64>(room + e, weight);
      store<u32>(room + e, a, 8);
      store<f64>(v + a, load<f64>(v + a) + mc * weight);
    }
    // Updates two rows of T at a time, so that each loaded entry serves both rows.
    let e: u32 = 0;
    for (; e + 16 < last; e += 32) {
      const here = load<u32>(room + e, 8);
      const next = load<u32>(room + e, 24);
      const weight = load<f64>(room + e);
      const weight2 = load<f64>(room + e, 16);
      const line = t + (here >> 3) * sumRow;
      const line2 = t + (next >> 3) * sumRow;
      const mdw = md * weight;
      const mdw2 = md * weight2;
      store<f64>(line + here, load<f64>(line + here) + mdw * weight);
      store<f64>(line + next, load<f64>(line + next) + mdw * weight2);
      store<f64>(line2 + next, load<f64>(line2 + next) + mdw2 * weight2);
      for (let g = e + 32; g < last; g += 16) {
        const at = load<u32>(room + g, 8);
        const value = load<f64>(room + g);
        store<f64>(line + at, load<f64>(line + at) + mdw * value);
        store<f64>(line2 + at, load<f64>(line2 + at) + mdw2 * value);
      }
    }
    if (e < last) {
      const here = load<u32>(room + e, 8);
      const weight = load<f64>(room + e);
      const at = t + (here >> 3) * sumRow + here;
      store<f64>(at, load<f64>(at) + md * weight * weight);
    }
  }
  // Stores an unused result, so that the compiler does not remove the prefetch.
  store<u32>(room, touched);
  return confidences;
}
