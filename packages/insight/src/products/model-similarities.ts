import type { Model } from '@basketwise/core/parts';

/** Differences smaller than this share of the largest score count as rounding errors. */
const roundingShare = 1e-9;

/**
 * Similarity of every column of a model to one column, f64[columns]. It is the model's own measure if the model has one.
 * Otherwise, imagine for each product a customer who holds only this product. The similarity of two products is the cosine of the
 * scores of their two customers, -1 to 1. From each score, the mean over all these customers is subtracted first.
 * Products are then similar if their holders get the same recommendations. It is 0 for a product that changes no score.
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
 * Scores of each imaginary customer, less the mean score of each product over the customers who do not hold it.
 * @param scores f64[products] for each of the customers, in the order of the products that they hold
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

/** Cosine of the changes of two products, without the entries of these two products. 0 if there are no other changes. */
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
