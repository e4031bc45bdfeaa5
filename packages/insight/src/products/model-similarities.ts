import type { Model } from '@basketwise/core/parts';

/** Differences below this share of the largest score are rounding errors. */
const roundingShare = 1e-9;

/**
 * Similarity of every column of a model to one, f64[columns]: the model's own measure if it has one.
 * Else compares the scores that holders of a single product get, each less its mean over all such holders: the cosine of both
 * products' scores, -1 to 1.
 * Products are then similar if their holders get the same recommendations. 0 for products whose holding changes no score.
 */
export function modelSimilarities(model: Model, column: number): Float64Array {
  if (model.similarities) return model.similarities(column);
  const width = model.columns.length - model.pseudoColumns;
  const scores = Array.from({ length: width }, (_, held) => model.foldIn([{ column: held, band: 0 }]).subarray(0, width));
  const found = new Float64Array(model.columns.length);
  if (width < 2) return found;
  const changes = changesFromMean(scores);
  for (let other = 0; other < width; other++) found[other] = cosineOfOthers(changes, column, other);
  return found;
}

/**
 * Scores of each holder less their mean over the holders. A product's own holders do not count. @param scores f64[products] of
 * each of `products` holders
 */
function changesFromMean(scores: readonly Float64Array[]): Float64Array[] {
  const width = scores.length;
  const mean = new Float64Array(width);
  let largest = 0;
  for (const [held, own] of scores.entries()) {
    for (let at = 0; at < width; at++) {
      if (at === held) continue;
      mean[at]! += own[at]! / (width - 1);
      largest = Math.max(largest, Math.abs(own[at]!));
    }
  }
  const change = (score: number, at: number) => (Math.abs(score - mean[at]!) > roundingShare * largest ? score - mean[at]! : 0);
  return scores.map((own) => own.map(change));
}

/** Cosine of the changes of two products, without their own positions; 0 if nothing changes. */
function cosineOfOthers(changes: readonly Float64Array[], one: number, other: number): number {
  const [a, b] = [changes[one]!, changes[other]!];
  let [product, ofA, ofB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    if (at === one || at === other) continue;
    product += a[at]! * b[at]!;
    ofA += a[at]! ** 2;
    ofB += b[at]! ** 2;
  }
  return ofA > 0 && ofB > 0 ? product / Math.sqrt(ofA * ofB) : 0;
}
