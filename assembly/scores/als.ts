// Scores of an ALS model in f64: s = sum over the row's entries e of w_e K[column_e, :].
// K is the hat matrix (columns x columns), w_e the weight of entry e.

import { dualRowBytes, factorScore, solveDual, solvePrimal } from '../als/solve';
import { ScoreStep } from './layouts';
import { sumEntries } from './lines';

/**
 * Computes the weights w_e of a row's n entries, with confidence c_e (by recency band) and d_e = c_e - 1.
 * Rows of at most `longest` entries: w by the dual solve. Longer rows: w_e = c_e - d_e s_e, with scores s from the primal solve.
 * @param kept f64[n] out: w
 * @param work scratch for the longest dual system, or primalBytes(width)
 * @returns whether the system could be solved
 */
function weigh(step: ScoreStep, entries: usize, n: u32, kept: usize, work: usize): bool {
  const hat = step.hat;
  const width = step.width;
  const factors = step.factors;
  const bands = step.bands;
  if (n <= step.longest) {
    const row = dualRowBytes(n);
    if (!(solveDual(entries, 4, n, hat, step.hatBytes, bands, work) < Infinity)) return false;
    for (let r: u32 = 0; r < n; r++) store<f64>(kept + (r << 3), load<f64>(work + r * row + (n << 3)));
    return true;
  }
  if (!(solvePrimal(entries, 4, n, step.square, factors, width, bands, work) < Infinity)) return false;
  for (let r: u32 = 0; r < n; r++) {
    const held = load<u32>(entries + (r << 2));
    const c = load<f64>(bands + ((held & 255) << 3));
    store<f64>(kept + (r << 3), c - (c - 1) * factorScore(work, factors + (held >>> 8) * (width << 3), width));
  }
  return true;
}

/**
 * Writes the scores s = base + sum over entries e of w_e values[column_e, :] to `line`.
 * `base` is a line of zeros. `values` has the requested columns of K. Returns false if the system of the weights cannot be solved.
 */
export function alsScoresOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize, work: usize): bool {
  const n = <u32>((end - entries) >>> 2);
  if (n > 0 && !weigh(step, entries, n, kept, work)) return false;
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
  return true;
}
