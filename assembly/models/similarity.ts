/**
 * Weighted co-occurrence of columns over distinct baskets, for the columns i in a range and all columns j:
 *   G[i, j] = sum over the rows b that hold i and j of w_b v[band of i in b] v[band of j in b]
 * Each call computes the rows i of G in its range, so the order of the sum does not depend on the number of workers.
 * @param start u32[rows + 1]: start of each row's entries
 * @param entry u32[entries]: column << 8 | recency band, ascending within a row
 * @param weight f64[rows]: w
 * @param value f64[256]: v, value of a holding in each recency band
 * @param gram f64[columns x columns]: G, zeroed before the call
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
 * Inverts a symmetric positive definite matrix in place, by Gauss-Jordan elimination. (Such a matrix needs no pivoting.)
 * @param matrix f64[n x n]
 * @param n even. The caller pads an odd matrix with a 1 on the diagonal
 * @returns smallest pivot. If it is not above 0, the matrix is not positive definite, and its content is arbitrary
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

function subtract(line: usize, subtrahend: usize, bytes: usize, factor: f64): void {
  const f = f64x2.splat(factor);
  for (let o: usize = 0; o < bytes; o += 16)
    v128.store(line + o, f64x2.sub(v128.load(line + o), f64x2.mul(f, v128.load(subtrahend + o))));
}
