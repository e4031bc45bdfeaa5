import { forEachRow, heldProducts, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { log } from '../numbers/elementary.ts';
import { coOccurrence } from './co-occurrence.ts';
import { createLinearModel, unitValues } from './linear-model.ts';
import type { Model } from './model.ts';
import { acquiredBand } from './popularity.ts';

/** Pairs of products that lifts are counted for. */
type LiftPairs =
  /** Two products held by the same customer. */
  | 'held'
  /** A held product and the product purchased next. */
  | 'next';

/** Parameters of lifts. */
export interface LiftParameters {
  pairs: LiftPairs;
  /** Pseudo-pairs that shrink each lift towards 1; > 0. */
  prior: number;
  /** Weight of a held pseudo-product by band, f64[256]; it has no lifts. Default: 1 for all. */
  value?: Float64Array;
  /** One byte per column: 1 if the column has lifts of its own. Default: all products. */
  counted?: Uint8Array | undefined;
}

/**
 * Fits lifts of pairs (S. Brin et al., Dynamic itemset counting, 1997) as a linear model. Held product j contributes to the score
 * of i
 *   log((n_ji + prior) / (e_ji + prior)),   e_ji = n_j. n_.i / n..
 * and 0 to its own score. With `held`, n_ji counts the customers with both products, each as 1 / (products held - 1).
 * With `next`, n_ji counts purchases of i by holders of j; the training table has purchases (see `acquiredBand`).
 * If held products are independent, as in naive Bayes, the score is a log ratio: the customer's probability of purchasing i over
 * that of others.
 * 0 for pairs neither observed nor expected.
 * @throws AppError config if the prior is not positive
 */
export async function fitLift(
  training: TrainingSet,
  { pairs, prior, value = unitValues(), counted }: LiftParameters,
): Promise<Model> {
  if (!(prior > 0)) throw new AppError('config', `lift: prior is ${prior}`, 'Give a number above 0; 1 to 20 are usual.');
  const { memory, columns, pseudoColumns } = training.table;
  const mark = memory.mark();
  try {
    const counts = pairs === 'held' ? await pairsHeld(training) : pairsNext(training);
    const products = productCount(training.table);
    const wanted = Array.from({ length: products }, (_, i) => i).filter((i) => counted?.[i] !== 0);
    const matrix = logLifts(counts, { products, width: columns.length, prior, wanted });
    return createLinearModel({ kind: 'lift', columns, pseudoColumns, matrix, value, parameters: { pairs, prior } });
  } finally {
    memory.release(mark);
  }
}

/**
 * Customers with both products, f64[columns x columns] in kernel memory. The pairs of one product and one customer sum to 1. The
 * diagonal is arbitrary.
 */
async function pairsHeld(training: TrainingSet): Promise<Float64Array> {
  const { table, range } = training;
  const products = productCount(table);
  const weight = rowWeights(training);
  forEachRow(table, range, (entry, from, to, row) => {
    weight[row - range.from]! /= Math.max(1, heldProducts(entry, from, to, products) - 1);
  });
  return table.memory.f64(await coOccurrence(training, weight, unitValues()), table.columns.length ** 2);
}

/** Purchases of one product by holders of another, f64[columns x columns]. */
function pairsNext(training: TrainingSet): Float64Array {
  const { table, range } = training;
  const [products, width] = [productCount(table), table.columns.length];
  const pairs = new Float64Array(width * width);
  const weight = rowWeights(training);
  forEachRow(table, range, (entry, from, to, row) => {
    for (let b = from; b < to; b++) {
      const acquired = entry[b]! >>> 8;
      if ((entry[b]! & 0xff) !== acquiredBand || acquired >= products) continue;
      for (let a = from; a < to; a++) {
        const held = entry[a]! >>> 8;
        if ((entry[a]! & 0xff) !== acquiredBand && held < products) pairs[held * width + acquired]! += weight[row - range.from]!;
      }
    }
  });
  return pairs;
}

/**
 * Logarithms of lifts of pairs, f64[width x width]. Zero on the diagonal, for pseudo-products and for columns that are not
 * counted.
 */
function logLifts(
  pairs: Float64Array,
  { products, width, prior, wanted }: { products: number; width: number; prior: number; wanted: readonly number[] },
): Float64Array {
  const [ofHeld, ofTaken] = [new Float64Array(products), new Float64Array(products)];
  let all = 0;
  for (let j = 0; j < products; j++) {
    for (let i = 0; i < products; i++) {
      if (i === j) continue;
      const count = pairs[j * width + i]!;
      ofHeld[j]! += count;
      ofTaken[i]! += count;
      all += count;
    }
  }
  const matrix = new Float64Array(width * width);
  for (let j = 0; j < products; j++) {
    for (const i of wanted) {
      if (i === j) continue;
      const expected = all === 0 ? 0 : (ofHeld[j]! * ofTaken[i]!) / all;
      matrix[j * width + i] = log((pairs[j * width + i]! + prior) / (expected + prior));
    }
  }
  return matrix;
}
