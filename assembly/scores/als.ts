// Scores of an ALS model in f64: the weights of a row's entries, then sums of lines of K.

import { dualRowBytes, factorScore, solveDual, solvePrimal } from '../als/solve';
import { ScoreStep } from './layouts';
import { sumEntries } from './lines';

/**
 * Weights w_e of a row's entries: by the dual solve for rows of at most `longest` entries, else c_e - d_e s_e with s from the
 * primal solve.
 * @param kept f64 by entry, out: w
 * @param work for the longest dual system, or primalBytes(width)
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
 * Scores s = base (a line of zeros) + sum over entries e of w_e K[column_e]. `values` has the requested positions of K. Returns 0
 * if a system cannot be solved.
 */
export function alsScoresOf(step: ScoreStep, entries: usize, end: usize, line: usize, kept: usize, work: usize): bool {
  const n = <u32>((end - entries) >>> 2);
  if (n > 0 && !weigh(step, entries, n, kept, work)) return false;
  sumEntries(step.base, line, step.padded, entries, end, kept, step.values);
  return true;
}
