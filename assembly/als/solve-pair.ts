// Solves the dual systems of two baskets with equal numbers of entries at once, one in each lane of f64x2. See solveDual in solve.ts.

import { smallestRatio } from './solve';

/** Bytes of a row of the augmented system of solveDualPair, f64x2[n x (n + 1)]. */
export function pairRowBytes(n: u32): usize {
  return (n + 1) << 4;
}

/**
 * Solves two records of n entries each, like solveDual: w = (E + D K_bb)^-1 c, by elimination without pivoting.
 * @param first, second addresses of the first packed entry of each record; 8 bytes from one entry to the next
 * @param hat K, f64 with `hatRow` bytes per row
 * @param confidence f64[256]: confidence of each recency band
 * @param system scratch, n rows of pairRowBytes(n); column n has the weights w afterwards
 * @returns f64x2: regularised minimum of each system; NaN in both lanes if a system is singular
 */
export function solveDualPair(
  first: usize,
  second: usize,
  n: u32,
  hat: usize,
  hatRow: usize,
  confidence: usize,
  system: usize,
): v128 {
  const row = pairRowBytes(n);
  for (let r: u32 = 0; r < n; r++) {
    const a = load<u32>(first + (r << 3));
    const b = load<u32>(second + (r << 3));
    const c = confidences(a, b, confidence);
    const d = f64x2.sub(c, f64x2.splat(1));
    const lineA = hat + (a >>> 8) * hatRow;
    const lineB = hat + (b >>> 8) * hatRow;
    const line = system + r * row;
    for (let s: u32 = 0; s < n; s++) {
      const k = v128.load64_lane(
        lineB + ((load<u32>(second + (s << 3)) >>> 8) << 3),
        v128.load64_zero(lineA + ((load<u32>(first + (s << 3)) >>> 8) << 3)),
        1,
      );
      v128.store(line + (s << 4), f64x2.mul(d, k));
    }
    v128.store(line + (r << 4), f64x2.add(f64x2.splat(1), v128.load(line + (r << 4))));
    v128.store(line + (n << 4), c);
  }
  if (!eliminatePair(system, row, n)) return f64x2.splat(NaN);
  let loss = f64x2.splat(0);
  for (let r: u32 = 0; r < n; r++) {
    const a = load<u32>(first + (r << 3));
    const b = load<u32>(second + (r << 3));
    const c = confidences(a, b, confidence);
    const d = f64x2.sub(c, f64x2.splat(1));
    // 1 - s_j = (w_j - 1) / d_j follows from w_j + d_j s_j = c_j. For |d_j| <= 0.25 the score s_j is computed instead.
    const far = f64x2.gt(f64x2.abs(d), f64x2.splat(0.25));
    let miss = f64x2.div(f64x2.sub(v128.load(system + r * row + (n << 4)), f64x2.splat(1)), d);
    if (!i64x2.all_true(far)) {
      const scoreA = pairScore(first, n, hat + (a >>> 8) * hatRow, system);
      const scoreB = pairScore(second, n, hat + (b >>> 8) * hatRow, system + 8);
      const near = f64x2.replace_lane(f64x2.splat(1 - scoreA), 1, 1 - scoreB);
      miss = v128.bitselect(miss, near, far);
    }
    loss = f64x2.add(loss, f64x2.mul(c, miss));
  }
  return loss;
}

/** Confidences of two packed entries, f64x2. */
function confidences(a: u32, b: u32, confidence: usize): v128 {
  return v128.load64_lane(confidence + ((b & 0xff) << 3), v128.load64_zero(confidence + ((a & 0xff) << 3)), 1);
}

/** Solves both augmented systems [M | c] in place. The solutions replace c. Returns false if a system is singular. */
function eliminatePair(system: usize, row: usize, n: u32): bool {
  const end = n << 4;
  for (let p: u32 = 0; p < n; p++) {
    const pivotRow = system + p * row;
    const diagonal = p << 4;
    const pivot = v128.load(pivotRow + diagonal);
    if (!i64x2.all_true(f64x2.gt(pivot, f64x2.splat(smallestRatio)))) return false;
    const inverse = f64x2.div(f64x2.splat(1), pivot);
    // The inverse replaces the pivot; the back substitution multiplies by it.
    v128.store(pivotRow + diagonal, inverse);
    for (let r = p + 1; r < n; r++) {
      const line = system + r * row;
      const factor = f64x2.mul(v128.load(line + diagonal), inverse);
      for (let s = diagonal + 16; s <= end; s += 16) {
        v128.store(line + s, f64x2.sub(v128.load(line + s), f64x2.mul(factor, v128.load(pivotRow + s))));
      }
    }
  }
  for (let p = n; p-- > 0; ) {
    const line = system + p * row;
    let value = v128.load(line + end);
    for (let s = p + 1; s < n; s++) {
      value = f64x2.sub(value, f64x2.mul(v128.load(line + (s << 4)), v128.load(system + s * row + end)));
    }
    v128.store(line + end, f64x2.mul(value, v128.load(line + (p << 4))));
  }
  return true;
}

/** Score s_i = sum over entries j of K[i, j] w_j, for the basket in one lane. @param hatLine row i of K @param lane address of the lane */
function pairScore(entries: usize, n: u32, hatLine: usize, lane: usize): f64 {
  const row = pairRowBytes(n);
  let score: f64 = 0;
  for (let s: u32 = 0; s < n; s++) {
    score += load<f64>(hatLine + ((load<u32>(entries + (s << 3)) >>> 8) << 3)) * load<f64>(lane + s * row + (n << 4));
  }
  return score;
}
