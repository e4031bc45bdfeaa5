// Top-N of sums of terms:
// - a line for the recency of the newest holding
// - lines of up to two matrices for held products
// - a line for each level of the customer's features
// - the contributions of exact baskets
// The reason of a listed product is its largest term beyond the common line.

import { scatter } from '../baskets/sets';
import { AdditiveRecord, CountedPart, none, noProductsReason, popularReason, reasonShare, sameProductsReason } from '../layouts';
import { addCounts, lineOfNewest } from '../next-purchase/counts';
import { clearPenalties, setHeld } from './penalties';
import { select } from './select';
import { add1, sumLines } from './sums';

/** Term of an entry at one candidate: weight x matrix line; 0 without the matrix. */
function termOf(e: usize, weights: usize, matrix: usize, bytes: usize, candidate: usize): f32 {
  return matrix === 0 ? 0 : load<f32>(e + weights) * load<f32>(matrix + <usize>(load<u32>(e) >>> 8) * bytes + candidate);
}

/** Writes the weights of entries times a factor. @param weights offset from an entry to its f32 */
function scaleWeights(entries: usize, end: usize, weights: usize, factor: f64, to: usize): void {
  for (let e = entries; e < end; e += 4, to += 4) store<f32>(to, <f32>(<f64>load<f32>(e + weights) * factor));
}

/** Writes the values of the entries' bands. @param bands f32[256] */
function weighBands(entries: usize, end: usize, bands: usize, to: usize): void {
  for (let e = entries; e < end; e += 4, to += 4) store<f32>(to, load<f32>(bands + ((load<u32>(e) & 255) << 2)));
}

/**
 * Lists for rows from .. to of a table:
 *   s = line[tier, newest] + sum over entries e of (weight_e share[tier] matrix[column_e] + bands2[band_e] matrix2[tier, column_e])
 *       + sum over the row's features of effect[level] + contributions of counts of exactly its basket
 * The reason of each listed product is the largest of these terms (equal ones: the first in this order):
 * - each entry's two terms: its column; entries from column `products` on are no reasons
 * - the counts' contributions: `sameProductsReason`, `noProductsReason`, or the column of the only product of a row
 * - each feature's effect: columns + level
 * It is `popularReason` if no term exceeds reasonShare |s - mean|. The mean is that of the counts' contributions over the
 * candidates.
 *
 * terms: an AdditiveRecord. context: u32 by row of the table (position among the contexts), read if there are features.
 * Lists are written at position row - base of count, column, score, reason. Other arguments as for topNLinearRows.
 */
export function topNAdditiveRows(
  start: usize,
  entry: usize,
  terms: usize,
  context: usize,
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
  const bytes = (<usize>padded) << 2;
  const penalty = scratch;
  const scores = penalty + bytes;
  const extra = scores + bytes;
  const scaled = extra + bytes;
  const banded = scaled + (columns << 2);
  const work = banded + (columns << 2);
  const given = changetype<AdditiveRecord>(terms);
  const matrix = given.matrix;
  const tiers = given.tiers;
  const productOf = given.productOf;
  const counted = given.counted;
  const countedEnd = counted + given.countedParts * offsetof<CountedPart>();
  const features = given.features << 2;
  const effects = given.effects;
  const one = f32x4.splat(1);
  clearPenalties(penalty, candidates, padded);
  memory.fill(extra, 0, bytes);
  for (let row = from; row < to; row++) {
    const entries = entry + ((<usize>load<u32>(start + ((<usize>row) << 2))) << 2);
    const entriesEnd = entry + ((<usize>load<u32>(start + ((<usize>row) << 2), 4)) << 2);
    setHeld(penalty, candidateOf, entries, entriesEnd, -Infinity);
    let tier: u32 = 0;
    let newest: u32 = 255;
    let low: u32 = 0;
    let high: u32 = 0;
    if (productOf !== 0) {
      for (let e = entries; e < entriesEnd; e += 4) {
        const held = (load<u32>(e) >>> 8) << 2;
        tier += load<u32>(given.countsForTier + held);
        const product = load<u32>(productOf + held);
        if (product === none) continue;
        newest = min(newest, load<u32>(e) & 255);
        low += scatter(product, 1);
        high += scatter(product, 2);
      }
      tier = min(tier, tiers - 1);
    }
    const lineAt = given.lines + <usize>(tier * given.linesOfTier + lineOfNewest(newest, given.linesOfTier)) * bytes;
    add1(penalty, scores, bytes, one, lineAt);
    let weights: usize = 0;
    if (matrix !== 0) {
      const share = given.share === 0 ? 1 : load<f64>(given.share + (tier << 3));
      weights = given.weight - entry;
      if (share !== 1) {
        scaleWeights(entries, entriesEnd, weights, share, scaled);
        weights = scaled - entries;
      }
      sumLines(scores, scores, bytes, entries, entriesEnd, weights, matrix);
    }
    const weights2 = banded - entries;
    const matrix2 = given.matrix2 === 0 ? 0 : given.matrix2 + <usize>(tier * columns) * bytes;
    if (matrix2 !== 0) {
      weighBands(entries, entriesEnd, given.bands2, banded);
      sumLines(scores, scores, bytes, entries, entriesEnd, weights2, matrix2);
    }
    const levelsAt = features === 0 ? 0 : given.levels + load<u32>(context + ((<usize>row) << 2)) * features;
    for (let f: usize = 0; f < features; f += 4) {
      const level = load<u32>(levelsAt + f);
      if (level !== none) add1(scores, scores, bytes, one, effects + <usize>level * bytes);
    }
    let added: f64 = 0;
    for (let at = counted; at < countedEnd; at += offsetof<CountedPart>()) {
      const part = changetype<CountedPart>(at);
      added += addCounts(part, tier, newest, low, high, entries, entriesEnd, productOf, scores, extra);
    }
    const place = <usize>(row - base);
    const list = (place * n) << 2;
    const found = select(scores, padded, n, columnOf, column + list, score + list, work);
    store<u32>(count + (place << 2), found);
    setHeld(penalty, candidateOf, entries, entriesEnd, 0);
    // All other terms are centred.
    const mean = <f32>(added / <f64>candidates);
    let held: u32 = 0;
    for (let e = entries; e < entriesEnd; e += 4) held += <u32>(load<u32>(e) >>> 8 < products);
    for (let i: usize = 0; i < (<usize>found) << 2; i += 4) {
      const candidate = (<usize>load<u32>(candidateOf + ((<usize>load<u32>(column + list + i)) << 2))) << 2;
      const whole = load<f32>(extra + candidate);
      const ofOne: f32 = held === 1 ? whole : 0;
      let most = <f32>reasonShare * Mathf.abs(load<f32>(score + list + i) - mean);
      let best = popularReason;
      for (let e = entries; e < entriesEnd; e += 4) {
        const by = load<u32>(e) >>> 8;
        if (by >= products) continue;
        const term = termOf(e, weights, matrix, bytes, candidate) + termOf(e, weights2, matrix2, bytes, candidate) + ofOne;
        if (term > most) {
          most = term;
          best = by;
        }
      }
      if (held !== 1 && whole > most) {
        most = whole;
        best = held === 0 ? noProductsReason : sameProductsReason;
      }
      for (let f: usize = 0; f < features; f += 4) {
        const level = load<u32>(levelsAt + f);
        if (level === none) continue;
        const term = load<f32>(effects + <usize>level * bytes + candidate);
        if (term > most) {
          most = term;
          best = columns + level;
        }
      }
      store<u32>(reason + list + i, best);
    }
    if (added !== 0) memory.fill(extra, 0, bytes);
  }
}
