// Weights of the entries of single baskets under an ALS model, bit-equal to packages/core/src/als/als-fold-in.ts.
// The operations and their order are the same as there. Two baskets are computed at once, one in each lane of f64x2 (a "pair").

/** Address of an element of a square matrix f64x2[size x size]. */
function placeOf(matrix: usize, size: u32, i: u32, j: u32): usize {
  return matrix + ((i * size + j) << 4);
}

/** Divides column k of both matrices by the root of its pivot, and copies it to `column`. Returns false if a pivot is too small. */
function divideColumn(matrix: usize, size: u32, k: u32, diagonal: usize, column: usize): bool {
  const at = placeOf(matrix, size, k, k);
  const rest = v128.load(at);
  if (!i64x2.all_true(f64x2.gt(rest, f64x2.mul(f64x2.splat(1e-13), v128.load(diagonal + (k << 4)))))) return false;
  const pivot = f64x2.sqrt(rest);
  v128.store(at, pivot);
  for (let i = k + 1; i < size; i++) {
    const below = placeOf(matrix, size, i, k);
    const value = f64x2.div(v128.load(below), pivot);
    v128.store(below, value);
    v128.store(column + (i << 4), value);
  }
  return true;
}

/** Replaces the pair m at an address by m - a f - b s. */
function lessBoth(at: usize, a: v128, f: v128, b: v128, s: v128): void {
  v128.store(at, f64x2.sub(f64x2.sub(v128.load(at), f64x2.mul(a, f)), f64x2.mul(b, s)));
}

/**
 * Cholesky L L' of two matrices, in place in their lower triangles. Two finished columns at a time are subtracted from two rows.
 * @param matrix f64x2[size x size]
 * @param scratch f64x2[3 x size]
 * @returns whether both matrices are positive definite
 */
function factorizePair(matrix: usize, size: u32, scratch: usize): bool {
  const diagonal = scratch;
  const first = diagonal + (size << 4);
  const second = first + (size << 4);
  for (let i: u32 = 0; i < size; i++) v128.store(diagonal + (i << 4), v128.load(placeOf(matrix, size, i, i)));
  for (let k: u32 = 0; k < size; k += 2) {
    if (!divideColumn(matrix, size, k, diagonal, first)) return false;
    if (k + 1 === size) break;
    const next = v128.load(first + ((k + 1) << 4));
    for (let i = k + 1; i < size; i++) {
      const at = placeOf(matrix, size, i, k + 1);
      v128.store(at, f64x2.sub(v128.load(at), f64x2.mul(v128.load(first + (i << 4)), next)));
    }
    if (!divideColumn(matrix, size, k + 1, diagonal, second)) return false;
    for (let i = k + 2; i < size; i += 2) {
      const a = v128.load(first + (i << 4));
      const b = v128.load(second + (i << 4));
      const isPair = i + 1 < size;
      const a2 = isPair ? v128.load(first + (i << 4), 16) : a;
      const b2 = isPair ? v128.load(second + (i << 4), 16) : b;
      let at = placeOf(matrix, size, i, k + 2);
      let below = isPair ? at + (size << 4) : at;
      for (let j = (k + 2) << 4; j <= i << 4; j += 16, at += 16, below += 16) {
        const f = v128.load(first + j);
        const s = v128.load(second + j);
        lessBoth(at, a, f, b, s);
        if (isPair) lessBoth(below, a2, f, b2, s);
      }
      if (isPair) lessBoth(below, a2, a2, b2, b2);
    }
  }
  return true;
}

/** Solves L L' x = b for two systems. @param lower f64x2[size x size]: L @param x f64x2[size]: b in, x out */
function solvePair(lower: usize, size: u32, x: usize): void {
  for (let i: u32 = 0; i < size; i++) {
    let rest = v128.load(x + (i << 4));
    for (let k: u32 = 0; k < i; k++)
      rest = f64x2.sub(rest, f64x2.mul(v128.load(placeOf(lower, size, i, k)), v128.load(x + (k << 4))));
    v128.store(x + (i << 4), f64x2.div(rest, v128.load(placeOf(lower, size, i, i))));
  }
  for (let i = size; i-- > 0; ) {
    let rest = v128.load(x + (i << 4));
    for (let k = i + 1; k < size; k++)
      rest = f64x2.sub(rest, f64x2.mul(v128.load(placeOf(lower, size, k, i)), v128.load(x + (k << 4))));
    v128.store(x + (i << 4), f64x2.div(rest, v128.load(placeOf(lower, size, i, i))));
  }
}

/** Adds one entry of each basket to its system: matrix += d y y' (lower triangles), x += c y. */
function addEntry(matrix: usize, size: u32, x: usize, y: usize, c: v128, d: v128): void {
  for (let i: u32 = 0; i < size; i++) {
    const value = v128.load(y + (i << 4));
    const scaled = f64x2.mul(d, value);
    const line = placeOf(matrix, size, i, 0);
    for (let j: usize = 0; j <= (<usize>i) << 4; j += 16) {
      v128.store(line + j, f64x2.add(v128.load(line + j), f64x2.mul(scaled, v128.load(y + j))));
    }
    const sum = x + (i << 4);
    v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(c, value)));
  }
}

/**
 * Computes the weights w of the entries of the baskets `from` .. `to`. With confidence c_j (by recency band), d_j = c_j - 1 and item factors y_j:
 *   x = (A + sum over entries j of d_j y_j y_j')^-1 sum over entries j of c_j y_j,   w_j = c_j - d_j y_j'x
 * @param start u32[baskets + 1]: start of each basket's entries
 * @param entry u32[entries]: packed entries
 * @param square f64[factors x factors]: A, of which only the lower triangle is read
 * @param itemFactors f64[columns x factors]
 * @param confidence f64[256]: confidence of each recency band
 * @param weights f64[entries] out
 * @param scratch f64x2[(factors + 5) x factors]
 * @returns 1, or 0 if a system is not positive definite
 */
export function foldInWeights(
  start: usize,
  entry: usize,
  from: u32,
  to: u32,
  square: usize,
  itemFactors: usize,
  factors: u32,
  confidence: usize,
  weights: usize,
  scratch: usize,
): u32 {
  const x = scratch;
  const y = x + (factors << 4);
  const matrix = y + (factors << 4);
  const work = matrix + ((factors * factors) << 4);
  const ones = f64x2.splat(1);
  for (let basket = from; basket < to; basket += 2) {
    const first = load<u32>(start + (basket << 2));
    const n = load<u32>(start + (basket << 2), 4) - first;
    // With an odd number of baskets, the last one is computed alone.
    const isPair = basket + 1 < to;
    const second = isPair ? first + n : first;
    const n2 = isPair ? load<u32>(start + (basket << 2), 8) - second : 0;
    const most = max(n, n2);
    for (let at: u32 = 0; at < factors * factors; at++) v128.store(matrix + (at << 4), v128.load64_splat(square + (at << 3)));
    memory.fill(x, 0, factors << 4);
    for (let e: u32 = 0; e < most; e++) {
      const c = confidencesOf(entry, confidence, first, e < n, second, e < n2, e);
      // If one basket has no entry e, its lane adds 0.
      const isThere = i64x2(e < n ? -1 : 0, e < n2 ? -1 : 0);
      loadLines(entry, itemFactors, factors, first, e < n, second, e < n2, e, y);
      addEntry(matrix, factors, x, y, c, v128.and(f64x2.sub(c, ones), isThere));
    }
    if (!factorizePair(matrix, factors, work)) return 0;
    solvePair(matrix, factors, x);
    for (let e: u32 = 0; e < most; e++) {
      const c = confidencesOf(entry, confidence, first, e < n, second, e < n2, e);
      loadLines(entry, itemFactors, factors, first, e < n, second, e < n2, e, y);
      let score = f64x2.splat(0);
      for (let k: usize = 0; k < (<usize>factors) << 4; k += 16) {
        score = f64x2.add(score, f64x2.mul(v128.load(y + k), v128.load(x + k)));
      }
      const weight = f64x2.sub(c, f64x2.mul(f64x2.sub(c, ones), score));
      if (e < n) store<f64>(weights + ((first + e) << 3), f64x2.extract_lane(weight, 0));
      if (e < n2) store<f64>(weights + ((second + e) << 3), f64x2.extract_lane(weight, 1));
    }
  }
  return 1;
}

/** Confidences of entry e of two baskets; 0 for an absent entry. */
function confidencesOf(entry: usize, confidence: usize, first: u32, isIn: bool, second: u32, isIn2: bool, e: u32): v128 {
  const c = isIn ? load<f64>(confidence + ((load<u32>(entry + ((first + e) << 2)) & 255) << 3)) : 0;
  const c2 = isIn2 ? load<f64>(confidence + ((load<u32>(entry + ((second + e) << 2)) & 255) << 3)) : 0;
  return f64x2(c, c2);
}

/** Factors of entry e of two baskets, one in each lane. An absent entry has the factors of the first column. */
function loadLines(
  entry: usize,
  itemFactors: usize,
  factors: u32,
  first: u32,
  isIn: bool,
  second: u32,
  isIn2: bool,
  e: u32,
  to: usize,
): void {
  const column = isIn ? load<u32>(entry + ((first + e) << 2)) >>> 8 : 0;
  const column2 = isIn2 ? load<u32>(entry + ((second + e) << 2)) >>> 8 : 0;
  const line = itemFactors + ((column * factors) << 3);
  const line2 = itemFactors + ((column2 * factors) << 3);
  for (let k: u32 = 0; k < factors; k++) {
    v128.store(to + (k << 4), v128.load64_lane(line2 + (k << 3), v128.load64_zero(line + (k << 3)), 1));
  }
}
