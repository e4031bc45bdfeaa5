// Item half-step of implicit ALS, product by product: y_i = (X'C_i X + lambda E)^-1 X'c_i, where
//   X'C_i X = X'X + sum over rows g that hold i of m d x x'
// and x = Z_b'w for short rows. The sum over short rows is computed in the cheapest of three ways for the product (planAlsItem):
//   by sets:     Z'T_i Z with T_i = sum m d w w', a square over the columns that occur together with i
//   held by all: for a product in all short rows, such as the constant, T_i is d G, which is already known
//   by factors:  x is computed for each row, and x x' summed, 32 rows at a time

import { factorize, solveFactorized } from '../linalg/cholesky';
import { addScaled, dot } from '../linalg/vectors';
import { real, word } from '../numbers/memory';
import { regularize } from './factors';
import { addByFactors, addLongRows } from './item-factors';
import { addBySets } from './item-sets';
import { AlsMatrices, AlsRows } from './layouts';
import { heldByAll } from './rows';

/**
 * Adds the sums of a product over its short rows, in the planned way, and over its long rows. Returns sum of m c.
 * @param room for the largest of a product's sums
 */
function addRows(given: AlsRows, items: AlsMatrices, i: u32, right: usize, system: usize, room: usize): f64 {
  const width = items.width;
  const first = word(given.columnStart, i);
  const count = word(given.columnStart, i + 1) - first;
  const longFirst = word(given.longStart, i);
  const longCount = word(given.longStart, i + 1) - longFirst;
  const k = word(given.neighbours, i);
  const places: usize = given.place + (first << 2);
  const bands: usize = given.band + first;
  let confidences: f64 = 0;
  if (k === heldByAll) {
    confidences += addFromAll(real(given.confidence, load<u8>(bands)), given.short, width, right, system);
  } else if (count && k) {
    const set: usize = given.set + ((i * given.words) << 2);
    confidences += addBySets(places, count, bands, set, k, given, items, right, system, room);
  } else if (count) {
    confidences += addByFactors(places, count, bands, given.confidence, items.z, width, right, system, room);
  }
  const longs: usize = given.longPlace + (longFirst << 3);
  return confidences + addLongRows(longs, longCount, given.longWeight, given.x, given.confidence, width, right, system, room);
}

/**
 * Solves the products from .. to.
 * @param rows an AlsRows, and `matrices` an AlsMatrices
 * @param scratch a right side, a system, and space for the largest of a product's sums
 * @returns sum over the products of sum_g m c - y'X'c, their part of the objective; NaN if a system is not positive definite
 */
export function alsItems(rows: usize, matrices: usize, lambda: f64, from: u32, to: u32, scratch: usize): f64 {
  const given = changetype<AlsRows>(rows);
  const items = changetype<AlsMatrices>(matrices);
  const width = items.width;
  const row = width << 3;
  const right = scratch;
  const system = right + row;
  const room = system + width * row;
  let objective: f64 = 0;
  for (let i = from; i < to; i++) {
    const factor: usize = items.y + i * row;
    memory.fill(right, 0, row);
    memory.copy(system, given.square, width * row);
    const confidences = addRows(given, items, i, right, system, room);
    regularize(system, row, items.factors, width, lambda);
    memory.copy(factor, right, row);
    if (isUnheld(given.columnStart, i) && isUnheld(given.longStart, i)) continue;
    if (!factorize(system, row, width)) return NaN;
    solveFactorized(system, row, width, factor);
    objective += confidences - dot(factor, right, width);
  }
  return objective;
}

/** Whether no row has product i. */
function isUnheld(starts: usize, i: u32): bool {
  return word(starts, i) === word(starts, i + 1);
}

/** Adds all short rows: system += d sum m x x', right += c sum m x. Returns c sum m. */
function addFromAll(c: f64, short: usize, width: u32, right: usize, system: usize): f64 {
  const moment = short + ((width * width) << 3);
  addScaled(system, short, c - 1, width * width);
  addScaled(right, moment, c, width);
  return c * load<f64>(moment + (width << 3));
}
