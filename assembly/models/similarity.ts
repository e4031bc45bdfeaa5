/**
 * Weighted co-occurrence of products over distinct baskets, for columns i of a range and every column j:
 *   G[i, j] = sum over rows b that hold both of  w[b] v[band of i] v[band of j]
 * Each call owns the rows i of G in its range. The sum over baskets then has the same order for any number of workers.
 * start u32[rows + 1], entry u32[] (column << 8 | band, ascending), weight f64[rows], value f64[256], gram f64[columns x
 * columns], zeroed.
 */
export function coOccurrence(
  start: usize,
  entry: usize,
  weight: usize,
  value: usize,
  rowFrom: u32,
  rowTo: u32,
  columnFrom: u32,
  columnTo: u32,
  columns: u32,
  gram: usize,
): void {
  for (let row = rowFrom; row < rowTo; row++) {
    const w = load<f64>(weight + ((<usize>row) << 3));
    if (w === 0) continue;
    const first = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const end = entry + ((<usize>load<u32>(start + ((<usize>row) << 2) + 4)) << 2);
    for (let p = first; p < end; p += 4) {
      const a = load<u32>(p);
      const i = a >> 8;
      if (i < columnFrom) continue;
      if (i >= columnTo) break;
      const wi = w * load<f64>(value + ((<usize>(a & 255)) << 3));
      const line = gram + ((<usize>i * columns) << 3);
      for (let q = first; q < end; q += 4) {
        const b = load<u32>(q);
        const at = line + ((<usize>(b >> 8)) << 3);
        store<f64>(at, load<f64>(at) + wi * load<f64>(value + ((<usize>(b & 255)) << 3)));
      }
    }
  }
}

/**
 * Inverts a symmetric positive definite f64[n x n] matrix in place, by Gauss-Jordan without pivoting, which such a matrix does
 * not need.
 * Returns the smallest pivot. If it is not positive, the matrix was not positive definite and the content is arbitrary.
 * `n` must be even: pad with ones on the diagonal.
 */
export function invertPositive(matrix: usize, n: u32): f64 {
  const lineBytes = (<usize>n) << 3;
  let smallest: f64 = Infinity;
  for (let k: u32 = 0; k < n; k++) {
    const pivotLine = matrix + k * lineBytes;
    const pivotAt = pivotLine + ((<usize>k) << 3);
    const pivot = load<f64>(pivotAt);
    if (!(pivot > 0)) return pivot;
    if (pivot < smallest) smallest = pivot;
    store<f64>(pivotAt, 1);
    scaleLine(pivotLine, lineBytes, 1 / pivot);
    for (let i: u32 = 0; i < n; i++) {
      if (i === k) continue;
      const line = matrix + i * lineBytes;
      const at = line + ((<usize>k) << 3);
      const factor = load<f64>(at);
      if (factor === 0) continue;
      store<f64>(at, 0);
      subtract(line, pivotLine, lineBytes, factor);
    }
  }
  return smallest;
}

function scaleLine(line: usize, bytes: usize, factor: f64): void {
  const f = f64x2.splat(factor);
  for (let p = line; p < line + bytes; p += 16) v128.store(p, f64x2.mul(v128.load(p), f));
}

function subtract(line: usize, other: usize, bytes: usize, factor: f64): void {
  const f = f64x2.splat(factor);
  for (let o: usize = 0; o < bytes; o += 16)
    v128.store(line + o, f64x2.sub(v128.load(line + o), f64x2.mul(f, v128.load(other + o))));
}
