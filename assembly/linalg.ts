// Dense linear algebra on f64, row-major. All row lengths are in bytes; widths that a comment calls padded are multiples of 8.

/**
 * Inner dimension of one pass of a product: 32 rows of either matrix stay in the first cache even where rows lie a power of two apart
 * and share a few of its sets.
 */
const panel: u32 = 32;

/**
 * One register tile: c[2 x 8] += sum over k < count of a[k, 0..1]' b[k, 0..7].
 * a[k, i] lies at a + i rowA + k stepA, so that the left matrix may be transposed.
 */
function addTile(c: usize, rowC: usize, a: usize, rowA: usize, stepA: usize, b: usize, rowB: usize, count: u32): void {
  const d = c + rowC;
  let c0 = v128.load(c);
  let c1 = v128.load(c, 16);
  let c2 = v128.load(c, 32);
  let c3 = v128.load(c, 48);
  let d0 = v128.load(d);
  let d1 = v128.load(d, 16);
  let d2 = v128.load(d, 32);
  let d3 = v128.load(d, 48);
  for (let k: u32 = 0; k < count; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let left = v128.load64_splat(a);
    c0 = f64x2.add(c0, f64x2.mul(left, b0));
    c1 = f64x2.add(c1, f64x2.mul(left, b1));
    c2 = f64x2.add(c2, f64x2.mul(left, b2));
    c3 = f64x2.add(c3, f64x2.mul(left, b3));
    left = v128.load64_splat(a + rowA);
    d0 = f64x2.add(d0, f64x2.mul(left, b0));
    d1 = f64x2.add(d1, f64x2.mul(left, b1));
    d2 = f64x2.add(d2, f64x2.mul(left, b2));
    d3 = f64x2.add(d3, f64x2.mul(left, b3));
    a += stepA;
    b += rowB;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(d, d0);
  v128.store(d, d1, 16);
  v128.store(d, d2, 32);
  v128.store(d, d3, 48);
}

/**
 * C += A B: c[i, j] += sum_k a[i, k] b[k, j], A [rows x inner] with a[i, k] at a + i rowA + k stepA, B [inner x columns].
 * rows even, columns padded.
 */
export function addProduct(
  c: usize,
  rowC: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  rows: u32,
  inner: u32,
  columns: u32,
): void {
  for (let k: u32 = 0; k < inner; k += panel) {
    const count = min(panel, inner - k);
    for (let j: u32 = 0; j < columns; j += 8) {
      const right = b + k * rowB + (j << 3);
      for (let i: u32 = 0; i < rows; i += 2) {
        addTile(c + i * rowC + (j << 3), rowC, a + i * rowA + k * stepA, rowA, stepA, right, rowB, count);
      }
    }
  }
}

/** As addProduct with a square symmetric C, of which only the upper triangle (and the rest of the tiles on the diagonal) is summed. */
export function addSymmetricProduct(
  c: usize,
  rowC: usize,
  a: usize,
  rowA: usize,
  stepA: usize,
  b: usize,
  rowB: usize,
  size: u32,
  inner: u32,
): void {
  for (let k: u32 = 0; k < inner; k += panel) {
    const count = min(panel, inner - k);
    for (let j: u32 = 0; j < size; j += 8) {
      const right = b + k * rowB + (j << 3);
      for (let i: u32 = 0; i < j + 8; i += 2) {
        addTile(c + i * rowC + (j << 3), rowC, a + i * rowA + k * stepA, rowA, stepA, right, rowB, count);
      }
    }
  }
}

/** Bytes of scratch of triangularProduct and symmetricProduct: each column of a pair of rows as two f64, then its number as u32. */
export function triangularBytes(size: u32): usize {
  return size * 20;
}

/**
 * C = U B, U [size x size] upper triangular and often sparse: c[i, j] = sum_{k >= i} u[i, k] b[k, j]. Of every two rows of U the
 * columns in which either is not zero are packed side by side. size even, columns padded.
 */
export function triangularProduct(
  c: usize,
  rowC: usize,
  u: usize,
  rowU: usize,
  b: usize,
  rowB: usize,
  size: u32,
  columns: u32,
  scratch: usize,
): void {
  const places = scratch + (size << 4);
  for (let i: u32 = 0; i < size; i += 2) {
    const count = packPair(u, rowU, i, size, rowB, scratch, places, 0);
    for (let j: u32 = 0; j < columns; j += 8) packedTile(c + i * rowC + (j << 3), rowC, scratch, places, count, b + (j << 3));
  }
}

/** C = S B as triangularProduct, S [size x size] symmetric, of which the upper triangle is given. */
export function symmetricProduct(
  c: usize,
  rowC: usize,
  s: usize,
  rowS: usize,
  b: usize,
  rowB: usize,
  size: u32,
  columns: u32,
  scratch: usize,
): void {
  const places = scratch + (size << 4);
  for (let i: u32 = 0; i < size; i += 2) {
    // What is left of the diagonal stands above it.
    let count: u32 = 0;
    for (let k: u32 = 0, at = s + (i << 3); k < i; k++, at += rowS) {
      const pair = v128.load(at);
      v128.store(scratch + (count << 4), pair);
      store<u32>(places + (count << 2), k * rowB);
      count += u32(v128.any_true(f64x2.ne(pair, f64x2.splat(0))));
    }
    const below = s + (i + 1) * rowS + (i << 3);
    store<f64>(below, load<f64>(below - rowS, 8));
    count = packPair(s, rowS, i, size, rowB, scratch, places, count);
    for (let j: u32 = 0; j < columns; j += 8) packedTile(c + i * rowC + (j << 3), rowC, scratch, places, count, b + (j << 3));
  }
}

/** Packs the columns from i on in which row i or the next is not zero behind `count` others. Returns how many there are then. */
function packPair(u: usize, rowU: usize, i: u32, size: u32, rowB: usize, scratch: usize, places: usize, count: u32): u32 {
  const line = u + i * rowU;
  for (let k = i; k < size; k++) {
    const upper = load<f64>(line + (k << 3));
    const lower = load<f64>(line + rowU + (k << 3));
    store<f64>(scratch + (count << 4), upper);
    store<f64>(scratch + (count << 4), lower, 8);
    store<u32>(places + (count << 2), k * rowB);
    count += u32(upper !== 0) | u32(lower !== 0);
  }
  return count;
}

/** How many elements of the upper triangle of S [size x size] are not zero. size even. */
export function countUpper(s: usize, row: usize, size: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    for (let k = i & ~1; k < size; k += 2) {
      count += popcnt(i64x2.bitmask(f64x2.ne(v128.load(s + i * row + (k << 3)), f64x2.splat(0))));
    }
  }
  return count;
}

/** c[2 x 8] = sum over k < count of u[k, 0..1]' b[0..7], u packed and b at the given places. */
function packedTile(c: usize, rowC: usize, u: usize, places: usize, count: u32, right: usize): void {
  let c0 = f64x2.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  let d0 = c0;
  let d1 = c0;
  let d2 = c0;
  let d3 = c0;
  for (const end = places + (count << 2); places < end; places += 4, u += 16) {
    const b = right + load<u32>(places);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let left = v128.load64_splat(u);
    c0 = f64x2.add(c0, f64x2.mul(left, b0));
    c1 = f64x2.add(c1, f64x2.mul(left, b1));
    c2 = f64x2.add(c2, f64x2.mul(left, b2));
    c3 = f64x2.add(c3, f64x2.mul(left, b3));
    left = v128.load64_splat(u, 8);
    d0 = f64x2.add(d0, f64x2.mul(left, b0));
    d1 = f64x2.add(d1, f64x2.mul(left, b1));
    d2 = f64x2.add(d2, f64x2.mul(left, b2));
    d3 = f64x2.add(d3, f64x2.mul(left, b3));
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(c + rowC, d0);
  v128.store(c + rowC, d1, 16);
  v128.store(c + rowC, d2, 32);
  v128.store(c + rowC, d3, 48);
}

/** y += factor x, count even. */
export function addScaled(y: usize, x: usize, factor: f64, count: u32): void {
  const scale = f64x2.splat(factor);
  for (const end = y + (count << 3); y < end; y += 16, x += 16) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(scale, v128.load(x))));
  }
}

/** y *= factor, count even. */
export function scale(y: usize, factor: f64, count: u32): void {
  const factors = f64x2.splat(factor);
  for (const end = y + (count << 3); y < end; y += 16) v128.store(y, f64x2.mul(factors, v128.load(y)));
}

/** x'y, count even: two interleaved sums. */
export function dot(x: usize, y: usize, count: u32): f64 {
  let sum = f64x2.splat(0);
  for (const end = x + (count << 3); x < end; x += 16, y += 16) {
    sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** B = A', A [rows x columns] to B [columns x rows]. */
export function transpose(b: usize, rowB: usize, a: usize, rowA: usize, rows: u32, columns: u32): void {
  for (let i: u32 = 0; i < rows; i++) {
    for (let j: u32 = 0; j < columns; j++) store<f64>(b + j * rowB + (i << 3), load<f64>(a + i * rowA + (j << 3)));
  }
}

/** A pivot below this share of its diagonal element is taken for zero: the matrix is singular as far as f64 can tell. */
const smallestPivot: f64 = 1e-13;

/**
 * Cholesky: S = U'U, the upper triangle of S [size x size] overwritten by U, by blocks of 8 rows. size padded.
 * @returns whether S is positive definite; if not, its content is arbitrary
 */
export function factorize(s: usize, row: usize, size: u32): bool {
  // N = -S, so that what finished rows take away is added: N_p = -s_p + sum_{k < p} u_kp u_k, and u_p = -N_p / u_pp.
  for (let p: u32 = 0; p < size; p++) scale(s + p * row + ((p & ~1) << 3), -1, size - (p & ~1));
  for (let block: u32 = 0; block < size; block += 8) {
    const corner = block << 3;
    const rest = size - block;
    addProduct(s + block * row + corner, row, s + corner, 8, row, s + corner, row, 8, block, rest);
    for (let p = block; p < block + 8; p++) {
      const line = s + p * row;
      for (let k = block; k < p; k++) {
        const above = s + k * row;
        addScaled(line + corner, above + corner, load<f64>(above + (p << 3)), rest);
      }
      const square = -load<f64>(line + (p << 3));
      if (!(square > smallestPivot * (square + squareAbove(s + (p << 3), row, p)))) return false;
      scale(line + corner, -1 / Math.sqrt(square), rest);
    }
  }
  return true;
}

/** sum_{k < p} u_kp^2: what the pivot's square is short of the diagonal element of S. */
function squareAbove(column: usize, row: usize, p: u32): f64 {
  let sum: f64 = 0;
  for (let k: u32 = 0; k < p; k++, column += row) sum += load<f64>(column) * load<f64>(column);
  return sum;
}

/** Solves U'U x = b in place, U upper triangular [size x size]. size even. */
export function solveFactorized(u: usize, row: usize, size: u32, x: usize): void {
  // U'z = b, by rows of U: each solved z_p leaves the equations below.
  for (let p: u32 = 0; p < size; p++) {
    const line = u + p * row;
    const value = load<f64>(x + (p << 3)) / load<f64>(line + (p << 3));
    for (let j = p + 1; j < size; j++) {
      const at = x + (j << 3);
      store<f64>(at, load<f64>(at) - value * load<f64>(line + (j << 3)));
    }
    store<f64>(x + (p << 3), value);
  }
  // U x = z, from the last row.
  for (let p = size; p-- > 0; ) {
    const line = u + p * row;
    let value = load<f64>(x + (p << 3));
    for (let j = p + 1; j < size; j++) value -= load<f64>(line + (j << 3)) * load<f64>(x + (j << 3));
    store<f64>(x + (p << 3), value / load<f64>(line + (p << 3)));
  }
}

/** Solves U'X = B in place for many right sides, B [size x columns], columns even. */
export function solveLowerRows(u: usize, row: usize, size: u32, b: usize, rowB: usize, columns: u32): void {
  for (let p: u32 = 0; p < size; p++) {
    const line = b + p * rowB;
    for (let k: u32 = 0; k < p; k++) addScaled(line, b + k * rowB, -load<f64>(u + k * row + (p << 3)), columns);
    scale(line, 1 / load<f64>(u + p * row + (p << 3)), columns);
  }
}

/** Solves U X = B in place for many right sides, B [size x columns], columns even. */
export function solveUpperRows(u: usize, row: usize, size: u32, b: usize, rowB: usize, columns: u32): void {
  for (let p = size; p-- > 0; ) {
    const line = b + p * rowB;
    for (let k = p + 1; k < size; k++) addScaled(line, b + k * rowB, -load<f64>(u + p * row + (k << 3)), columns);
    scale(line, 1 / load<f64>(u + p * row + (p << 3)), columns);
  }
}
