// Deterministic start of ALS: the leading eigenvectors of the baskets' co-occurrence matrix.
import { addProduct } from '../linalg/products';
import { addScaled, dot, scale } from '../linalg/vectors';

/**
 * Makes the rows of q f64[rows x columns] orthonormal, from the first to the last. Each row takes two passes of Gram-Schmidt.
 * A row that depends linearly on earlier rows becomes zeros.
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
 * Computes the initial item factors Y from the leading eigenvectors of N = B'B, where B is the matrix of baskets (B = U S V').
 *   orthogonal iteration, `steps` times: q <- orthonormalised rows of q (N + mu E)
 *   Y = V S^(1/2): the rows of q are the columns of V; N has the eigenvalues S^2
 * mu is a millionth of the mean diagonal element of N. It keeps vectors in the null space of N from becoming 0.
 * The sign of each eigenvector makes its largest component positive.
 * @param pairs f64[products x products]: N, the co-occurrence of products
 * @param q f64[width x products]: start vectors in, eigenvectors out
 * @param y f64[products x width] out: Y
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
