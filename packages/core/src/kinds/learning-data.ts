import type { TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';

/** Name of the constant pseudo-product that all customers hold. It acts as the item bias. */
export const constantName = 'baseline';

/** Training data of models. */
export interface LearningData {
  /** Baskets of the products and the constant, a pseudo-product. */
  holdings: TrainingSet;
  /** Purchases of the last year in the same columns (see core's `acquiredBand`). Absent: holdings have no dates. */
  acquisitions?: TrainingSet;
  /** Purchases of the last `months` only, in kernel memory above the caller's mark. Absent: holdings have no dates. */
  recent?: (months: number) => TrainingSet;
  /**
   * Share of the last `months` that each column was on sale, counted from its first purchase: f64[columns]. Absent: holdings have
   * no dates.
   */
  partsOnSale?: (months: number) => Float64Array;
  /** One byte per column: 1 if it can be recommended. Absent: all products can. */
  candidates?: Uint8Array;
  /** One byte per column: 1 if models that count baskets or pairs count it. Absent: all products are counted. */
  counted?: Uint8Array;
  /** Weight of each recency band of the holdings. The constant's band follows them. */
  bandWeights: readonly number[];
}

/** Training data of the components of a next-purchase model. They count only recommendable products, which are a minority. */
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

/** Purchases of the last `months`, up to 12. @throws AppError config if holdings have no dates */
export function acquisitionsWithin(kind: string, data: LearningData, months: number): TrainingSet {
  const all = acquisitionsFor(kind, data);
  return months >= 12 || data.recent === undefined ? all : data.recent(months);
}

/** Value of each band, f64[256], for models in which every holding counts 1: `constant` is the value of the constant's band. */
export function bandValues({ bandWeights }: LearningData, constant: number): Float64Array {
  const value = new Float64Array(256).fill(1);
  value[bandWeights.length] = constant;
  // Model files end with a 0 for a band that no table has.
  value[bandWeights.length + 1] = 0;
  return value;
}
