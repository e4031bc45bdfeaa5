// Products with triangular and symmetric matrices of f64 that are often sparse. Packing leaves out the zeros.
// Parameters `row..` give the length of a row in bytes. "Padded" means a multiple of 8.

/**
 * Bytes of scratch of triangularProduct and symmetricProduct: for each column of a pair of rows, two f64 and a u32 byte offset in B.
 */
export function triangularBytes(size: u32): usize {
  return size * 20;
}

/**
 * C = U B: c[i, j] = sum_{k >= i} u[i, k] b[k, j].
 * Each pair of rows of U is packed: a column is left out if it is zero in both rows.
 * @param c f64[size x columns] out
 * @param u f64[size x size]: upper triangular, often sparse; size even
 * @param b f64[size x columns]; columns padded
 * @param scratch triangularBytes(size)
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

/** C = S B like triangularProduct, for a symmetric matrix S f64[size x size], given by its upper triangle. */
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
    // Columns k < i of rows i and i + 1 of S are elements k of columns i and i + 1, in the upper triangle.
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

/**
 * Packs the columns from i on that are not zero in row i or row i + 1. Returns the new count of packed columns.
 * @param count number of columns packed before
 */
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

/** Number of nonzero elements in the upper triangle of S f64[size x size]; size even. */
export function countUpper(s: usize, row: usize, size: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    for (let k = i & ~1; k < size; k += 2) {
      count += popcnt(i64x2.bitmask(f64x2.ne(v128.load(s + i * row + (k << 3)), f64x2.splat(0))));
    }
  }
  return count;
}

/**
 * Tile c[2 x 8] = sum over packed columns k of u[k, 0..1]' b_k[0..7].
 * @param u f64[count x 2]: packed columns
 * @param places u32[count]: byte offset of row b_k from `right`
 */
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
