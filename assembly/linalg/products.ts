// Products of dense matrices of f64, row-major.
// Parameters `row..` give the length of a row in bytes. "Padded" means a multiple of 8.

/**
 * Inner dimension of one pass of a product. The 32 rows of a pass stay in the first-level cache.
 * This holds even if the row length is a power of two, so that the rows compete for few cache sets.
 */
const panel: u32 = 32;

/**
 * One register tile: c[i, j] += sum over k < count of a[i, k] b[k, j], for i < 2 and j < 8.
 * Element a[i, k] is at a + i rowA + k stepA. With rowA = 8, the left matrix is read transposed.
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
 * C += A B: c[i, j] += sum_k a[i, k] b[k, j].
 * @param c f64[rows x columns]; rows even, columns padded
 * @param a f64[rows x inner]: element a[i, k] is at a + i rowA + k stepA (bytes)
 * @param b f64[inner x columns]
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

/**
 * C += A B like addProduct, for a symmetric C f64[size x size]. Only tiles on and above the diagonal are computed.
 */
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

/** B = A', from A f64[rows x columns] to B f64[columns x rows]. */
export function transpose(b: usize, rowB: usize, a: usize, rowA: usize, rows: u32, columns: u32): void {
  for (let i: u32 = 0; i < rows; i++) {
    for (let j: u32 = 0; j < columns; j++) store<f64>(b + j * rowB + (i << 3), load<f64>(a + i * rowA + (j << 3)));
  }
}
