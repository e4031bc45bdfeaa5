// Deterministic start of ALS: the leading eigenvectors of the baskets' co-occurrence matrix.
import { addProduct } from '../linalg/products';
import { addScaled, dot, scale } from '../linalg/vectors';

/**
 * Makes the rows of q [rows x columns] orthonormal, first to last, by Gram-Schmidt, twice each. A row that vanishes becomes
 * zeros.
 */
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
 * Orthogonal iteration: q <- orthonormal rows of q (N + mu E), `steps` times. Then Y = V S^(1/2) of B = U S V', where N = B'B has
 * eigenvalues S^2.
 * mu is a millionth of the mean diagonal; it prevents the null space from vanishing. Each vector's largest component is positive.
 * @param pairs N f64[products x products]
 * @param q f64[width x products] start vectors in, eigenvectors out
 * @param y f64[products x width] out
 * @param scratch f64[width x products]
 */
export function alsEigenStart(
  pairs: usize,
  products: u32,
  factors: u32,
  width: u32,
  steps: u32,
  q: usize,
  y: usize,
  scratch: usize,
): void {
  const long = products << 3;
  let trace: f64 = 0;
  for (let i: u32 = 0; i < products; i++) trace += load<f64>(pairs + i * long + (i << 3));
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
