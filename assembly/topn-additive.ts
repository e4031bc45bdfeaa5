// Top-N of sums of terms: a line for the recency of the newest holding, lines of up to two matrices for what is held, a line for each level of the
// customer's features, and single values. Each listed product gets the term that adds most to its score: the reason.

import { clearPenalties, noCandidate, setHeld } from './topn-penalties';
import { select } from './topn-select';
import { add1, sumLines } from './topn-sums';

/** Reason of a product that no single holding or feature speaks for: the line of all, and the pseudo-products. */
const popular: u32 = 0xffffffff;

/** value of entry e's weights x matrix line, at one candidate; 0 without the matrix. */
function termOf(e: usize, weights: usize, matrix: usize, bytes: usize, candidate: usize): f32 {
  return matrix === 0 ? 0 : load<f32>(e + weights) * load<f32>(matrix + <usize>(load<u32>(e) >>> 8) * bytes + candidate);
}

/**
 * Lists for rows from .. to of a table:
 *   s = line[lineOf(row)] + sum over entries e of (weight_e matrix[column_e] + weight2_e matrix2[column_e])
 *       + sum over the row's features of effect[level] + single values
 * and for each listed product the largest of: the sum of the line and the entries from column `products` on (`popular`), each other
 * entry's two terms with its share of the single value (that value / products held: its column), and each feature's effect
 * (columns + level). Equal terms: `popular`, then the lower entry, then the earlier feature.
 *
 * lineOf: u32[rows], context: u32[rows] (position among the contexts), single: u32[rows + 1] (where each row's single values start), all addressed as
 * if row `from`'s place were row - base; line, effect: f32[.. x padded]; levels: u32[contexts x features], all ones: never seen.
 * matrix, matrix2: f32[columns x padded], or 0: none; weight, weight2: f32 by entry of the table. singleCandidate, singleValue: u32 and f32.
 * Lists go to place row - base of count, column, score, reason. Other arguments as for topNLinearRows.
 */
export function topNAdditiveRows(
  start: usize,
  entry: usize,
  weight: usize,
  matrix: usize,
  weight2: usize,
  matrix2: usize,
  lineOf: usize,
  line: usize,
  context: usize,
  levels: usize,
  features: u32,
  effect: usize,
  single: usize,
  singleCandidate: usize,
  singleValue: usize,
  from: u32,
  to: u32,
  base: u32,
  columns: u32,
  products: u32,
  candidates: u32,
  padded: u32,
  candidateOf: usize,
  columnOf: usize,
  n: u32,
  count: usize,
  column: usize,
  score: usize,
  reason: usize,
  scratch: usize,
): void {
  const penalty = scratch;
  const bytes = (<usize>padded) << 2;
  const scores = scratch + bytes;
  const one = f32x4.splat(1);
  clearPenalties(penalty, candidates, padded);
  for (let row = from; row < to; row++) {
    const place = <usize>(row - base);
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const entriesEnd = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    const lineAt = line + <usize>load<u32>(lineOf + (place << 2)) * bytes;
    add1(penalty, scores, bytes, one, lineAt);
    if (matrix !== 0) sumLines(scores, scores, bytes, entries, entriesEnd, weight - entry, matrix);
    if (matrix2 !== 0) sumLines(scores, scores, bytes, entries, entriesEnd, weight2 - entry, matrix2);
    const levelsAt = levels + ((<usize>(load<u32>(context + (place << 2)) * features)) << 2);
    for (let f: usize = 0; f < (<usize>features) << 2; f += 4) {
      const level = load<u32>(levelsAt + f);
      if (level !== noCandidate) add1(scores, scores, bytes, one, effect + <usize>level * bytes);
    }
    const singles = load<u32>(single + (place << 2));
    const singlesEnd = load<u32>(single + (place << 2), 4);
    for (let s = (<usize>singles) << 2; s < (<usize>singlesEnd) << 2; s += 4) {
      const at = scores + ((<usize>load<u32>(singleCandidate + s)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(singleValue + s));
    }
    const list = (place * n) << 2;
    const found = select(scores, padded, n, columnOf, column + list, score + list, scores + bytes);
    store<u32>(count + (place << 2), found);
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
    let held: u32 = 0;
    for (let e = entries; e < entriesEnd; e += 4) held += <u32>(load<u32>(e) >>> 8 < products);
    for (let i: usize = 0; i < (<usize>found) << 2; i += 4) {
      const candidate = (<usize>load<u32>(candidateOf + ((<usize>load<u32>(column + list + i)) << 2))) << 2;
      let extra: f32 = 0;
      for (let s = (<usize>singles) << 2; s < (<usize>singlesEnd) << 2; s += 4) {
        if ((<usize>load<u32>(singleCandidate + s)) << 2 === candidate) extra += load<f32>(singleValue + s);
      }
      let most = load<f32>(lineAt + candidate);
      if (held === 0) most += extra;
      for (let e = entries; e < entriesEnd; e += 4) {
        if (load<u32>(e) >>> 8 >= products) {
          most += termOf(e, weight - entry, matrix, bytes, candidate) + termOf(e, weight2 - entry, matrix2, bytes, candidate);
        }
      }
      let best = popular;
      const share: f32 = held === 0 ? 0 : extra / <f32>held;
      for (let e = entries; e < entriesEnd; e += 4) {
        const by = load<u32>(e) >>> 8;
        if (by >= products) continue;
        const term =
          termOf(e, weight - entry, matrix, bytes, candidate) + termOf(e, weight2 - entry, matrix2, bytes, candidate) + share;
        if (term > most) {
          most = term;
          best = by;
        }
      }
      for (let f: usize = 0; f < (<usize>features) << 2; f += 4) {
        const level = load<u32>(levelsAt + f);
        if (level === noCandidate) continue;
        const term = load<f32>(effect + <usize>level * bytes + candidate);
        if (term > most) {
          most = term;
          best = columns + level;
        }
      }
      store<u32>(reason + list + i, best);
    }
  }
}
