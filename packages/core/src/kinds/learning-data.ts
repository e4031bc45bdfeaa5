import type { TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';

/** All that models may learn from. */
export interface LearningData {
  /** Baskets: products, and the constant as a pseudo-product. */
  holdings: TrainingSet;
  /** Acquisitions of the last year in the same columns (see core's `acquiredBand`), where holdings have dates. */
  acquisitions?: TrainingSet;
  /** Those of the last months alone, where holdings have dates; in kernel memory, as long as the caller's mark. */
  recent?: (months: number) => TrainingSet;
  /** The part of the last months in which each column was on sale, as its first acquisition tells: f64[columns]; where holdings have dates. */
  partsOnSale?: (months: number) => Float64Array;
  /** One byte per column: 1 where it may be recommended; absent: all products may. */
  candidates?: Uint8Array;
  /** One byte per column: 1 where models that count baskets or pairs are to count it; absent: all products are counted. */
  counted?: Uint8Array;
  /** Weight of each recency band of the holdings; the constant's band follows them. */
  bandWeights: readonly number[];
}

/** The same for the members of a next-purchase model, which asks for no counts but those of what it may recommend: most of them are of other products. */
export function forMembers(data: LearningData): LearningData {
  return data.candidates === undefined ? data : { ...data, counted: data.candidates };
}

/** The acquisitions. @throws AppError config where holdings have no dates */
function acquisitionsFor(kind: string, { acquisitions }: LearningData): TrainingSet {
  if (acquisitions !== undefined) return acquisitions;
  throw new AppError(
    'config',
    `${kind} needs the dates of acquisitions`,
    'Name the date column of holdings, or choose another model.',
  );
}

/** The acquisitions of the last `months`, or of the year. @throws AppError config where holdings have no dates */
export function acquisitionsWithin(kind: string, data: LearningData, months: number): TrainingSet {
  const all = acquisitionsFor(kind, data);
  return months >= 12 || data.recent === undefined ? all : data.recent(months);
}

/** Values by band for models that count every holding as one: 1, and that of the constant. */
export function bandValues({ bandWeights }: LearningData, constant: number): Float64Array {
  const value = new Float64Array(256).fill(1);
  value[bandWeights.length] = constant;
  // model files have a 0 behind it, of a band that no table has
  value[bandWeights.length + 1] = 0;
  return value;
}
