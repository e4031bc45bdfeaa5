// Item half-step of implicit ALS, product by product: y_i = (X'C_i X + lambda E)^-1 X'c_i, where
//   X'C_i X = X'X + sum over rows g that hold i of m d x x'
// and x = Z_b'w for short rows. The sum over short rows is computed in the cheapest of three ways for the product (planAlsItem):
//   by sets:     Z'T_i Z with T_i = sum m d w w', a square over the columns that occur together with i
//   held by all: for a product in all short rows, such as the constant, T_i is d G, which is already known
//   by factors:  x is computed for each row, and x x' summed, 32 rows at a time

import { factorize, solveFactorized } from '../linalg/cholesky';
import { addScaled, dot } from '../linalg/vectors';
import { regularize } from './factors';
import { addByFactors, addLongRows } from './item-factors';
import { addBySets } from './item-sets';
import { heldByAll } from './rows';

/**
 * Solves the products from .. to.
 * @param columnStart, place, band, set, words, neighbours the plan: indexAlsRows and planAlsItem
 * @param longStart, longPlace indexAlsLongRows; x f64[long rows x width], longWeight f32[long rows]
 * @param square, short of alsCustomerSquare
 * @param z f64[products x width], y f64[products x width] out
 * @param scratch a right side, a system, and space for the largest of a product's sums
 * @returns sum over the products of sum_g m c - y'X'c, their part of the objective; NaN if a system is not positive definite
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
  const room = system + width * row;
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

/** Adds all short rows: system += d sum m x x', right += c sum m x. Returns c sum m. */
function addFromAll(c: f64, short: usize, width: u32, right: usize, system: usize): f64 {
  const moment = short + ((width * width) << 3);
  addScaled(system, short, c - 1, width * width);
  addScaled(right, moment, c, width);
  return c * load<f64>(moment + (width << 3));
}
