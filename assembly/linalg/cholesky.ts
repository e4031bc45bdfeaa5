// Cholesky factors of symmetric matrices of f64, and systems solved with them.
// Parameters `row` give the length of a row in bytes. "Padded" means a multiple of 8.
import { addProduct } from './products';
import { addScaled, scale } from './vectors';

/**
 * Smallest square of a pivot, relative to its diagonal element of S. For a smaller one, S counts as singular in f64.
 */
export const smallestPivot: f64 = 1e-13;

/**
 * Cholesky S = U'U, by blocks of 8 rows. U overwrites the upper triangle of S.
 * @param s f64[size x size]: S, upper triangle; size padded
 * @returns whether S is positive definite. If it is not, the content of `s` is arbitrary
 */
export function factorize(s: usize, row: usize, size: u32): bool {
  // Works on N = -S, so that the finished rows u_k of U are added: N_p = -s_p + sum_{k < p} u_kp u_k, then u_p = -N_p / u_pp.
  for (let p: u32 = 0; p < size; p++) scale(s + p * row + ((p & ~1) << 3), -1, size - (p & ~1));
  for (let block: u32 = 0; block < size; block += 8) {
    const corner = block << 3;
    const rest = size - block;
    addProduct(s + block * row + corner, row, s + corner, 8, row, s + corner, row, 8, block, rest);
    for (let p = block; p < block + 8; p++) {
      const line = s + p * row;
      for (let k = block; k < p; k++) {
        const above = s + k * row;
        addScaled(line + corner, above + corner, load<f64>(above + (p << 3)), rest);
      }
      const square = -load<f64>(line + (p << 3));
      if (!(square > smallestPivot * (square + squareAbove(s + (p << 3), row, p)))) return false;
      scale(line + corner, -1 / Math.sqrt(square), rest);
    }
  }
  return true;
}

/** Sum over k < p of u_kp^2. It equals s_pp - u_pp^2. */
function squareAbove(column: usize, row: usize, p: u32): f64 {
  let sum: f64 = 0;
  for (let k: u32 = 0; k < p; k++, column += row) sum += load<f64>(column) * load<f64>(column);
  return sum;
}

/** Solves U'U x = b in place: x f64[size] has b before the call. U f64[size x size] is upper triangular; size even. */
export function solveFactorized(u: usize, row: usize, size: u32, x: usize): void {
  // Solves U'z = b by rows of U: subtracts u_pj z_p from the right side of each later equation j.
  for (let p: u32 = 0; p < size; p++) {
    const line = u + p * row;
    const value = load<f64>(x + (p << 3)) / load<f64>(line + (p << 3));
    for (let j = p + 1; j < size; j++) {
      const at = x + (j << 3);
      store<f64>(at, load<f64>(at) - value * load<f64>(line + (j << 3)));
    }
    store<f64>(x + (p << 3), value);
  }
  // Solves U x = z, from the last row to the first.
  for (let p = size; p-- > 0; ) {
    const line = u + p * row;
    let value = load<f64>(x + (p << 3));
    for (let j = p + 1; j < size; j++) value -= load<f64>(line + (j << 3)) * load<f64>(x + (j << 3));
    store<f64>(x + (p << 3), value / load<f64>(line + (p << 3)));
  }
}

/** Solves U'X = B in place for several right sides: B f64[size x columns], columns even; U f64[size x size], upper triangular. */
export function solveLowerRows(u: usize, row: usize, size: u32, b: usize, rowB: usize, columns: u32): void {
  for (let p: u32 = 0; p < size; p++) {
    const line = b + p * rowB;
    for (let k: u32 = 0; k < p; k++) addScaled(line, b + k * rowB, -load<f64>(u + k * row + (p << 3)), columns);
    scale(line, 1 / load<f64>(u + p * row + (p << 3)), columns);
  }
}

/** Solves U X = B in place for several right sides: B f64[size x columns], columns even; U f64[size x size], upper triangular. */
export function solveUpperRows(u: usize, row: usize, size: u32, b: usize, rowB: usize, columns: u32): void {
  for (let p = size; p-- > 0; ) {
    const line = b + p * rowB;
    for (let k = p + 1; k < size; k++) addScaled(line, b + k * rowB, -load<f64>(u + p * row + (k << 3)), columns);
    scale(line, 1 / load<f64>(u + p * row + (p << 3)), columns);
  }
}
