// Customer half-step of implicit ALS over fixed blocks of training rows, and weights of the entries of any rows for scoring.
// Notation as in solve.ts. m: multiplicity of a training row. Short rows are solved in dual form (w), long rows in primal form (x).

import { addSymmetricProduct } from '../linalg/products';
import { word } from '../numbers/memory';
import { gramBytes } from './factors';
import { AlsMatrices, AlsRows } from './layouts';
import { nextRecord } from './rows';
import { batchRows, dualRowBytes, factorScore, primalBytes, solveDual, solvePrimal } from './solve';
import { pairRowBytes, solveDualPair } from './solve-pair';

/**
 * Solves the short rows whose records are at `from` .. `to`. For each row b with multiplicity m:
 *   w = (E + D_b K_bb)^-1 c_b, written into the record;   G += m w w' (upper triangle)
 * @param hat K f64[products x products]
 * @param confidence f64[256]: confidence c of each recency band
 * @param gram out: sums of this block, G and the moments (see gramBytes)
 * @param scratch for the system of the longest short row
 * @returns sum over the block of m x loss; NaN if a system is singular
 */
export function alsShortRows(
  from: usize,
  to: usize,
  hat: usize,
  products: u32,
  confidence: usize,
  gram: usize,
  scratch: usize,
): f64 {
  const hatRow = products << 3;
  memory.fill(gram, 0, gramBytes(products));
  let loss: f64 = 0;
  for (let record = from; record < to; ) {
    const n = load<u32>(record);
    const m = <f64>load<f32>(record, 4);
    const second = nextRecord(record);
    if (second < to && load<u32>(second) === n) {
      const losses = solveDualPair(record + 8, second + 8, n, hat, hatRow, confidence, scratch);
      loss += m * f64x2.extract_lane(losses, 0) + <f64>load<f32>(second, 4) * f64x2.extract_lane(losses, 1);
      keepWeights(record, scratch + (n << 4), pairRowBytes(n), gram, products);
      keepWeights(second, scratch + (n << 4) + 8, pairRowBytes(n), gram, products);
      record = nextRecord(second);
    } else {
      loss += m * solveDual(record + 8, 8, n, hat, hatRow, confidence, scratch);
      keepWeights(record, scratch + (n << 3), dualRowBytes(n), gram, products);
      record = second;
    }
  }
  return loss;
}

/**
 * Writes the weights w of a row into its record. Adds m w w' to the upper triangle of G, and m w and m to the sums stored after G.
 * @param weights address of the first weight, f64; `step` bytes to the next one
 */
function keepWeights(record: usize, weights: usize, step: usize, gram: usize, products: u32): void {
  const gramRow = products << 3;
  const moment = gram + products * gramRow;
  const m = <f64>load<f32>(record, 4);
  const last = nextRecord(record);
  store<f64>(moment + gramRow, load<f64>(moment + gramRow) + m);
  for (let entry = record + 8; entry < last; entry += 8, weights += step) store<f32>(entry, <f32>load<f64>(weights), 4);
  let entry = record + 8;
  // Updates two rows of G at a time, so that each loaded entry serves both rows.
  for (; entry + 8 < last; entry += 16) {
    const here = (load<u32>(entry) >>> 8) << 3;
    const next = (load<u32>(entry, 8) >>> 8) << 3;
    const weight = <f64>load<f32>(entry, 4);
    const weight2 = <f64>load<f32>(entry, 12);
    const mw = m * weight;
    const mw2 = m * weight2;
    const line = gram + here * products;
    const line2 = gram + next * products;
    store<f64>(moment + here, load<f64>(moment + here) + mw);
    store<f64>(moment + next, load<f64>(moment + next) + mw2);
    store<f64>(line + here, load<f64>(line + here) + mw * weight);
    store<f64>(line + next, load<f64>(line + next) + mw * weight2);
    store<f64>(line2 + next, load<f64>(line2 + next) + mw2 * weight2);
    for (let further = entry + 16; further < last; further += 8) {
      const at = (load<u32>(further) >>> 8) << 3;
      const value = <f64>load<f32>(further, 4);
      store<f64>(line + at, load<f64>(line + at) + mw * value);
      store<f64>(line2 + at, load<f64>(line2 + at) + mw2 * value);
    }
  }
  if (entry < last) {
    const here = (load<u32>(entry) >>> 8) << 3;
    const weight = <f64>load<f32>(entry, 4);
    const mw = m * weight;
    const at = gram + here * products + here;
    store<f64>(moment + here, load<f64>(moment + here) + mw);
    store<f64>(at, load<f64>(at) + mw * weight);
  }
}

/**
 * Solves the long rows `from` .. `to`. Writes each row's factors x to X f64[long rows x width]; square += m x x' (upper triangle).
 * @param rows record AlsRows
 * @param matrices record AlsMatrices
 * @param square f64[width x width] out: sum of m x x' over this block
 * @param scratch primalBytes(width), then f64[2 x batchRows x width]
 * @returns sum over the block of m x loss; NaN if a system is not positive definite
 */
export function alsLongRows(rows: usize, matrices: usize, from: u32, to: u32, square: usize, scratch: usize): f64 {
  const given = changetype<AlsRows>(rows);
  const items = changetype<AlsMatrices>(matrices);
  const start: usize = given.start;
  const entry: usize = given.entry;
  const width = items.width;
  const row = width << 3;
  const batch = scratch + primalBytes(width);
  const scaled = batch + batchRows * row;
  memory.fill(square, 0, width * row);
  let loss: f64 = 0;
  let filled: u32 = 0;
  for (let i = from; i < to; i++) {
    const tableRow = word(given.longRow, i);
    const place = start + (tableRow << 2);
    const first = load<u32>(place);
    const n = load<u32>(place, 4) - first;
    const m = <f64>load<f32>(given.longWeight + (i << 2));
    const factor = given.x + i * row;
    loss += m * solvePrimal(entry + (first << 2), 4, n, items.a, items.y, width, given.confidence, scratch);
    memory.copy(factor, scratch, row);
    for (let k: u32 = 0; k < width; k++) {
      const value = load<f64>(factor + (k << 3));
      store<f64>(batch + filled * row + (k << 3), value);
      store<f64>(scaled + filled * row + (k << 3), m * value);
    }
    if (++filled === batchRows || i + 1 === to) {
      addSymmetricProduct(square, row, scaled, 8, row, batch, row, width, filled);
      filled = 0;
    }
  }
  return loss;
}

/**
 * Computes the weights w of the entries in the rows `from` .. `to` of a table. Scores follow as s = sum over entries j of w_j K[column_j, :].
 * Rows of at most `longest` entries: dual solve. Longer rows: primal solve for x, then w_j = c_j - d_j s_j with s_j = y_j'x.
 * @param start u32[rows + 1], and `entry` u32[entries]: the table
 * @param matrices record AlsMatrices; K is not used if `longest` is 0
 * @param confidence f64[256]: confidence c of each recency band
 * @param weights f32[entries] out
 * @returns 1, or 0 if a system cannot be solved
 */
export function alsWeights(
  start: usize,
  entry: usize,
  from: u32,
  to: u32,
  longest: u32,
  matrices: usize,
  confidence: usize,
  weights: usize,
  scratch: usize,
): u32 {
  const items = changetype<AlsMatrices>(matrices);
  const hat: usize = items.hat;
  const hatRow = items.products << 3;
  const y: usize = items.y;
  const width = items.width;
  const row = width << 3;
  for (let i = from; i < to; i++) {
    const first = load<u32>(start + (i << 2));
    const n = load<u32>(start + (i << 2), 4) - first;
    const entries = entry + (first << 2);
    const target = weights + (first << 2);
    if (n <= longest) {
      const loss = solveDual(entries, 4, n, hat, hatRow, confidence, scratch);
      if (!(loss < Infinity)) return 0;
      const line = dualRowBytes(n);
      for (let r: u32 = 0; r < n; r++) store<f32>(target + (r << 2), <f32>load<f64>(scratch + r * line + (n << 3)));
      continue;
    }
    const loss = solvePrimal(entries, 4, n, items.a, y, width, confidence, scratch);
    if (!(loss < Infinity)) return 0;
    for (let r: u32 = 0; r < n; r++) {
      const packed = load<u32>(entries + (r << 2));
      const c = load<f64>(confidence + ((packed & 0xff) << 3));
      store<f32>(target + (r << 2), <f32>(c - (c - 1) * factorScore(scratch, y + (packed >>> 8) * row, width)));
    }
  }
  return 1;
}
