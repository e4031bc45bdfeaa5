// Products of dense matrices of f64, row-major. All row lengths are in bytes. Widths that a comment calls padded are multiples of
// 8.

/**
 * Inner dimension of one pass of a product. 32 rows of either matrix stay in the first-level cache, even if rows are a power of
 * two apart and share few of its sets.
 */
const panel: u32 = 32;

/**
 * One register tile: c[2 x 8] += sum over k < count of a[k, 0..1]' b[k, 0..7]. a[k, i] is at a + i rowA + k stepA, so that the
 * left matrix can be transposed.
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
 * C += A B: c[i, j] += sum_k a[i, k] b[k, j], for A [rows x inner] with a[i, k] at a + i rowA + k stepA, and B [inner x columns].
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

/**
 * C += A B like addProduct, for a square symmetric C. Only its upper triangle, and the rest of the tiles on the diagonal, is
 * summed.
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

/** B = A', from A [rows x columns] to B [columns x rows]. */
export function transpose(b: usize, rowB: usize, a: usize, rowA: usize, rows: u32, columns: u32): void {
  for (let i: u32 = 0; i < rows; i++) {
    for (let j: u32 = 0; j < columns; j++) store<f64>(b + j * rowB + (i << 3), load<f64>(a + i * rowA + (j << 3)));
  }
}
