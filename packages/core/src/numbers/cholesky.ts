/**
 * Cholesky factor of a symmetric matrix, f64[size x size]: lower triangle, row-major. Null if the matrix is not positive
 * definite.
 * For single systems on the host. Kernels solve batches.
 */
export function choleskyOf(matrix: Float64Array, size: number): Float64Array | null {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) lower[i * size + j] = matrix[i * size + j]!;
  return factorize(lower, size) ? lower : null;
}

/** Values of two columns below their pivots. */
let firstColumn = new Float64Array(0);
let secondColumn = firstColumn;
let diagonal = firstColumn;

/**
 * Cholesky factorization in place. Reads only the lower triangle. False if the matrix is not positive definite.
 * Subtracts two columns at a time: the two sums of a loop are independent, so neither waits for the other.
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

/** Divides a column by the root of its pivot. False if the pivot is not above 0. */
function divideColumn(matrix: Float64Array, size: number, k: number, column: Float64Array): boolean {
  const rest = matrix[k * size + k]!;
  if (!(rest > 1e-13 * diagonal[k]!)) return false;
  const pivot = Math.sqrt(rest);
  matrix[k * size + k] = pivot;
  for (let i = k + 1; i < size; i++) column[i] = matrix[i * size + k] = matrix[i * size + k]! / pivot;
  return true;
}

/** Solves L x = b for a lower triangular L. */
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

/** Solves L L' x = b. */
export function solveCholesky(lower: Float64Array, size: number, right: Float64Array): Float64Array {
  const x = right.slice();
  solveFactorized(lower, size, x);
  return x;
}

/** Solves L L' x = b in place of b. */
export function solveFactorized(lower: Float64Array, size: number, x: Float64Array): void {
  solveLowerIn(lower, size, x);
  for (let i = size - 1; i >= 0; i--) {
    let rest = x[i]!;
    for (let k = i + 1; k < size; k++) rest -= lower[k * size + i]! * x[k]!;
    x[i] = rest / lower[i * size + i]!;
  }
}
