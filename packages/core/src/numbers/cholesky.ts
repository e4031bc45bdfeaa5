/**
 * Cholesky factor of a symmetric matrix, f64[size x size]: lower triangle, row-major. Null if the matrix is not positive
 * definite.
 * Meant for single systems. Kernels solve batches of systems.
 */
export function choleskyOf(matrix: Float64Array, size: number): Float64Array | null {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) lower[i * size + j] = matrix[i * size + j]!;
  return factorize(lower, size) ? lower : null;
}

/** Scratch of `factorize`: two columns below their pivots, and the diagonal of the given matrix. */
let firstColumn = new Float64Array(0);
let secondColumn = firstColumn;
let diagonal = firstColumn;

/**
 * Cholesky factorization in place, f64[size x size]. Reads only the lower triangle. False if the matrix is not positive definite.
 * Two columns are subtracted in one loop, so that each element is loaded and stored once for both.
 */
export function factorize(matrix: Float64Array, size: number): boolean {
  if (diagonal.length < size) {
    firstColumn = new Float64Array(size);
    secondColumn = new Float64Array(size);
    diagonal = new Float64Array(size);
  }
  for (let i = 0; i < size; i++) diagonal[i] = matrix[i * size + i]!;
  for (let k = 0; k < size; k += 2) {
    if (!divideColumn(matrix, size, k, firstColumn)) return false;
    if (k + 1 === size) break;
    for (let i = k + 1; i < size; i++) matrix[i * size + k + 1]! -= firstColumn[i]! * firstColumn[k + 1]!;
    if (!divideColumn(matrix, size, k + 1, secondColumn)) return false;
    for (let i = k + 2; i < size; i++) {
      const a = firstColumn[i]!;
      const b = secondColumn[i]!;
      for (let j = k + 2, at = i * size + j; j <= i; j++, at++)
        matrix[at] = matrix[at]! - a * firstColumn[j]! - b * secondColumn[j]!;
    }
  }
  return true;
}

/**
 * Divides column k by the square root of its pivot, and copies the elements below the pivot to `column`.
 * False if the pivot is at most 1e-13 x the diagonal element of the given matrix: the matrix then counts as not positive definite.
 */
function divideColumn(matrix: Float64Array, size: number, k: number, column: Float64Array): boolean {
  const rest = matrix[k * size + k]!;
  if (!(rest > 1e-13 * diagonal[k]!)) return false;
  const pivot = Math.sqrt(rest);
  matrix[k * size + k] = pivot;
  for (let i = k + 1; i < size; i++) column[i] = matrix[i * size + k] = matrix[i * size + k]! / pivot;
  return true;
}

/** Solves L x = b for a lower triangular L, f64[size x size]. */
export function solveLower(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const x = right.slice();
  solveLowerIn(lower, size, x);
  return x;
}

function solveLowerIn(lower: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let rest = x[i]!;
    for (let k = 0, at = i * size; k < i; k++, at++) rest -= lower[at]! * x[k]!;
    x[i] = rest / lower[i * size + i]!;
  }
}

/** Solves L L' x = b for a lower triangular L, f64[size x size]. */
export function solveCholesky(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const x = right.slice();
  solveFactorized(lower, size, x);
  return x;
}

/** Solves L L' x = b for a lower triangular L, f64[size x size]. `x` contains b before the call and the solution after it. */
export function solveFactorized(lower: Float64Array, size: number, x: Float64Array): void {
  solveLowerIn(lower, size, x);
  for (let i = size - 1; i >= 0; i--) {
    let rest = x[i]!;
    for (let k = i + 1; k < size; k++) rest -= lower[k * size + i]! * x[k]!;
    x[i] = rest / lower[i * size + i]!;
  }
}
