// Item half-step of implicit ALS, product by product:
//   y_i = (X'C_i X + lambda E)^-1 X'c_i,   X'C_i X = X'X + sum over the rows that hold i of m d x x'
// x: customer factors of a row; m: its multiplicity; c: confidence of product i in the row; d = c - 1; E: identity.
// For a short row x = Z_b'w, with w the weights of its entries and Z_b their rows of Z = Y A^-1. G = sum of m w w' over short rows.
// planAlsItem chooses the cheapest of three ways to compute the sum over short rows:
//   by sets:     Z'T_i Z with T_i = sum of m d w w', over the columns that occur together with i
//   held by all: if all short rows hold i (such as the constant), T_i = d G, where G is already known
//   by factors:  computes x of each row, and sums m d x x', 32 rows at a time

import { factorize, solveFactorized } from '../linalg/cholesky';
import { addScaled, dot } from '../linalg/vectors';
import { real, word } from '../numbers/memory';
import { regularize } from './factors';
import { addByFactors, addLongRows } from './item-factors';
import { addBySets } from './item-sets';
import { AlsMatrices, AlsRows } from './layouts';
import { heldByAll } from './rows';

/**
 * Adds the sums of product i over its short rows, in the planned way, and over its long rows. Returns sum of m c.
 * @param right f64[width], and `system` f64[width x width] (upper triangle), in and out: the sums are added
 * @param room scratch for the largest of a product's sums
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
 * Computes the factors y_i of the products `from` .. `to`, and writes them to Y.
 * @param rows record AlsRows
 * @param matrices record AlsMatrices
 * @param scratch f64[width] right side, f64[width x width] system, then space for the largest of a product's sums
 * @returns part of the objective: sum over these products of (sum over rows of m c) - y'X'c; NaN if a system is not positive definite
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

/** Adds all short rows, which hold the product with one confidence c: system += d sum of m x x', right += c sum of m x. Returns c sum of m. */
function addFromAll(c: f64, short: usize, width: u32, right: usize, system: usize): f64 {
  const moment = short + ((width * width) << 3);
  addScaled(system, short, c - 1, width * width);
  addScaled(right, moment, c, width);
  return c * load<f64>(moment + (width << 3));
}
