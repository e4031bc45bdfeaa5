import {
  forEachRow,
  heldProducts,
  holdersByColumn,
  productCount,
  rowWeights,
  type TrainingSet,
} from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { log, log1p } from '../numbers/elementary.ts';
import { coOccurrence } from './ease.ts';
import { createLinearModel, linesOf, unitValues } from './linear-model.ts';
import type { Model } from './model.ts';

/** Similarity measure between products. */
export type Similarity = 'cosine' | 'tfidf' | 'bm25';

/** Parameters of an item neighbourhood. */
export interface ItemKnnParameters {
  similarity: Similarity;
  /**
   * Number of neighbours of each product, including the product itself; at least 1. Products as similar as the last one are
   * neighbours, too. Default 20.
   */
  neighbours?: number;
  /** BM25: saturation of repetition. Default 1.2. */
  k1?: number;
  /** BM25: damping of popular products, 0 to 1. Default .75. */
  b?: number;
}

/**
 * Fits item neighbourhoods with the semantics of `implicit` 0.7. The similarity of two products is the inner product of their
 * weighted columns over customers.
 * Each product's neighbours are its most similar products. A customer's score is the sum over their products.
 * One difference: all products tied with the last neighbour are neighbours, so that scores do not depend on the order of codes.
 * (`implicit` takes those that its heap met first.) A weight is (factor of the product) x (factor of the customer):
 *   cosine  1 / |column|, 1                         tfidf  1 / |column|, log(I) - log(1 + n)
 *   bm25    (k1 + 1) / (k1 (1 - b + b h / mean h) + 1), log(I) - log(1 + n)
 * with I products in all, n products held by the customer, and h holders of the product. Pseudo-products have no similarities.
 * @throws AppError config if a parameter is out of range
 */
export async function fitItemKnn(training: TrainingSet, parameters: ItemKnnParameters): Promise<Model> {
  const { similarity, neighbours = 20, k1 = 1.2, b = 0.75 } = parameters;
  if (!(Number.isInteger(neighbours) && neighbours >= 1)) {
    throw new AppError('config', `${similarity}: neighbours is ${neighbours}`, 'Give a whole number of at least 1.');
  }
  const { table } = training;
  const { memory, columns, pseudoColumns } = table;
  const width = columns.length;
  const products = productCount(table);
  const mark = memory.mark();
  try {
    const gram = await coOccurrence(training, customerWeights(training, similarity), unitValues());
    const product = memory.f64(gram, width * width);
    const factor =
      similarity === 'bm25'
        ? dampings(holdersByColumn(training).subarray(0, products), k1, b)
        : Float64Array.from({ length: products }, (_, i) => 1 / Math.sqrt(product[i * width + i]! || Number.POSITIVE_INFINITY));
    const matrix = new Float64Array(width * width);
    for (let j = 0; j < products; j++) {
      const line = Float64Array.from({ length: products }, (_, i) => factor[j]! * factor[i]! * product[j * width + i]!);
      for (const i of nearestNeighbours(line, neighbours)) matrix[j * width + i] = line[i]!;
    }
    const kept = similarity === 'bm25' ? { similarity, neighbours, k1, b } : { similarity, neighbours };
    const lines = linesOf(matrix, width);
    return createLinearModel({ kind: 'item-knn', columns, pseudoColumns, lines, value: unitValues(), parameters: kept });
  } finally {
    memory.release(mark);
  }
}

/** Weight of each row: multiplicity times the square of the customer's factor. */
function customerWeights(training: TrainingSet, similarity: Similarity): Float64Array {
  const weight = rowWeights(training);
  if (similarity === 'cosine') return weight;
  const { table, range } = training;
  const products = productCount(table);
  forEachRow(table, range, (entry, from, to, row) => {
    const held = heldProducts(entry, from, to, products);
    weight[row - range.from]! *= (log(products) - log1p(held)) ** 2;
  });
  return weight;
}

function dampings(count: Float64Array, k1: number, b: number): Float64Array {
  const mean = count.reduce((sum, n) => sum + n, 0) / count.length;
  return count.map((n) => (k1 + 1) / (k1 * (1 - b + (b * n) / mean) + 1));
}

/** Relative difference up to which two similarities count as equal: sums in another order differ by rounding. */
const tied = 1e-9;

/** Columns of the `count` largest positive values, and of all values tied with the last of these. */
function nearestNeighbours(values: Float64Array, count: number): number[] {
  const positive = Array.from(values.keys()).filter((i) => values[i]! > 0);
  if (positive.length <= count) return positive;
  const least = Float64Array.from(positive, (i) => values[i]!).sort()[positive.length - count]!;
  return positive.filter((i) => values[i]! >= least * (1 - tied));
}
