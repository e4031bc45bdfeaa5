// Sums of a product over the rows that hold it, from the customer factors x of each row: sum of m d x x'.
// For short rows x is computed from the weights w; for long rows x is stored.

import { addSymmetricProduct } from '../linalg/products';
import { addScaled } from '../linalg/vectors';
import { batchRows } from './solve';

/**
 * Adds the short rows of a product: system += sum of m d x x', right += sum of m c x, where x = Z_b'w for each record b.
 * @param places u32[count]: addresses of the product's records
 * @param bands u8[count]: recency band of the product in each record
 * @param confidence f64[256]: c of each recency band; d = c - 1
 * @param z f64[products x width]: Z
 * @param right f64[width], and `system` f64[width x width] (upper triangle), in and out: the sums are added
 * @param room f64[2 x batchRows x width] scratch
 * @returns sum of m c
 */
export function addByFactors(
  places: usize,
  count: u32,
  bands: usize,
  confidence: usize,
  z: usize,
  width: u32,
  right: usize,
  system: usize,
  room: usize,
): f64 {
  const row = width << 3;
  const scaled = room + batchRows * row;
  let confidences: f64 = 0;
  for (let first: u32 = 0; first < count; first += batchRows) {
    const rows = min(batchRows, count - first);
    memory.fill(room, 0, 2 * batchRows * row);
    for (let r: u32 = 0; r < rows; r++) {
      const record = load<u32>(places + ((first + r) << 2));
      const n = load<u32>(record);
      const m = <f64>load<f32>(record, 4);
      const mc = m * load<f64>(confidence + ((<usize>load<u8>(bands + first + r)) << 3));
      const factor = room + r * row;
      for (let e: u32 = 0; e < n; e++) {
        const entry = record + 8 + (e << 3);
        addScaled(factor, z + (load<u32>(entry) >>> 8) * row, <f64>load<f32>(entry, 4), width);
      }
      addScaled(scaled + r * row, factor, mc - m, width);
      addScaled(right, factor, mc, width);
      confidences += mc;
    }
    addSymmetricProduct(system, row, scaled, 8, row, room, row, width, rows);
  }
  return confidences;
}

/**
 * Adds the long rows of a product like addByFactors, with the stored x.
 * @param places (u32 long row, u32 recency band)[count]
 * @param longWeight f32[long rows]: weight m of each long row
 * @param x f64[long rows x width]: customer factors
 */
export function addLongRows(
  places: usize,
  count: u32,
  longWeight: usize,
  x: usize,
  confidence: usize,
  width: u32,
  right: usize,
  system: usize,
  room: usize,
): f64 {
  const row = width << 3;
  const scaled = room + batchRows * row;
  let confidences: f64 = 0;
  for (let first: u32 = 0; first < count; first += batchRows) {
    const rows = min(batchRows, count - first);
    for (let r: u32 = 0; r < rows; r++) {
      const at = places + ((first + r) << 3);
      const long = load<u32>(at);
      const m = <f64>load<f32>(longWeight + (long << 2));
      const mc = m * load<f64>(confidence + (load<u32>(at, 4) << 3));
      const source = x + long * row;
      for (let k: u32 = 0; k < width; k++) {
        const value = load<f64>(source + (k << 3));
        store<f64>(room + r * row + (k << 3), value);
        store<f64>(scaled + r * row + (k << 3), (mc - m) * value);
      }
      addScaled(right, room + r * row, mc, width);
      confidences += mc;
    }
    addSymmetricProduct(system, row, scaled, 8, row, room, row, width, rows);
  }
  return confidences;
}
