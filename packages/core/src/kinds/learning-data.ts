import type { TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';

/** Name of the constant pseudo-product, which all customers hold: the item bias. */
export const constantName = 'baseline';

/** Training data of models. */
export interface LearningData {
  /** Baskets: products, and the constant as a pseudo-product. */
  holdings: TrainingSet;
  /** Purchases of the last year in the same columns (see core's `acquiredBand`), if holdings have dates. */
  acquisitions?: TrainingSet;
  /** Purchases of the last months alone, if holdings have dates; in kernel memory, as long as the caller's mark. */
  recent?: (months: number) => TrainingSet;
  /** Share of the last months in which each column was on sale, counted from its first purchase: f64[columns]; if holdings have dates. */
  partsOnSale?: (months: number) => Float64Array;
  /** One byte per column: 1 if it may be recommended; absent: all products may. */
  candidates?: Uint8Array;
  /** One byte per column: 1 if models that count baskets or pairs count it; absent: all products are counted. */
  counted?: Uint8Array;
  /** Weight of each recency band of the holdings; the constant's band follows them. */
  bandWeights: readonly number[];
}

/**
 * The same for the components of a next-purchase model, which needs counts only of recommendable products; most products are not
 * recommendable.
 */
export function forMembers(data: LearningData): LearningData {
  return data.candidates === undefined ? data : { ...data, counted: data.candidates };
}

/** The purchases. @throws AppError config if holdings have no dates */
function acquisitionsFor(kind: string, { acquisitions }: LearningData): TrainingSet {
  if (acquisitions !== undefined) return acquisitions;
  throw new AppError(
    'config',
    `${kind} needs the dates of acquisitions`,
    'Name the date column of holdings, or choose another model.',
  );
}

/** The purchases of the last `months`, or of the year. @throws AppError config if holdings have no dates */
export function acquisitionsWithin(kind: string, data: LearningData, months: number): TrainingSet {
  const all = acquisitionsFor(kind, data);
  return months >= 12 || data.recent === undefined ? all : data.recent(months);
}

/** Values by band for models that count every holding as one: 1, and the constant's value. */
export function bandValues({ bandWeights }: LearningData, constant: number): Float64Array {
  const value = new Float64Array(256).fill(1);
  value[bandWeights.length] = constant;
  // model files end with a 0 for a band that no table has
  value[bandWeights.length + 1] = 0;
  return value;
}
