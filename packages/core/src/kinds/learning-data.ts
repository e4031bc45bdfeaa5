import type { TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';

/** Name of the constant pseudo-product that all customers hold. It acts as the item bias. */
export const constantName = 'baseline';

/** Data on which models are fitted: holdings, and purchases if holdings have dates. */
export interface LearningData {
  /** Baskets, whose columns are the products and the constant pseudo-product. */
  holdings: TrainingSet;
  /** Purchases of the last year, in the same columns. A row is a purchase (see `acquiredBand`). Absent: holdings have no dates. */
  acquisitions?: TrainingSet;
  /** Returns the purchases of the last `months` months, stored in kernel memory. The caller releases it. Absent: holdings have no dates. */
  recent?: (months: number) => TrainingSet;
  /**
   * Share of the last `months` months in which each column was on sale, f64[columns], 0 to 1. A column counts as on sale from its
   * first purchase. Absent: holdings have no dates.
   */
  partsOnSale?: (months: number) => Float64Array;
  /** One byte per column: 1 if it can be recommended. Absent: all products can be recommended. */
  candidates?: Uint8Array;
  /** One byte per column: 1 if lookup and lift models count the column. Absent: these models count all products. */
  counted?: Uint8Array;
  /** Weight of each recency band of the holdings. The band of the constant has the next number. */
  bandWeights: readonly number[];
}

/** Training data of the components of a next-purchase model. These components count only recommendable products. */
export function forMembers(data: LearningData): LearningData {
  return data.candidates === undefined ? data : { ...data, counted: data.candidates };
}

/** Purchases of the last year. @throws AppError config if holdings have no dates */
function acquisitionsFor(kind: string, { acquisitions }: LearningData): TrainingSet {
  if (acquisitions !== undefined) return acquisitions;
  throw new AppError(
    'config',
    `${kind} needs the dates of acquisitions`,
    'Name the date column of holdings, or choose another model.',
  );
}

/** Purchases of the last `months` months, at most 12. @throws AppError config if holdings have no dates */
export function acquisitionsWithin(kind: string, data: LearningData, months: number): TrainingSet {
  const all = acquisitionsFor(kind, data);
  return months >= 12 || data.recent === undefined ? all : data.recent(months);
}

/** Value of each recency band, f64[256], for models in which every holding counts 1. The band of the constant has value `constant`. */
export function bandValues({ bandWeights }: LearningData, constant: number): Float64Array {
  const value = new Float64Array(256).fill(1);
  value[bandWeights.length] = constant;
  // No table has the next band. Model files store 0 for it.
  value[bandWeights.length + 1] = 0;
  return value;
}
