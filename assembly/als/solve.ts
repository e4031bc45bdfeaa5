// Linear systems of the customer half-step of implicit ALS, for one basket. Notation as in docs/method.md:
// b basket, c_j confidence of entry j (by recency band), d_j = c_j - 1, D diagonal matrix of d, E identity, y_j item factors,
// A = Y'Y + lambda E, K = Y A^-1 Y' hat matrix of the products, s_j score of entry j.
import { factorize, solveFactorized } from '../linalg/cholesky';
import { addSymmetricProduct } from '../linalg/products';
import { addScaled } from '../linalg/vectors';

/**
 * Smallest pivot of E + D K_bb that differs from 0 by more than rounding errors. In exact arithmetic all pivots are above 0, because
 * a pivot is a ratio of determinants of positive definite matrices.
 */
export const smallestRatio: f64 = 1e-13;
/** Number of factor vectors that are added to a system at a time. */
export const batchRows: u32 = 32;

/** Bytes of a row of the augmented system [E + D K_bb | c] of n entries, f64[n x (n + 1)] with rows padded to an even number. */
export function dualRowBytes(n: u32): usize {
  return ((n + 2) & ~1) << 3;
}

/**
 * Dual solve: w = (E + D K_bb)^-1 c, by elimination without pivoting.
 * No pivot search is needed: for any signs of d, each leading minor is a ratio of determinants of positive definite matrices, so no pivot
 * is 0.
 * @param entries address of the first packed entry; `step` bytes from one entry to the next
 * @param n number of entries
 * @param hat K, f64 with `hatRow` bytes per row
 * @param confidence f64[256]: confidence of each recency band
 * @param system scratch, n rows of dualRowBytes(n); column n has w afterwards
 * @returns the regularised minimum sum_j c_j (1 - s_j), or NaN if the system is singular
 */
export function solveDual(entries: usize, step: usize, n: u32, hat: usize, hatRow: usize, confidence: usize, system: usize): f64 {
  const row = dualRowBytes(n);
  for (let r: u32 = 0; r < n; r++) {
    const entry = load<u32>(entries + r * step);
    const c = load<f64>(confidence + ((entry & 0xff) << 3));
    const d = c - 1;
    const source = hat + (entry >>> 8) * hatRow;
    const line = system + r * row;
    for (let s: u32 = 0; s < n; s++) {
      store<f64>(line + (s << 3), d * load<f64>(source + ((load<u32>(entries + s * step) >>> 8) << 3)));
    }
    const diagonal = line + (r << 3);
    store<f64>(diagonal, 1 + load<f64>(diagonal));
    store<f64>(line + (n << 3), c);
    if (!(n & 1)) store<f64>(line + (n << 3), 0, 8);
  }
  if (!eliminate(system, row, n)) return NaN;
  let loss: f64 = 0;
  for (let r: u32 = 0; r < n; r++) {
    const entry = load<u32>(entries + r * step);
    const c = load<f64>(confidence + ((entry & 0xff) << 3));
    const d = c - 1;
    // 1 - s_j = (w_j - 1) / d_j follows from w_j + d_j s_j = c_j. For |d_j| <= 0.25 the score s_j is computed instead.
    if (Math.abs(d) > 0.25) loss += (c * (load<f64>(system + r * row + (n << 3)) - 1)) / d;
    else loss += c * (1 - dualScore(entries, step, n, hat + (entry >>> 8) * hatRow, system));
  }
  return loss;
}

/** Score s_i = sum over entries j of K[i, j] w_j, with the weights from solveDual. @param hatLine row i of K */
function dualScore(entries: usize, step: usize, n: u32, hatLine: usize, system: usize): f64 {
  const row = dualRowBytes(n);
  let score: f64 = 0;
  for (let s: u32 = 0; s < n; s++) {
    score += load<f64>(hatLine + ((load<u32>(entries + s * step) >>> 8) << 3)) * load<f64>(system + s * row + (n << 3));
  }
  return score;
}

/** Solves the augmented system [M | c] of n rows in place. The solution replaces c. Returns false if M is singular. */
function eliminate(system: usize, row: usize, n: u32): bool {
  for (let p: u32 = 0; p < n; p++) {
    const pivotRow = system + p * row;
    const pivot = load<f64>(pivotRow + (p << 3));
    if (!(pivot > smallestRatio)) return false;
    const inverse = 1 / pivot;
    const first = p & ~1;
    for (let r = p + 1; r < n; r++) {
      const line = system + r * row;
      const factor = load<f64>(line + (p << 3)) * inverse;
      addScaled(line + (first << 3), pivotRow + (first << 3), -factor, ((n + 2) & ~1) - first);
    }
  }
  for (let p = n; p-- > 0; ) {
    const line = system + p * row;
    let value = load<f64>(line + (n << 3));
    for (let s = p + 1; s < n; s++) value -= load<f64>(line + (s << 3)) * load<f64>(system + s * row + (n << 3));
    store<f64>(line + (n << 3), value / load<f64>(line + (p << 3)));
  }
  return true;
}

/** Bytes of scratch of solvePrimal. */
export function primalBytes(width: u32): usize {
  return ((width + 2 * batchRows) * width + width) << 3;
}

/**
 * Primal solve: x = (A + sum_j d_j y_j y_j')^-1 sum_j c_j y_j, by Cholesky.
 * @param entries address of the first packed entry; `step` bytes from one entry to the next
 * @param n number of entries
 * @param a f64[width x width]: A = Y'Y + lambda E, upper triangle
 * @param y f64[products x width]: Y
 * @param confidence f64[256]: confidence of each recency band
 * @param scratch primalBytes(width); its first `width` numbers are x afterwards
 * @returns the regularised minimum sum_j c_j (1 - y_j'x), or NaN if the system is not positive definite
 */
export function solvePrimal(
  entries: usize,
  step: usize,
  n: u32,
  a: usize,
  y: usize,
  width: u32,
  confidence: usize,
  scratch: usize,
): f64 {
  const row = width << 3;
  const x = scratch;
  const system = x + row;
  const batch = system + width * row;
  const scaled = batch + batchRows * row;
  memory.fill(x, 0, row);
  memory.copy(system, a, width * row);
  for (let first: u32 = 0; first < n; first += batchRows) {
    const count = min(batchRows, n - first);
    memory.fill(scaled, 0, count * row);
    for (let r: u32 = 0; r < count; r++) {
      const entry = load<u32>(entries + (first + r) * step);
      const c = load<f64>(confidence + ((entry & 0xff) << 3));
      const source = y + (entry >>> 8) * row;
      memory.copy(batch + r * row, source, row);
      addScaled(scaled + r * row, source, c - 1, width);
      addScaled(x, source, c, width);
    }
    addSymmetricProduct(system, row, scaled, 8, row, batch, row, width, count);
  }
  if (!factorize(system, row, width)) return NaN;
  solveFactorized(system, row, width, x);
  let loss: f64 = 0;
  for (let r: u32 = 0; r < n; r++) {
    const entry = load<u32>(entries + r * step);
    loss += load<f64>(confidence + ((entry & 0xff) << 3)) * (1 - factorScore(x, y + (entry >>> 8) * row, width));
  }
  return loss;
}

/** Score s_j = y_j'x. @param x f64[width]: factors of the basket @param y f64[width]: factors of product j */
export function factorScore(x: usize, y: usize, width: u32): f64 {
  let score: f64 = 0;
  for (let k: u32 = 0; k < width; k++) score += load<f64>(x + (k << 3)) * load<f64>(y + (k << 3));
  return score;
}
