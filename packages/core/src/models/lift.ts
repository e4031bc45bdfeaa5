import { forEachRow, heldProducts, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { firstAtLeast } from '../numbers/arrays.ts';
import { log } from '../numbers/elementary.ts';
import { blocksOf, type RowRange } from '../wasm/pool.ts';
import { coOccurrence } from './ease.ts';
import { CachedLines, createLinearModel, type ItemLines, type LinearModel, linearModelOf, unitValues } from './linear-model.ts';
import type { ModelState } from './model.ts';
import { acquiredBand } from './popularity.ts';

/** A model of at most this many columns is saved with its whole matrix. A larger one is saved with its counts. */
const mostStored = 2048;
/** Largest number of bytes of pair counts in memory, counted before zeros are dropped. */
const countMatrixBytes = 2 ** 26;

/** Pairs of products whose lifts are computed. */
type LiftPairs =
  /** Two products held by the same customer. */
  | 'held'
  /** A held product and the product purchased next. */
  | 'next';

/** Parameters of a fit of lifts. */
export interface LiftParameters {
  pairs: LiftPairs;
  /** Strength of the prior: pseudo-pairs that shrink each lift towards 1; > 0. */
  prior: number;
  /** Weight of a held pseudo-product by band, f64[256]; it has no lifts. Default: 1 for all. */
  value?: Float64Array;
  /** One byte per column: 1 if the column has lifts. Default: all products. */
  counted?: Uint8Array | undefined;
}

/**
 * Fits lifts of pairs (S. Brin et al., Dynamic itemset counting, 1997) as a linear model. Held product j contributes to the score
 * of i
 *   log((n_ji + prior) / (e_ji + prior)), e_ji = n_j. n_.i / n.. (a dot is a sum over i or j, without i = j)
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
): Promise<LinearModel> {
  if (!(prior > 0)) throw new AppError('config', `lift: prior is ${prior}`, 'Give a number above 0; 1 to 20 are usual.');
  const { columns, pseudoColumns } = training.table;
  const products = productCount(training.table);
  const counts = await countPairs(training, pairs);
  const wanted = Uint8Array.from({ length: products }, (_, i) => (counted?.[i] === 0 ? 0 : 1));
  return liftModel({ columns, pseudoColumns, value, parameters: { pairs, prior } }, { ...counts, wanted });
}

/** Counts of pairs of products, as a sparse matrix: rows are the first products. Without zeros and without the diagonal. */
interface PairCounts {
  /** Start of each row's pairs in `column` and `count`, u32[products + 1]. */
  start: Uint32Array;
  /** Second product of each pair, u32[pairs], ascending within a row. */
  column: Uint32Array;
  /** Weighted count of each pair, f64[pairs]. */
  count: Float64Array;
}

/** Counts from which lifts are computed. */
interface LiftCounts extends PairCounts {
  /** One byte per product: 1 if the product gets a score, 0 if it only contributes to the scores of others. */
  wanted: Uint8Array;
}

/** Linear model of counted pairs. Its matrix of log lifts is computed row by row. */
function liftModel(
  model: Pick<LinearModel, 'columns' | 'pseudoColumns' | 'value'> & { parameters: { pairs: LiftPairs; prior: number } },
  counts: LiftCounts,
): LinearModel {
  const lines = liftLines(counts, model.columns.length, model.parameters.prior);
  const stored = model.columns.length > mostStored ? { stored: () => storedCounts(counts) } : {};
  return createLinearModel({ kind: 'lift', ...model, lines, ...stored });
}

/** Matrix of the logarithms of lifts. It is 0 on the diagonal, for pseudo-products, and for columns without lifts (`wanted`). */
function liftLines({ start, column, count, wanted }: LiftCounts, width: number, prior: number): ItemLines {
  const products = wanted.length;
  const [ofHeld, ofTaken] = [new Float64Array(products), new Float64Array(products)];
  let all = 0;
  for (let j = 0; j < products; j++) {
    for (let at = start[j]!; at < start[j + 1]!; at++) {
      ofHeld[j]! += count[at]!;
      ofTaken[column[at]!]! += count[at]!;
      all += count[at]!;
    }
  }
  const logLift = (j: number, i: number, pairs: number) => {
    const expected = all === 0 ? 0 : (ofHeld[j]! * ofTaken[i]!) / all;
    return log((pairs + prior) / (expected + prior));
  };
  return new CachedLines(width, {
    write(j, line) {
      if (j >= products) return;
      for (let i = 0, at = start[j]!; i < products; i++) {
        const pairs = at < start[j + 1]! && column[at] === i ? count[at++]! : 0;
        if (wanted[i] === 1 && i !== j) line[i] = logLift(j, i, pairs);
      }
    },
    cell(j, i) {
      if (j >= products || i >= products || i === j || wanted[i] === 0) return 0;
      const at = firstAtLeast(column, i, start[j]!, start[j + 1]!);
      return logLift(j, i, at < start[j + 1]! && column[at] === i ? count[at]! : 0);
    },
  });
}

/** Counts as matrices of a model's state. */
function storedCounts({ start, column, count, wanted }: LiftCounts): ModelState['matrices'] {
  const line = (values: ArrayLike<number>) => ({ rows: 1, columns: values.length, values: Float64Array.from(values) });
  return { start: line(start), column: line(column), count: line(count), wanted: line(wanted) };
}

/** Restores a model of lifts from its `state()`. */
export function liftOf(state: ModelState): LinearModel {
  const { columns, pseudoColumns, parameters, matrices } = state;
  if (matrices.matrix !== undefined) return linearModelOf(state);
  const { pairs, prior } = parameters as { pairs: LiftPairs; prior: number };
  const value = new Float64Array(matrices.value!.values);
  return liftModel(
    { columns, pseudoColumns, value, parameters: { pairs, prior } },
    {
      start: Uint32Array.from(matrices.start!.values),
      column: Uint32Array.from(matrices.column!.values),
      count: Float64Array.from(matrices.count!.values),
      wanted: Uint8Array.from(matrices.wanted!.values),
    },
  );
}

/**
 * Function that counts the pairs whose first product is in a range: f64[range x columns] with an arbitrary diagonal. The next
 * call overwrites the result.
 */
type PairsOf = (range: RowRange) => Promise<Float64Array> | Float64Array;

/** Counts all pairs, a block of first products at a time. */
async function countPairs(training: TrainingSet, pairs: LiftPairs): Promise<PairCounts> {
  const { table } = training;
  const pairsOf = pairs === 'held' ? pairsHeld(training) : pairsNext(training);
  const [products, width] = [productCount(table), table.columns.length];
  const start = new Uint32Array(products + 1);
  const column: Uint32Array[] = [];
  const count: Float64Array[] = [];
  for (const range of blocksOf({ from: 0, to: products }, Math.max(1, Math.floor(countMatrixBytes / (8 * width))))) {
    const mark = table.memory.mark();
    const pairs = await pairsOf(range);
    for (let j = range.from; j < range.to; j++) {
      const line = pairs.subarray((j - range.from) * width, (j - range.from) * width + products);
      const paired: number[] = [];
      for (let i = 0; i < products; i++) if (i !== j && line[i] !== 0) paired.push(i);
      column.push(Uint32Array.from(paired));
      count.push(Float64Array.from(paired, (i) => line[i]!));
      start[j + 1] = start[j]! + paired.length;
    }
    table.memory.release(mark);
  }
  const all = { start, column: new Uint32Array(start[products]!), count: new Float64Array(start[products]!) };
  for (let j = 0; j < products; j++) {
    all.column.set(column[j]!, start[j]!);
    all.count.set(count[j]!, start[j]!);
  }
  return all;
}

/**
 * Pairs of products held by the same customer, in kernel memory. A customer of n products counts 1 / (n - 1) for each pair, hence
 * 1 for each held product.
 */
function pairsHeld(training: TrainingSet): PairsOf {
  const { table, range } = training;
  const products = productCount(table);
  const weight = rowWeights(training);
  forEachRow(table, range, (entry, from, to, row) => {
    weight[row - range.from]! /= Math.max(1, heldProducts(entry, from, to, products) - 1);
  });
  return async (lines) => {
    const pairCounts = await coOccurrence(training, weight, unitValues(), lines);
    return table.memory.f64(pairCounts, (lines.to - lines.from) * table.columns.length);
  };
}

/** Pairs of a held product and the product that its holder purchased next. */
function pairsNext(training: TrainingSet): PairsOf {
  const { table, range } = training;
  const [products, width] = [productCount(table), table.columns.length];
  const weight = rowWeights(training);
  return (lines) => {
    const pairs = new Float64Array((lines.to - lines.from) * width);
    forEachRow(table, range, (entry, from, to, row) => {
      for (let b = from; b < to; b++) {
        const acquired = entry[b]! >>> 8;
        if ((entry[b]! & 0xff) !== acquiredBand || acquired >= products) continue;
        for (let a = from; a < to; a++) {
          const held = entry[a]! >>> 8;
          if ((entry[a]! & 0xff) === acquiredBand || held < lines.from || held >= lines.to) continue;
          pairs[(held - lines.from) * width + acquired]! += weight[row - range.from]!;
        }
      }
    });
    return pairs;
  };
}
