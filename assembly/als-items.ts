// Item half-step of implicit ALS, product by product: y_i = (X'C_i X + lambda E)^-1 X'c_i, where
//   X'C_i X = X'X + sum over rows g that hold i of m d x x'
// and x = Z_b'w for short rows. The sum over short rows is taken in whichever way is cheapest for the product (planAlsItem):
//   by sets:    Z'T_i Z with T_i = sum m d w w', a square over the columns that occur beside i;
//   held by all: the constant's T_i is d G, which is summed already;
//   by factors: x is computed for each row, and x x' summed, 32 rows at a time.
import { cgBytes, demoteSymmetric, endList, setLine, solveCg } from './als-cg';
import { addWithTransposed, regularize } from './als-factors';
import { ahead, fetchRecords, heldByAll } from './als-rows';
import { batchRows } from './als-solve';
import {
  addProduct,
  addScaled,
  addSymmetricProduct,
  countUpper,
  dot,
  factorize,
  solveFactorized,
  symmetricProduct,
  triangularBytes,
  triangularProduct,
} from './linalg';

/**
 * @param from, to products to solve
 * @param columnStart, place, band, set, words, neighbours the plan: indexAlsRows and planAlsItem
 * @param longStart, longPlace indexAlsLongRows; x f64[long rows x width], longWeight f32[long rows]
 * @param steps of conjugate gradients from what y holds, for products that only long rows hold, or at least `factors` of them; 0: all by Cholesky
 * @param singleX f32[long rows x width]: X, for conjugate gradients
 * @param square, short of alsCustomerSquare
 * @param z f64[products x width], y f64[products x width] out
 * @param scratch a right side and a system; for conjugate gradients two of f32[width x width] and cgBytes(width); then room for the largest
 * of a product's sums, and for the list of the product that most long rows hold
 * @returns sum over the products of sum_g m c - y'X'c, or of what it is for any y: their share of the objective; NaN where a system is not
 * positive definite
 */
export function alsItems(
  from: u32,
  to: u32,
  columnStart: usize,
  place: usize,
  band: usize,
  set: usize,
  words: u32,
  neighbours: usize,
  longStart: usize,
  longPlace: usize,
  longWeight: usize,
  x: usize,
  steps: u32,
  singleX: usize,
  confidence: usize,
  square: usize,
  short: usize,
  z: usize,
  factors: u32,
  width: u32,
  lambda: f64,
  y: usize,
  scratch: usize,
): f64 {
  const row = width << 3;
  const right = scratch;
  const system = right + row;
  // What all products share and what one has beside it, in single precision.
  const shared = system + width * row;
  const own = shared + ((width * row) >> 1);
  const room = steps ? shared + width * row + cgBytes(width) : shared;
  if (steps) {
    memory.copy(system, square, width * row);
    regularize(system, row, factors, width, lambda);
    demoteSymmetric(shared, system, width);
  }
  let objective: f64 = 0;
  for (let i = from; i < to; i++) {
    const factor = y + i * row;
    const first = load<u32>(columnStart + (i << 2));
    const count = load<u32>(columnStart + (i << 2), 4) - first;
    const longFirst = load<u32>(longStart + (i << 2));
    const longCount = load<u32>(longStart + (i << 2), 4) - longFirst;
    memory.fill(right, 0, row);
    memory.copy(system, square, width * row);
    const k = load<u32>(neighbours + (i << 2));
    const places = place + (first << 2);
    let confidences: f64 = 0;
    if (k === heldByAll) {
      confidences += addFromAll(load<f64>(confidence + ((<usize>load<u8>(band + first)) << 3)), short, width, right, system);
    } else if (count && k) {
      confidences += addBySets(
        places,
        count,
        band + first,
        set + ((i * words) << 2),
        words,
        k,
        confidence,
        z,
        width,
        right,
        system,
        room,
      );
    } else if (count) {
      confidences += addByFactors(places, count, band + first, confidence, z, width, right, system, room);
    }
    const longs = longPlace + (longFirst << 3);
    if (steps && longCount && (!count || longCount >= factors)) {
      if (count) {
        regularize(system, row, factors, width, lambda);
        demoteSymmetric(own, system, width);
      }
      const base = count ? own : shared;
      confidences += listLongRows(longs, longCount, longWeight, singleX, confidence, width, room);
      const n4 = (longCount + 3) & ~3;
      objective += solveCg(room, n4, base, 0, right, width, steps, factor, confidences, shared + width * row);
      continue;
    }
    confidences += addLongRows(longs, longCount, longWeight, x, confidence, width, right, system, room);
    regularize(system, row, factors, width, lambda);
    memory.copy(factor, right, row);
    if (!count && !longCount) continue;
    if (!factorize(system, row, width)) return NaN;
    solveFactorized(system, row, width, factor);
    objective += confidences - dot(factor, right, width);
  }
  return objective;
}

/** system += d sum m x x', right += c sum m x over all short rows. Returns c sum m. */
function addFromAll(c: f64, short: usize, width: u32, right: usize, system: usize): f64 {
  const moment = short + ((width * width) << 3);
  addScaled(system, short, c - 1, width * width);
  addScaled(right, moment, c, width);
  return c * load<f64>(moment + (width << 3));
}

/** T_i and v_i over the compact set of columns beside i, then system += Z'T_i Z, right += Z'v_i. Returns sum of m c. */
function addBySets(
  places: usize,
  count: u32,
  bands: usize,
  set: usize,
  words: u32,
  k: u32,
  confidence: usize,
  z: usize,
  width: u32,
  right: usize,
  system: usize,
  room: usize,
): f64 {
  const row = width << 3;
  const size = (k + 7) & ~7;
  const sumRow = size << 3;
  // Room: U Z and Z of the set [size x width each], scratch of their product, W [width x width], v [size], T [size x size], and the
  // u32 position of each column.
  const uz = room;
  const zSet = uz + size * row;
  const pairs = zSet + size * row;
  const w = pairs + ((triangularBytes(size) + 15) & ~15);
  const v = w + width * row;
  const t = v + sumRow;
  const position = t + size * sumRow;
  memory.fill(v, 0, position - v);
  memory.fill(zSet + k * row, 0, (size - k) * row);
  listSet(set, words, position, zSet, z, row);
  const confidences = sumRecords(places, count, bands, confidence, position, t, sumRow, v, uz);
  for (let a: u32 = 0; a < k; a++) addScaled(right, zSet + a * row, load<f64>(v + (a << 3)), width);
  // With u elements in the upper triangle, Z'(T Z) takes 2 u f + k f^2 / 2 multiply-adds (of the symmetric result one half is summed) and
  // reads T across its lines, each as long as a dozen of them; W + W' with W = Z'(U Z) and T = U + U' takes u f + k f^2.
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

/** Numbers the columns of a set in order: u32 position by column, and their rows of Z side by side. */
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
 * T[a, b] += m d_i w_a w_b (upper triangle), v[a] += m c_i w_a over the records. Returns sum of m c_i.
 * @param room of 16 bytes for each entry of the longest record
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
    // Of each entry: w, and the place of its column in a line of T.
    for (let e: u32 = 0; e < last; e += 16) {
      const entry = entries + (e >> 1);
      const a = load<u32>(position + ((load<u32>(entry) >>> 8) << 2)) << 3;
      const weight = <f64>load<f32>(entry, 4);
      store<f64>(room + e, weight);
      store<u32>(room + e, a, 8);
      store<f64>(v + a, load<f64>(v + a) + mc * weight);
    }
    // Two lines of T at a time: what is read of an entry serves both.
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
        const other = load<f64>(room + g);
        store<f64>(line + at, load<f64>(line + at) + mdw * other);
        store<f64>(line2 + at, load<f64>(line2 + at) + mdw2 * other);
      }
    }
    if (e < last) {
      const here = load<u32>(room + e, 8);
      const weight = load<f64>(room + e);
      const at = t + (here >> 3) * sumRow + here;
      store<f64>(at, load<f64>(at) + md * weight * weight);
    }
  }
  // Of no use, but that the touching is not optimised away.
  store<u32>(room, touched);
  return confidences;
}

/** system += sum m d x x', right += sum m c x with x = Z_b'w of each record. Returns sum of m c. */
function addByFactors(
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

/** Lists the long rows that hold a product, with m d and m c. Returns sum of m c. */
function listLongRows(
  places: usize,
  count: u32,
  longWeight: usize,
  singleX: usize,
  confidence: usize,
  width: u32,
  list: usize,
): f64 {
  const n4 = (count + 3) & ~3;
  let confidences: f64 = 0;
  for (let j: u32 = 0; j < count; j++, places += 8) {
    const long = load<u32>(places);
    const m = <f64>load<f32>(longWeight + (long << 2));
    const mc = m * load<f64>(confidence + (load<u32>(places, 4) << 3));
    setLine(list, n4, j, singleX + long * (width << 2), mc - m, mc);
    confidences += mc;
  }
  endList(list, n4, count, singleX);
  return confidences;
}

/** The same as addByFactors over long rows, whose x is stored. */
function addLongRows(
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
