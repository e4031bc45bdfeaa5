// Top-N lists by scores that are sums of terms. The terms of a row are lines, f32[padded], with one number per candidate:
// - the common line of the row's tier and of the recency band of its newest holding
// - for each held product, a line of one or two matrices
// - for each level of the customer's features, a line
// - terms from counts of exactly the row's basket
// The reason of a listed product is its largest term, without the common line.

import { scatter } from '../baskets/sets';
import { none } from '../layouts';
import { addCounts, lineOfNewest } from '../next-purchase/counts';
import { CountedPart } from '../next-purchase/layouts';
import { word } from '../numbers/memory';
import { noProductsReason, popularReason, reasonShare, sameProductsReason } from '../scores/layouts';
import { AdditiveRecord, ListRequest } from './layouts';
import { clearPenalties, setHeld } from './penalties';
import { writeList } from './select';
import { add1, sumLines } from './sums';

/** The row that is scored at present: inputs of its terms. Kept in the scratch of the call. */
@unmanaged
class ScoredRow {
  entries: usize;
  end: usize;
  /** Customer tier, recency band of the newest holding (255: none), and hash words of the set of held products (baskets/sets.ts). */
  tier: u32;
  newest: u32;
  low: u32;
  high: u32;
  /** For each of two matrices: byte offset from an entry to its f32 weight, and address of the matrix (0: no matrix). */
  weights: usize;
  matrix: usize;
  weights2: usize;
  matrix2: usize;
  /** Address of the row's feature levels, u32[features], and their length in bytes. */
  levels: usize;
  features: usize;
}

/** Term of an entry at one candidate: weight x matrix[column of the entry, candidate]; 0 without the matrix. @param candidate byte offset */
function termOf(e: usize, weights: usize, matrix: usize, bytes: usize, candidate: usize): f32 {
  return matrix === 0 ? 0 : load<f32>(e + weights) * load<f32>(matrix + <usize>(load<u32>(e) >>> 8) * bytes + candidate);
}

/** Sum of the terms of an entry at one candidate, from both matrices. */
function termsOf(row: ScoredRow, e: usize, bytes: usize, candidate: usize): f32 {
  return termOf(e, row.weights, row.matrix, bytes, candidate) + termOf(e, row.weights2, row.matrix2, bytes, candidate);
}

/** Writes the weights of a row's entries, multiplied by a factor, to `to`. @param weights byte offset from an entry to its f32 weight */
function scaleWeights(entries: usize, end: usize, weights: usize, factor: f64, to: usize): void {
  for (let e = entries; e < end; e += 4, to += 4) store<f32>(to, <f32>(<f64>load<f32>(e + weights) * factor));
}

/** Writes the value of each entry's recency band to `to`. @param bands f32[256]: value of each band */
function weighBands(entries: usize, end: usize, bands: usize, to: usize): void {
  for (let e = entries; e < end; e += 4, to += 4) store<f32>(to, load<f32>(bands + ((load<u32>(e) & 255) << 2)));
}

/** Finds the tier, newest holding and set of a row. If no term depends on the whole basket, writes the values of an empty row. */
function describeRow(row: ScoredRow, given: AdditiveRecord): void {
  let tier: u32 = 0;
  let newest: u32 = 255;
  let low: u32 = 0;
  let high: u32 = 0;
  if (given.productOf !== 0) {
    for (let e = row.entries; e < row.end; e += 4) {
      const held = (load<u32>(e) >>> 8) << 2;
      tier += load<u32>(given.countsForTier + held);
      const product = load<u32>(given.productOf + held);
      if (product === none) continue;
      newest = min(newest, load<u32>(e) & 255);
      low += scatter(product, 1);
      high += scatter(product, 2);
    }
    tier = min(tier, given.tiers - 1);
  }
  row.tier = tier;
  row.newest = newest;
  row.low = low;
  row.high = high;
}

/** Sums the lines of a row: common line, held products, features. @param work f32[2 x columns] scratch for weights of entries */
function sumTerms(
  row: ScoredRow,
  given: AdditiveRecord,
  columns: u32,
  penalty: usize,
  scores: usize,
  bytes: usize,
  work: usize,
): void {
  const entries = row.entries;
  const end = row.end;
  const tier = row.tier;
  const ones = f32x4.splat(1);
  add1(
    penalty,
    scores,
    bytes,
    ones,
    given.lines + <usize>(tier * given.linesOfTier + lineOfNewest(row.newest, given.linesOfTier)) * bytes,
  );
  if (given.matrix !== 0) {
    const share = given.share === 0 ? 1 : load<f64>(given.share + (tier << 3));
    if (share !== 1) {
      scaleWeights(entries, end, row.weights, share, work);
      row.weights = work - entries;
    }
    sumLines(scores, scores, bytes, entries, end, row.weights, given.matrix);
  }
  const banded = work + (columns << 2);
  row.weights2 = banded - entries;
  row.matrix2 = given.matrix2 === 0 ? 0 : given.matrix2 + <usize>(tier * columns) * bytes;
  if (row.matrix2 !== 0) {
    weighBands(entries, end, given.bands2, banded);
    sumLines(scores, scores, bytes, entries, end, row.weights2, row.matrix2);
  }
  for (let f: usize = 0; f < row.features; f += 4) {
    const level = load<u32>(row.levels + f);
    if (level !== none) add1(scores, scores, bytes, ones, given.effects + <usize>level * bytes);
  }
}

/**
 * Reason of a listed candidate: its largest term without the common line. Returns `popularReason` if no term is above `least`.
 * @param held number of products of the row
 * @param candidate byte offset of the candidate in a line
 * @param whole sum of the terms from counts of the exact basket
 */
function largestTerm(
  row: ScoredRow,
  given: AdditiveRecord,
  request: ListRequest,
  held: u32,
  candidate: usize,
  whole: f32,
  least: f32,
): u32 {
  const bytes = (<usize>request.padded) << 2;
  const products = request.products;
  const ofOne: f32 = held === 1 ? whole : 0;
  let most = least;
  let best = popularReason;
  for (let e = row.entries, end = row.end; e < end; e += 4) {
    const by = load<u32>(e) >>> 8;
    if (by >= products) continue;
    const term = termsOf(row, e, bytes, candidate) + ofOne;
    if (term > most) {
      most = term;
      best = by;
    }
  }
  if (held !== 1 && whole > most) {
    most = whole;
    best = held === 0 ? noProductsReason : sameProductsReason;
  }
  for (let f: usize = 0; f < row.features; f += 4) {
    const level = load<u32>(row.levels + f);
    if (level === none) continue;
    const term = load<f32>(given.effects + <usize>level * bytes + candidate);
    if (term > most) {
      most = term;
      best = request.columns + level;
    }
  }
  return best;
}

/**
 * Writes the reasons of the `length` entries of a row's list.
 * @param extra f32[padded]: terms from counts of the exact basket
 * @param mean mean of `extra` over the candidates
 */
function writeTermReasons(
  row: ScoredRow,
  given: AdditiveRecord,
  request: ListRequest,
  place: u32,
  length: u32,
  mean: f32,
  extra: usize,
): void {
  let held: u32 = 0;
  for (let e = row.entries; e < row.end; e += 4) held += <u32>(load<u32>(e) >>> 8 < request.products);
  const list = (<usize>place * request.n) << 2;
  for (let i = list; i < list + ((<usize>length) << 2); i += 4) {
    const candidate = (<usize>word(request.candidateOf, load<u32>(request.column + i))) << 2;
    const least = <f32>reasonShare * Mathf.abs(load<f32>(request.score + i) - mean);
    store<u32>(request.reason + i, largestTerm(row, given, request, held, candidate, load<f32>(extra + candidate), least));
  }
}

/**
 * Writes the lists of the rows `from` .. `to` of a table, by the scores s of the candidates:
 *   s = line[tier, newest] + sum over entries e of (weight_e share[tier] matrix[column_e] + bands2[band_e] matrix2[tier, column_e])
 *       + sum over the row's features of effect[level] + terms from counts of exactly the row's basket
 * The reason of a listed product is its largest term; of equal terms the first in this order:
 * - the two terms of an entry: reason is the entry's column (pseudo-products, from column `products` on, are no reasons)
 * - the terms from counts: reason is `sameProductsReason`, `noProductsReason` or, for a row with one product, that product's column
 * - the effect of a feature level: reason is columns + level
 * The reason is `popularReason` if no term exceeds reasonShare |s - mean|, with the mean over candidates of the terms from counts.
 * @param request record ListRequest
 * @param terms record AdditiveRecord
 * @param context u32[rows]: position of each row's feature levels; read only if the model has features
 * @param scratch as for topNLinearRows, then f32[padded + 2 x columns] and 64 bytes
 */
export function topNAdditiveRows(request: usize, terms: usize, context: usize, from: u32, to: u32, scratch: usize): void {
  const given = changetype<AdditiveRecord>(terms);
  const asked = changetype<ListRequest>(request);
  const start: usize = asked.start;
  const entry: usize = asked.entry;
  const candidateOf: usize = asked.candidateOf;
  const bytes = (<usize>asked.padded) << 2;
  const row = changetype<ScoredRow>(scratch);
  const penalty = scratch + 64;
  const scores = penalty + bytes;
  const extra = scores + bytes;
  const weights = extra + bytes;
  const work = weights + (asked.columns << 3);
  const counted: usize = given.counted;
  const countedEnd = counted + given.countedParts * offsetof<CountedPart>();
  row.features = given.features << 2;
  row.matrix = given.matrix;
  clearPenalties(penalty, asked.candidates, asked.padded);
  memory.fill(extra, 0, bytes);
  for (let r = from; r < to; r++) {
    const entries = entry + (word(start, r) << 2);
    const end = entry + (word(start, r + 1) << 2);
    row.entries = entries;
    row.end = end;
    row.weights = given.matrix === 0 ? 0 : given.weight - entry;
    row.levels = row.features === 0 ? 0 : given.levels + word(context, r) * row.features;
    setHeld(penalty, candidateOf, entries, end, -Infinity);
    describeRow(row, given);
    sumTerms(row, given, asked.columns, penalty, scores, bytes, weights);
    let added: f64 = 0;
    for (let at = counted; at < countedEnd; at += offsetof<CountedPart>()) {
      const part = changetype<CountedPart>(at);
      added += addCounts(part, row.tier, row.newest, row.low, row.high, entries, end, given.productOf, scores, extra);
    }
    const length = writeList(asked, r, scores, work);
    setHeld(penalty, candidateOf, entries, end, 0);
    // All other terms have mean 0 over the candidates, so the mean score is the mean of the terms from counts.
    writeTermReasons(row, given, asked, r - asked.base, length, <f32>(added / <f64>asked.candidates), extra);
    if (added !== 0) memory.fill(extra, 0, bytes);
  }
}
