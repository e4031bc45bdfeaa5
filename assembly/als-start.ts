// Deterministic start of ALS: the leading eigenvectors of the baskets' co-occurrence matrix.
import { sumBlocks } from './als-factors';
import { addProduct, addScaled, dot, scale } from './linalg';

/** N[a, b] += m for all pairs of columns a <= b of rows from .. to; N f64[products x products], upper triangle. */
export function countPairs(
  start: usize,
  entry: usize,
  multiplicity: usize,
  weight: usize,
  from: u32,
  to: u32,
  products: u32,
  pairs: usize,
): void {
  const wide = products << 3;
  memory.fill(pairs, 0, products * wide);
  for (let row = from; row < to; row++) {
    const m = weight ? <f64>load<f32>(weight + (row << 2)) : <f64>load<u32>(multiplicity + (row << 2));
    const last = entry + (load<u32>(start + (row << 2), 4) << 2);
    for (let e = entry + (load<u32>(start + (row << 2)) << 2); e < last; e += 4) {
      const line = pairs + (load<u32>(e) >>> 8) * wide;
      for (let g = e; g < last; g += 4) {
        const at = line + ((load<u32>(g) >>> 8) << 3);
        store<f64>(at, load<f64>(at) + m);
      }
    }
  }
}

/** Makes the rows of q [rows x columns] orthonormal, first to last: Gram-Schmidt, twice each. A row that vanishes becomes zeros. */
function orthonormalize(q: usize, rows: u32, columns: u32): void {
  const long = columns << 3;
  for (let p: u32 = 0; p < rows; p++) {
    const line = q + p * long;
    for (let pass = 0; pass < 2; pass++) {
      for (let k: u32 = 0; k < p; k++) addScaled(line, q + k * long, -dot(q + k * long, line, columns), columns);
    }
    const norm = Math.sqrt(dot(line, line, columns));
    scale(line, norm > 1e-300 ? 1 / norm : 0, columns);
  }
}

/**
 * Orthogonal iteration: q <- orthonormal rows of q (N + mu E), `steps` times; mu, a millionth of the mean diagonal, keeps the null
 * space alive. Then Y = V S^(1/2) of B = U S V', where N = B'B has eigenvalues S^2; each vector's largest component is positive.
 * @param pairs f64[blocks][products x products] parts of N; overwritten
 * @param q f64[width x products] start vectors in, eigenvectors out
 * @param y f64[products x width] out
 * @param scratch f64[width x products]
 */
export function alsEigenStart(
  pairs: usize,
  blocks: u32,
  products: u32,
  factors: u32,
  width: u32,
  steps: u32,
  q: usize,
  y: usize,
  scratch: usize,
): void {
  const long = products << 3;
  sumBlocks(pairs, blocks, products * products);
  let trace: f64 = 0;
  for (let i: u32 = 0; i < products; i++) {
    trace += load<f64>(pairs + i * long + (i << 3));
    for (let j: u32 = 0; j < i; j++) store<f64>(pairs + i * long + (j << 3), load<f64>(pairs + j * long + (i << 3)));
  }
  const shift = (1e-6 * trace) / <f64>products;
  orthonormalize(q, factors, products);
  for (let step: u32 = 0; step < steps; step++) {
    memory.copy(scratch, q, width * long);
    scale(q, shift, width * products);
    addProduct(q, long, scratch, long, 8, pairs, long, width, products, products);
    orthonormalize(q, factors, products);
  }
  memory.fill(scratch, 0, width * long);
  addProduct(scratch, long, q, long, 8, pairs, long, width, products, products);
  for (let k: u32 = 0; k < factors; k++) {
    const line = q + k * long;
    const eigenvalue = max(dot(line, scratch + k * long, products), shift);
    let largest: f64 = 0;
    for (let i: u32 = 0; i < products; i++) {
      const value = load<f64>(line + (i << 3));
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const length = Math.sqrt(Math.sqrt(eigenvalue)) * (largest < 0 ? -1 : 1);
    for (let i: u32 = 0; i < products; i++) {
      store<f64>(y + ((i * width + k) << 3), length * load<f64>(line + (i << 3)));
    }
  }
}
